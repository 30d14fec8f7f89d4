"""A TCP proxy that cuts, stalls, delays and resets the connections that pass through it, by a seeded chance; or one that
is far away."""
import queue, random, socket, struct, threading, time


class Proxy:
    """Listens on a loopback port and forwards to a server, until `close`.

    `harm` is the share of connections that something happens to; what and after how many bytes is drawn anew for each.
    With `down` set, every connection is reset at once.
    """

    def __init__(self, host, port, seed=0, harm=0.0, stall=30.0):
        self.target, self.harm, self.stall, self.down = (host, port), harm, stall, False
        self.random = random.Random(seed)
        self.counts = {"whole": 0, "cut": 0, "reset": 0, "stall": 0, "delay": 0}
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.closed = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.closed.is_set():
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.down:
                self.reset(client)
                continue
            try:
                server = socket.create_connection(self.target, timeout=10)
            except OSError:
                self.reset(client)
                continue
            server.settimeout(None)
            with self.lock:
                harm = self.random.choice(["cut", "reset", "stall", "delay"]) if self.random.random() < self.harm else "whole"
                # Small numbers hit the handshake and the first statements, large ones the middle of the rows.
                after = int(10 ** self.random.uniform(1, 6.3))
                self.counts[harm] += 1
            state = {"left": after, "harm": harm}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.forward, args=(source, sink, state), daemon=True).start()

    def forward(self, source, sink, state):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                if state["harm"] != "whole":
                    state["left"] -= len(data)
                    if state["left"] < 0:
                        if state["harm"] == "delay":
                            time.sleep(min(0.02, self.stall))
                        elif state["harm"] == "stall":
                            self.closed.wait(self.stall)
                            break
                        else:
                            sink.sendall(data[:max(1, len(data) // 2)])
                            if state["harm"] == "reset":
                                self.reset(source)
                                self.reset(sink)
                                return
                            break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    @staticmethod
    def reset(end):
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()
        except OSError:
            pass

    def close(self):
        self.closed.set()
        self.listener.close()


class DistantProxy:
    """Forwards to a server as if that were far away: each round trip takes `round_trip` seconds more, and each connection
    carries at most `rate` bytes a second each way."""

    def __init__(self, host, port, round_trip=0.02, rate=25e6):
        self.target, self.one_way, self.rate = (host, port), round_trip / 2, rate
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client):
        time.sleep(2 * self.one_way)  # the handshake of TCP
        try:
            server = socket.create_connection(self.target, timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, sink in ((client, server), (server, client)):
            waiting = queue.Queue(maxsize=256)
            threading.Thread(target=self.take, args=(source, waiting), daemon=True).start()
            threading.Thread(target=self.give, args=(sink, waiting), daemon=True).start()

    def take(self, source, waiting):
        free = 0.0
        while True:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            free = max(free, time.monotonic()) + len(data) / self.rate
            waiting.put((free + self.one_way, data))
            if not data:
                return

    @staticmethod
    def give(sink, waiting):
        while True:
            due, data = waiting.get()
            pause = due - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            try:
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                sink.sendall(data)
            except OSError:
                while data:  # the other thread must not wait for room
                    data = waiting.get()[1]
                return

    def close(self):
        self.listener.close()
