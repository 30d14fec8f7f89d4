"""Scenarios of tables that change their columns, and of ways of writing. Used by soak.py."""
import collections, json, os, random, shutil, tempfile, time

from fleet import Fleet, Server
from fleet_scenarios import command, edit, equal, ok, rows

PARTS = """create table parts (id bigint not null primary key, code int not null, price decimal(10,2) null, name varchar(40) null,
 vat_id varchar(20) null, note varchar(60) null,
 update_timestamp timestamp(6) not null default current_timestamp(6) on update current_timestamp(6), key (update_timestamp))"""

# What is done to a database, the difference that the report must name, and what becomes of the task.
DRIFTS = {
    "added": ("alter table parts add column colour varchar(20) null, add index (colour)", ("added", "colour"), "ignored"),
    "dropped": ("alter table parts drop column note", ("dropped", "note"), "ignored"),
    "renamed": ("alter table parts change vat_id tax_id varchar(20) null", ("renamed", "tax_id"), "failed"),
    "widened": ("alter table parts modify code bigint not null", ("widened", "code"), "failed"),
    "narrowed": ("alter table parts modify name varchar(30) null", ("narrowed", "name"), "ignored"),
    "collation": ("alter table parts modify name varchar(40) character set latin1 null", ("collation", "name"), "ignored"),
}


class ManyClients:
    """One server with a database for each client, all with one table."""

    def __init__(self, count, table):
        self.root = tempfile.mkdtemp(prefix="trib-drift-")
        self.server = Server(self.root, "eu")
        self.clients = [str(number) for number in range(1, count + 1)]
        statements = ["create user sync@localhost identified by 'secret'", "grant process on *.* to sync@localhost"]
        for client in self.clients:
            statements += [f"create database shop_{client} character set utf8mb4", f"grant select on shop_{client}.* to sync@localhost",
                           f"use shop_{client}", PARTS,
                           "insert into parts (id, code, price, name, vat_id, note) select seq, seq, seq / 4, concat('part ', seq), "
                           "concat('V', seq), 'first' from seq_1_to_20"]
        self.server.run(statements)
        self.lake = os.path.join(self.root, "lake")
        self.config = os.path.join(self.root, "sync.json")
        json.dump({"clients": [{"client_id": c, "region": "eu", "connection": "eu"} for c in self.clients]},
                  open(os.path.join(self.root, "roster.json"), "w"))
        json.dump({"lake": "lake", "roster": "roster.json",
                   "connections": {"eu": {"socket": self.server.socket, "user": "sync", "password": {"env": "SYNC_PASSWORD"}}},
                   "schemas": {"shop": {"database": "shop_{client_id}"}}, "tables": [{"schema": "shop", "name": "parts"} | table],
                   "limits": {"tasks": 8, "tasksPerRegion": 8, "tasksPerHost": 8, "attempts": 2}}, open(self.config, "w"), indent=1)
        os.environ["SYNC_PASSWORD"] = "secret"

    def command(self, tool, verb, *options):
        return [tool, verb, "--config", self.config, *options]

    def run(self, client, *statements):
        self.server.run(list(statements), f"shop_{client}")

    def close(self):
        self.server.stop()
        shutil.rmtree(self.root, ignore_errors=True)


