"""Two hundred clients on three servers from one configuration, beside one of two million rows. Used by soak.py.

TRIBUTARY_FLEET_CLIENTS and TRIBUTARY_FLEET_ROWS make it smaller.
"""
import json, os, subprocess, threading, time

from fleet import Fleet, ORDERS

NOTES = """create table notes (id bigint not null primary key, order_id bigint not null, body varchar(200) null,
 changed timestamp(6) not null default current_timestamp(6) on update current_timestamp(6), key (changed))"""
CUSTOMERS = """create table customers (id int not null primary key, email varchar(80) null, name varchar(60) not null,
 updated_at timestamp not null default current_timestamp on update current_timestamp, key (updated_at))"""
TAXES = "create table taxes (country char(2) not null, kind varchar(10) not null, rate decimal(5,3) not null, primary key (country, kind))"
COLUMNS = {"orders": "id, customer_id, amount, status, note, weight, placed_at, update_timestamp", "customers": "id, email, name, updated_at",
           "taxes": "country, kind, rate", "notes": "id, order_id, body, changed"}
ORDER = {"orders": "id", "customers": "id", "taxes": "country, kind", "notes": "id"}


class Counter:
    """How many connections a server has besides this one, as it counts them itself; the most while it is open."""

    def __init__(self, server):
        self.connection, self.most, self.looks, self.closed = server.connect(), 0, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.closed.wait(0.01):
            with self.connection.cursor() as cursor:
                cursor.execute("show global status like 'Threads_connected'")
                self.most = max(self.most, int(cursor.fetchone()[1]) - 1)
                self.looks += 1

    def close(self):
        self.closed.set()
        self.thread.join()
        self.connection.close()
        return self.most


def duckdb():
    import fleet_scenarios
    return fleet_scenarios.duckdb()


def compare(fleet, clients, lake):
    """Every row and column of every client; a query a table at the lake, one a client at the sources, both in key order."""
    engine, compared = duckdb(), 0
    for table, columns in COLUMNS.items():
        plain = ", ".join(f"{c}::timestamp" if c in ("update_timestamp", "updated_at", "changed") else c for c in columns.split(", "))
        found = engine.execute(f"select region, client_id, {plain} from delta_scan('{os.path.join(lake, 'shop', table)}') "
                               f"order by region, client_id, {ORDER[table]}")
        waiting, position = [], 0

        def next_row():
            nonlocal waiting, position
            if position == len(waiting):
                waiting, position = found.fetchmany(50_000), 0
                if not waiting:
                    return None
            position += 1
            return waiting[position - 1]

        for region, client in sorted(clients):
            connection = fleet.servers[region].connect(f"shop_{client}")
            import pymysql
            with connection.cursor(pymysql.cursors.SSCursor) as cursor:
                # Bytes decide the order, as at the lake.
                cursor.execute(f"select {columns} from {table} order by " + ", ".join(
                    f"cast({k} as binary)" if table == "taxes" else k for k in ORDER[table].split(", ")))
                for row in cursor:
                    mine = next_row()
                    assert mine is not None and mine[:2] == (region, client) and mine[2:] == tuple(row), (table, client, mine, row)
                    compared += 1
            connection.close()
        assert next_row() is None, f"{table} has more rows than its sources"
    return compared


def versions(lake):
    return {table: len([n for n in os.listdir(os.path.join(lake, "shop", table, "_delta_log")) if n.endswith(".json") and n[:20].isdigit()])
            for table in COLUMNS}


