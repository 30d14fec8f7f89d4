"""First loads of one large table: killed again and again, and under writers that never pause."""
import json, os, random, shutil, signal, subprocess, tempfile, threading, time

from fleet import ORDERS, Fleet, Server

# Balance-preserving transfers: whatever instant is looked at, the amounts add up. A writer that is behind its pace does not wait.
TRANSFER = """create procedure transfer(first int, last int, pace int) begin
  declare turn datetime(6) default sysdate(6);
  while not exists (select 1 from ended) do
    set @a = first + floor(rand() * (last - first)), @b = first + floor(rand() * (last - first)), @c = 1 + floor(rand() * 9);
    start transaction;
    update orders set amount = amount - @c where id = @a;
    update orders set amount = amount + @c where id = @b;
    commit;
    set turn = greatest(turn + interval 1000000 / pace microsecond, sysdate(6) - interval 20000 microsecond);
    do sleep(greatest(timestampdiff(microsecond, sysdate(6), turn), 0) / 1000000);
  end while;
end"""


class Shop:
    """One server with one client and one table of many rows that are older than an hour."""

    def __init__(self, rows, limits, flags=(), grants=(), connection=()):
        self.rows, self.limits = rows, limits
        self.root = tempfile.mkdtemp(prefix="trib-load-")
        self.server = Server(self.root, "eu", pool="512M", flags=flags)
        self.server.run(["create user sync@localhost identified by 'secret'", "grant process on *.* to sync@localhost",
                         "create database shop_1 character set utf8mb4", "grant select on shop_1.* to sync@localhost", *grants])
        self.server.run([ORDERS, "create table ended (id int)"], "shop_1")
        for first in range(1, rows + 1, 250_000):
            self.server.run(["set timestamp = unix_timestamp() - 7200", Fleet.insert_orders(first, min(250_000, rows + 1 - first)),
                             "set timestamp = default"], "shop_1")
        self.server.run(["analyze table orders"], "shop_1")
        self.lake = os.path.join(self.root, "lake")
        self.config = os.path.join(self.root, "sync.json")
        json.dump({"clients": [{"client_id": "1", "region": "eu", "connection": "eu"}]}, open(os.path.join(self.root, "roster.json"), "w"))
        json.dump({"lake": "lake", "roster": "roster.json",
                   "connections": {"eu": {"socket": self.server.socket, "user": "sync", "password": {"env": "SYNC_PASSWORD"}, **dict(connection)}},
                   "schemas": {"shop": {"database": "shop_{client_id}"}},
                   "tables": [{"schema": "shop", "name": "orders", "cursor": "update_timestamp"}], "limits": limits}, open(self.config, "w"))
        os.environ["SYNC_PASSWORD"] = "secret"

    def command(self, tool, verb, *options):
        return [tool, verb, "--config", self.config, "--region", "all", *options]

    def run(self, tool, verb="run", *options):
        done = subprocess.run(self.command(tool, verb, *options), capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, (verb, done.stdout[-1500:], done.stderr[-1500:])
        return done.stdout

    def task(self, tool):
        return json.loads(self.run(tool, "run", "--json"))["tasks"][0]

    def ask(self, sql):
        connection = self.server.connect("shop_1")
        with connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
        connection.close()
        return row

    def sent(self):
        """The rows that the server has sent so far, to anybody."""
        return int(self.ask("show global status like 'Rows_sent'")[1])

    def progress(self):
        """The rows that the log says are loaded, and the versions of the table."""
        log = os.path.join(self.lake, "shop", "orders", "_delta_log")
        rows, files = 0, sorted(f for f in os.listdir(log) if f.endswith(".json"))
        for file in files:
            for line in open(os.path.join(log, file)):
                txn = json.loads(line).get("txn")
                if txn and txn["appId"].endswith("/rows"):
                    rows = txn["version"]
        return rows, len(files)

    def lake_sums(self):
        """Rows, distinct keys and sums, by an engine of others."""
        import pyarrow.compute as pc
        from deltalake import DeltaTable
        table = DeltaTable(os.path.join(self.lake, "shop", "orders")).to_pyarrow_dataset().to_table(columns=["id", "amount", "customer_id"])
        return (table.num_rows, pc.count_distinct(table["id"]).as_py(), pc.sum(table["id"]).as_py(), pc.sum(table["amount"]).as_py(),
                pc.sum(table["customer_id"]).as_py())

    def source_sums(self):
        row = self.ask("select count(*), count(distinct id), sum(id), sum(amount), sum(customer_id) from orders")
        return (row[0], row[1], int(row[2]), row[3], int(row[4]))

    def expect_equal(self, tool):
        assert self.lake_sums() == self.source_sums(), (self.lake_sums(), self.source_sums())
        self.run(tool, "verify")

    def close(self):
        self.server.stop()
        shutil.rmtree(self.root, ignore_errors=True)


def killed_load(tool, options):
    """A load that is killed ten times reads again only the chunks that were open at each kill, and ends equal."""
    generator = random.Random(options.seed)
    kills, readers = 10, 2
    chunk = max(options.load_rows // 60, 1000)
    # Paced, so that a quick machine is killed as often as a slow one.
    pace = {"rowsPerSecond": options.load_rows // 8}
    shop = Shop(options.load_rows, {"chunkRows": chunk, "loadConnections": readers}, connection=pace)
    try:
        shop.run(tool, "prepare")
        before = shop.sent()
        rows_at_kills = []
        for _ in range(kills):
            done, versions = shop.progress()
            process = subprocess.Popen(shop.command(tool, "run"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wanted = versions + generator.randrange(1, 4)
            while process.poll() is None and shop.progress()[1] < wanted:
                time.sleep(0.002)
            time.sleep(generator.random() * 0.05)
            process.kill()
            assert process.wait() != 0, "the load ended before it could be killed"
            rows_at_kills.append(shop.progress()[0])
            assert rows_at_kills[-1] >= done
        # What changes meanwhile is brought by the next run.
        shop.server.run(["update orders set amount = amount + 1 where id % 1000 = 1",
                         Fleet.insert_orders(options.load_rows + 1, 100)], "shop_1")
        task = shop.task(tool)
        load = task["load"]
        assert load["rowsBefore"] == rows_at_kills[-1], (load, rows_at_kills)
        assert task["rowsRead"] == options.load_rows - rows_at_kills[-1], task
        assert not load["isOneInstant"] and load["consistency"].startswith("not one instant: the load was broken off"), load
        sent = shop.sent() - before
        # Open at a kill: what each reader reads, and what waits for an earlier chunk to be committed.
        bound = options.load_rows + kills * 2 * readers * chunk + 1000 * kills
        assert sent <= bound, (sent, bound)
        second = shop.task(tool)
        assert second["rowsInserted"] == 100 and second["rowsRead"] == 100 + len(range(1, options.load_rows + 1, 1000)), second
        shop.expect_equal(tool)
        again = (sent - options.load_rows) / kills
        return (f"{options.load_rows} rows, {kills} kills: {again / chunk:.1f} chunks of {chunk} rows read again a kill, "
                f"{sent / options.load_rows:.2f} x the rows sent in all")
    finally:
        shop.close()


def cancelled_load(tool, options):
    """A load that is told to stop ends within a second or so, leaves nothing at the server, and is gone on with."""
    shop = Shop(options.load_rows, {"chunkRows": max(options.load_rows // 60, 1000), "loadConnections": 4})
    try:
        shop.run(tool, "prepare")
        longest = 0
        for number in range(3):
            done, versions = shop.progress()
            process = subprocess.Popen(shop.command(tool, "run"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            while process.poll() is None and shop.progress()[1] < versions + 2:
                time.sleep(0.002)
            begin = time.time()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            left = shop.ask("select count(*) from information_schema.processlist where user = 'sync'")[0]
            while left and time.time() - begin < 60:
                time.sleep(0.01)
                left = shop.ask("select count(*) from information_schema.processlist where user = 'sync'")[0]
            longest = max(longest, time.time() - begin)
            assert process.returncode != 0 and shop.progress()[0] > done
        # A second on a machine that does nothing else.
        assert longest < 10, longest
        task = shop.task(tool)
        assert task["load"]["rowsBefore"] + task["rowsRead"] == options.load_rows, task
        shop.expect_equal(tool)
        return f"process and sessions gone {longest:.2f} s after the signal at most"
    finally:
        shop.close()


def load_under_writers(tool, options):
    """Loads on four connections under writers: consistent, and said so, by binlog or lock; else not one instant, and made good."""
    said = []
    cases = [("binlog", ["--log-bin=log", "--server-id=1", "--sync-binlog=0"], [], {}),
             ("lock", [], ["grant lock tables on shop_1.* to sync@localhost"], {"snapshotLock": "table"}),
             ("neither", [], [], {})]
    for name, flags, grants, connection in cases:
        shop = Shop(options.load_rows, {"chunkRows": max(options.load_rows // 24, 1000), "loadConnections": 4, "tasks": 5}, flags, grants, connection)
        try:
            shop.server.run([TRANSFER], "shop_1")
            shop.run(tool, "prepare")
            total = shop.ask("select sum(amount) from orders")[0]
            writers = [threading.Thread(target=shop.server.run, args=([f"call transfer(1, {options.load_rows}, 560)"], "shop_1")) for _ in range(4)]
            for writer in writers:
                writer.start()
            try:
                time.sleep(0.5)
                commits, begin = int(shop.ask("show global status like 'Com_commit'")[1]), time.time()
                task = shop.task(tool)
                seconds = time.time() - begin
                rate = (int(shop.ask("show global status like 'Com_commit'")[1]) - commits) / seconds
            finally:
                shop.server.run(["insert into ended values (1)"], "shop_1")
                for writer in writers:
                    writer.join()
            load = task["load"]
            assert load["connections"] == 4 and task["rowsInserted"] == options.load_rows, task
            sums = shop.lake_sums()
            if name == "neither":
                assert not load["isOneInstant"] and load["consistency"].startswith("not one instant"), load
                assert any(w.startswith("not one instant") for w in task["warnings"]), task
            else:
                assert load["isOneInstant"], load
                assert sums[0] == sums[1] == options.load_rows and sums[3] == total, (sums, total)
            shop.task(tool)
            shop.expect_equal(tool)
            said.append(f"{name}: {rate:.0f} transactions/s, {load['consistency'].split(':')[0]}"
                        + ("" if sums[3] == total else f", off by {abs(sums[3] - total)} until the next run"))
        finally:
            shop.close()
    return "; ".join(said)