def two_hundred_schemas(tool, options):
    """Six kinds of drift in 200 databases: the report names each and no other; what harms nothing syncs, the rest stops alone."""
    fleet = ManyClients(200, {"drift": {"added": "ignore", "dropped": "ignore"}})
    try:
        ok(command(fleet, tool, "prepare"))
        ok(command(fleet, tool, "run"))
        generator = random.Random(options.seed)
        chosen = generator.sample(fleet.clients, 60)
        planted = {client: list(DRIFTS)[index % len(DRIFTS)] for index, client in enumerate(chosen)}
        time.sleep(1.1)
        for client, kind in planted.items():
            fleet.run(client, DRIFTS[kind][0])
        for client in fleet.clients:
            fleet.run(client, "update parts set price = price + 1 where id <= 3")
        wanted = {client: DRIFTS[kind][1] for client, kind in planted.items()}

        def found(tasks):
            return {t["client"]: (d["kind"], d["column"]) for t in tasks for d in t["drift"]}

        plan = json.loads(command(fleet, tool, "plan", "--json").stdout)
        assert found(plan["tasks"]) == wanted, (found(plan["tasks"]), wanted)
        shapes = plan["tables"][0]["shapes"]
        assert shapes[0] == "140 clients alike" and len(shapes) == 1 + len(DRIFTS), shapes
        done = command(fleet, tool, "run", "--json")
        assert done.returncode == 1, done.stdout[-2000:]
        report = json.loads(done.stdout)
        assert found(report["tasks"]) == wanted, (found(report["tasks"]), wanted)
        lake = collections.defaultdict(dict)
        for row in rows(fleet, "shop/parts"):
            lake[row["client_id"]][row["id"]] = row
        for task in report["tasks"]:
            kind = planted.get(task["client"])
            fails = kind is not None and DRIFTS[kind][2] == "failed"
            assert (task["outcome"] == "failed") == fails, task
            assert all(d["action"] == ("failed" if fails else "ignored") for d in task["drift"]), task
            mine = lake[task["client"]]
            assert len(mine) == 20 and float(mine[2]["price"]) == (0.5 if fails else 1.5), (task["client"], mine[2])
            # No column took the place of another: the lake has the columns that it had.
            assert set(mine[1]) == {"region", "client_id", "id", "code", "price", "name", "vat_id", "note", "update_timestamp"}
        # Told once: only what stops a client is told again.
        again = json.loads(command(fleet, tool, "run", "--json").stdout)
        assert found(again["tasks"]) == {c: wanted[c] for c, kind in planted.items() if DRIFTS[kind][2] == "failed"}
        return f"{len(planted)} of 200 clients drifted, all found"
    finally:
        fleet.close()


def write_modes(tool, options):
    """Deleted rows are found by the digests of keys; histories, appended and marked rows, by both merge strategies, on servers."""
    for marks in (False, True):
        fleet = Fleet(rows=2000, clients=1)
        try:
            ways = {"orders": {"deletes": "mark", "findDeletes": "everyRun"}, "customers": {"write": "history", "findDeletes": "everyRun"}}
            edit(fleet, lambda c: [t.update(ways.get(t["name"], {}), deletionVectors=marks) for t in c["tables"]])
            ok(command(fleet, tool, "prepare"))
            ok(command(fleet, tool, "run"))
            time.sleep(1.1)
            region, client, database = fleet.clients[0]
            fleet.servers[region].run(["delete from orders where id in (5, 6)", "update orders set note = 'new' where id = 7",
                                       "update customers set name = 'new' where id = 3", "delete from customers where id = 4"], database)
            ok(command(fleet, tool, "run"))
            again = json.loads(ok(command(fleet, tool, "run", "--json")))
            assert all(t["outcome"] == "unchanged" for t in again["tasks"]), again
            import_rows = duck(fleet, "shop/orders", f"client_id = '{client}' and _deleted_at is not null")
            assert sorted(r["id"] for r in import_rows) == [5, 6], import_rows
            versions = duck(fleet, "shop/customers", f"client_id = '{client}' and id in (3, 4)")
            assert sorted((r["id"], r["is_current"]) for r in versions) == [(3, False), (3, True), (4, False)], versions
            closed = next(r for r in versions if r["id"] == 3 and not r["is_current"])
            opened = next(r for r in versions if r["id"] == 3 and r["is_current"])
            assert closed["valid_to"] == opened["valid_from"] and opened["valid_to"] is None
            ok(command(fleet, tool, "verify"))
            fleet.servers[region].run(["delete from orders where id > 500"], database)
            stopped = command(fleet, tool, "run", "--json")
            task = next(t for t in json.loads(stopped.stdout)["tasks"] if t["client"] == client and t["table"] == "orders")
            assert task["outcome"] == "failed" and "would delete 75 % of client" in task["error"]["message"], task
        finally:
            fleet.close()


def duck(fleet, path, condition):
    from fleet_scenarios import duckdb
    query = f"select * from delta_scan('{os.path.join(fleet.lake, path)}') where {condition}"
    return duckdb().execute(query).fetch_arrow_table().to_pylist()


SCENARIOS = [two_hundred_schemas, write_modes]