def whole_fleet(tool, options):
    """A first run, one after changes at a tenth of the clients, one with nothing: equal rows, few versions, no more connections than the
    budget as the servers count them, and small clients that end as if the large one were not there."""
    count = int(os.environ.get("TRIBUTARY_FLEET_CLIENTS", "200"))
    rows = int(os.environ.get("TRIBUTARY_FLEET_ROWS", "2000000"))
    budget = 4
    fleet = Fleet(rows=1, clients=0)
    regions = list(fleet.servers)
    clients = [(regions[n % 3], f"c{n:03}") for n in range(count)]
    large = clients[0]
    try:
        for region, client in clients:
            server = fleet.servers[region]
            server.run([f"create database shop_{client} character set utf8mb4", f"grant select on shop_{client}.* to sync@localhost"])
            server.run([ORDERS, CUSTOMERS, TAXES, NOTES, Fleet.insert_orders(1, 100),
                        "insert into customers (id, email, name) select seq, concat('p', seq, '@example.org'), concat('Name ', seq) from seq_1_to_20",
                        "insert into taxes values ('DE','full',19.000),('DE','low',7.000),('FR','full',20.000)",
                        "insert into notes (id, order_id, body) select seq, seq * 3, concat('body ', seq) from seq_1_to_30"], f"shop_{client}")
        json.dump({"clients": [{"client_id": c, "region": r, "connection": r} for r, c in clients]}, open(os.path.join(fleet.root, "roster.json"), "w"))
        settings = json.load(open(fleet.config))
        settings.update(clients={}, limits={"tasks": 3 * budget, "tasksPerHost": budget}, tables=[
            {"schema": "shop", "name": "orders", "cursor": "update_timestamp"}, {"schema": "shop", "name": "customers"},
            {"schema": "shop", "name": "taxes", "cursor": None}, {"schema": "shop", "name": "notes"}])

        def run(lake, verb="run"):
            json.dump({**settings, "lake": lake}, open(fleet.config, "w"))
            counters = {region: Counter(server) for region, server in fleet.servers.items()}
            begin = time.time()
            done = subprocess.run(fleet.command(tool, verb, "--region", "all", "--json"), capture_output=True, text=True, timeout=3600)
            seconds = time.time() - begin
            most = {region: counter.close() for region, counter in counters.items()}
            assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
            assert max(most.values()) <= budget, f"{verb}: connections {most}, the budget is {budget}"
            return (json.loads(done.stdout) if verb == "run" else None), seconds, most

        def late(report):
            ends = sorted(t["startedAfter"] + t["seconds"] for t in report["tasks"] if (t["region"], t["client"]) != large)
            return ends[len(ends) * 95 // 100]

        lake = os.path.join(fleet.root, "alone")
        run("alone", "prepare")
        report, _, _ = run("alone")
        alone = late(report)
        assert max(versions(lake).values()) - 1 <= max(1, count // 10), versions(lake)
        fleet.servers[large[0]].run([Fleet.insert_orders(101, rows - 100), "analyze table orders"], f"shop_{large[1]}")
        lake = os.path.join(fleet.root, "beside")
        run("beside", "prepare")
        before, said = versions(lake), []
        for step in ("first", "changes", "nothing"):
            if step == "changes":
                time.sleep(1.1)
                for region, client in clients[::max(1, count // 20)]:
                    fleet.servers[region].run(["update orders set amount = amount + 1, status = 'changed' where id % 7 = 0 and id <= 100",
                                               "insert into orders (customer_id, amount, status) values (1, 2, 'new')",
                                               "update customers set name = concat(name, '!') where id = 5", "delete from taxes where country = 'FR'",
                                               "replace into notes (id, order_id, body) values (31, 1, 'more'), (2, 6, null)"], f"shop_{client}")
            report, seconds, most = run("beside")
            assert len(report["tasks"]) == 4 * count and report.get("tasksNotStarted", 0) == 0
            if step == "first":
                beside = late(report)
            now = versions(lake)
            added = {table: now[table] - before[table] for table in now}
            before = now
            if step == "changes":
                touched = {t["client"] for t in report["tasks"] if t["outcome"] == "merged"}
                assert touched == {client for _, client in clients[::max(1, count // 20)]}, touched
            if step == "nothing":
                assert all(t["outcome"] == "unchanged" for t in report["tasks"]) and not any(added.values()), added
            # Each chunk of the large client's first load is a commit of its own, so that it is not read again.
            chunks = sum((t.get("load") or {}).get("chunks", 0) for t in report["tasks"] if t["table"] == "orders")
            assert max({**added, "orders": added["orders"] - chunks}.values()) <= max(1, count // 10), f"{step}: versions {added}, {chunks} chunks"
            compared = compare(fleet, clients, lake)
            said.append(f"{step} {seconds:.0f} s, versions at most {max(added.values())}, connections at most {max(most.values())}")
        assert beside <= alone * 1.3, f"95th percentile {beside:.2f} s beside the large client, {alone:.2f} s alone"
        return "; ".join(said) + f"; {compared} rows equal; 95th percentile of small clients {alone:.2f} s alone, {beside:.2f} s beside"
    finally:
        fleet.close()
