"""Secrets, least privileges, checks before a run, and a server that asks for a file of this machine."""
import json, os, secrets, socket, subprocess, threading

from faults import free_port
from fleet import Fleet
from proxy import Proxy


class Canary:
    """A secret, and everything that was printed while it was in use."""

    def __init__(self):
        self.secret = "canary" + secrets.token_hex(12)
        self.outputs = []

    def call(self, fleet, tool, verb, *options, check=None, environment=None):
        done = subprocess.run([tool, verb, "--config", fleet.config, "--region", "all", *options], capture_output=True, text=True,
                              env={**os.environ, **(environment or {})}, timeout=300)
        self.outputs.append(f"{verb} {options}: {done.stdout}{done.stderr}")
        assert check is None or done.returncode == check, (verb, options, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    def verify(self, folder, *but):
        for output in self.outputs:
            assert self.secret not in output, output[:3000]
        files = 0
        for path, folders, names in os.walk(folder):
            folders[:] = [f for f in folders if os.path.join(path, f) not in but]
            for name in names:
                file = os.path.join(path, name)
                if file not in but and not os.path.islink(file) and os.path.isfile(file):
                    files += 1
                    assert self.secret.encode() not in open(file, "rb").read(), file
        return files


def secrets_and_grants(tool, options):
    """Accounts made of the printed grants do the whole job; the secret shows in no output, log, report, state or file."""
    from soak import equal
    canary = Canary()
    fleet = Fleet(rows=300, clients=2, ports=[free_port() for _ in range(3)])
    try:
        secret_file = os.path.join(fleet.root, "password")
        open(secret_file, "w").write(canary.secret + "\n")
        os.environ["CANARY"] = canary.secret
        settings = json.load(open(fleet.config))
        for region, server in fleet.servers.items():
            settings["connections"][region] = {"host": "127.0.0.1", "port": server.port, "user": "least",
                                               "password": {"file": "password"} if region == "eu" else {"env": "CANARY"}}
        json.dump(settings, open(fleet.config, "w"))
        printed = canary.call(fleet, tool, "grants", "--from", "127.0.0.1", check=0)
        for part in printed.split("-- ")[1:]:
            region = part.split(":")[0]
            fleet.servers[region].run([s.replace("<password>", canary.secret) for s in part.split("\n")[1:] if s.strip()])
        for region, server in fleet.servers.items():
            connection = server.connect()
            with connection.cursor() as cursor:
                cursor.execute("show grants for least@'127.0.0.1'")
                held = {row[0].split(" ON ")[0] for row in cursor.fetchall()}
                assert held == {"GRANT SELECT", "GRANT PROCESS"}, held
        report = json.loads(canary.call(fleet, tool, "check", "--json", check=0))
        for client in report["clients"]:
            guarantees = {t["table"]: t["guarantee"] for t in client["tables"]}
            assert guarantees == {"shop.orders": "proven", "shop.customers": "proven", "shop.taxes": "compared"}, client
        canary.call(fleet, tool, "check", "--verbose", check=0)
        canary.call(fleet, tool, "prepare", "--verbose", check=0)
        report_file = os.path.join(fleet.root, "report.json")
        canary.call(fleet, tool, "run", "--verbose", "--report", report_file, check=0)
        equal(fleet)
        # What fails must not tell either: wrong and missing secrets, refused TLS, broken connections, a server that is gone.
        canary.call(fleet, tool, "run", "--verbose", environment={"CANARY": "not" + canary.secret[:4]}, check=1)
        open(secret_file, "w").write(canary.secret + "x")
        canary.call(fleet, tool, "run", "--verbose", "--json", check=1)
        canary.call(fleet, tool, "check", "--verbose", "--json", check=1)
        open(secret_file, "w").write(canary.secret)
        settings["connections"]["us"]["tls"] = "required"
        proxy = Proxy("127.0.0.1", fleet.servers["ap"].port, seed=3, harm=1.0, stall=3)
        settings["connections"]["ap"].update(port=proxy.port, readTimeoutSeconds=1)
        settings["limits"].update(attempts=2, taskSeconds=20)
        json.dump(settings, open(fleet.config, "w"))
        canary.call(fleet, tool, "run", "--verbose", "--report", report_file)
        canary.call(fleet, tool, "check", "--verbose")
        proxy.close()
        # A secret in the wrong place of the file is refused without being shown.
        settings["connections"]["eu"]["password"] = canary.secret
        json.dump(settings, open(fleet.config, "w"))
        canary.call(fleet, tool, "run", "--verbose", check=1)
        os.remove(fleet.config)
        canary.call(fleet, tool, "status")
        files = canary.verify(fleet.root, secret_file, *(s.folder for s in fleet.servers.values()))
        return f"{len(canary.outputs)} outputs and {files} files without the secret"
    finally:
        fleet.close()


def checks(tool, options):
    """Each thing that weakens a guarantee or keeps a run from working is named by the check, with the guarantee that is left."""
    canary = Canary()
    fleet = Fleet(rows=20, clients=2)
    try:
        names = {c: d for _, c, d in fleet.clients}
        fleet.servers["eu"].run(["revoke process on *.* from sync@localhost"])
        fleet.servers["us"].run(["alter table orders drop key ix_update", "alter table customers engine = MyISAM",
                                 "drop table taxes"], names["us0"])
        fleet.servers["us"].run(["delete from orders", "create table regions (id int primary key)",
                                 "alter table customers modify updated_at timestamp not null default current_timestamp",
                                 "alter table orders add constraint far foreign key (customer_id) references regions (id) on update cascade",
                                 "alter table taxes drop primary key"], names["us1"])
        fleet.servers["ap"].stop()
        report = json.loads(canary.call(fleet, tool, "check", "--json", check=1))
        clients = {c["client"]: c for c in report["clients"]}

        def table(client, name):
            found = next(t for t in clients[client]["tables"] if t["table"] == f"shop.{name}")
            return found.get("guarantee"), {(f["severity"], f["topic"]) for f in found["findings"]} - {("note", "deletions")}

        def topics(client):
            return {(f["severity"], f["topic"]) for f in clients[client]["findings"]}

        assert ("warning", "privileges") in topics("eu0"), clients["eu0"]
        assert table("eu0", "orders") == ("bounded(3600 s)", set()), table("eu0", "orders")
        assert table("us0", "orders") == ("digestOnly", {("warning", "index")}), table("us0", "orders")
        assert table("us0", "customers") == ("bounded(3600 s)", {("warning", "engine")}), table("us0", "customers")
        assert table("us0", "taxes") == (None, {("error", "table")}), table("us0", "taxes")
        assert table("us1", "orders") == ("proven", {("warning", "cascade")}), table("us1", "orders")
        assert table("us1", "customers")[0] == "compared", table("us1", "customers")
        assert table("us1", "taxes") == (None, {("error", "table")}), table("us1", "taxes")
        assert topics("ap0") == {("error", "connection")} and clients["ap0"]["tables"] == [], clients["ap0"]
        text = canary.call(fleet, tool, "check", check=1)
        for word in ("CREATE INDEX", "GRANT PROCESS", "unreachable", "MyISAM", "foreign key far", "no such table", "keys"):
            assert word in text, (word, text)
        return text.strip().split("\n")[-1]
    finally:
        fleet.close()


def hostile_server(tool, options):
    """A server, or somebody on the way, that answers a statement by asking for a file gets no byte of it."""
    fleet = Fleet(rows=5, clients=1, ports=[free_port() for _ in range(3)])
    try:
        canary = Canary()
        wanted = os.path.join(fleet.root, "wanted")
        open(wanted, "w").write(canary.secret)
        received, asked = bytearray(), []
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(client,), daemon=True).start()

        def talk(client):
            server = socket.create_connection(("127.0.0.1", fleet.servers["eu"].port))

            def back():
                while data := server.recv(65536):
                    client.sendall(data)
            threading.Thread(target=back, daemon=True).start()
            while data := client.recv(65536):
                # A statement as text: a first packet of its exchange with command 3.
                if len(data) > 5 and data[3] == 0 and data[4] == 3:
                    asked.append(bytes(data[5:60]))
                    request = b"\xfb" + wanted.encode()
                    client.sendall(len(request).to_bytes(3, "little") + b"\x01" + request)
                    client.settimeout(3)
                    try:
                        while more := client.recv(65536):
                            received.extend(more)
                    except OSError:
                        pass
                    client.close()
                    return
                server.sendall(data)

        threading.Thread(target=serve, daemon=True).start()
        fleet.servers["eu"].run(["create user sync@'127.0.0.1' identified by 'secret'", "grant select, process on *.* to sync@'127.0.0.1'"])
        settings = json.load(open(fleet.config))
        settings["connections"]["eu"] = {"host": "127.0.0.1", "port": listener.getsockname()[1], "user": "sync",
                                         "password": {"env": "SYNC_PASSWORD"}, "readTimeoutSeconds": 2}
        settings["limits"].update(attempts=1)
        json.dump(settings, open(fleet.config, "w"))
        output = canary.call(fleet, tool, "check", "--client", "eu0", check=1)
        assert asked, output
        assert canary.secret.encode() not in bytes(received), "the file was sent"
        listener.close()
        return f"asked {len(asked)} times, {len(received)} bytes came, none of the file"
    finally:
        fleet.close()
