#!/usr/bin/env python3
"""The long tests: kills, races and late commits against real servers, judged by an independent engine.

  soak.py REGION_SYNC [--kills 20] [--seeds 3] [--rows 20000] [--load-rows 400000] [--tables 100] [--race-seconds 20] [--short] [--only NAME]

REGION_SYNC is the built example program. Each scenario ends with a comparison of lake and sources, row for row.
Prints one line a scenario and, last, `N passed, N failed`.
"""
import argparse, json, os, random, signal, subprocess, sys, threading, time

import pymysql

import drift_scenarios
import fleet_scenarios
from fleet import Fleet
from race import hostile_race
from faults import gone_and_hanging, harmed_network
from loads import cancelled_load, killed_load, load_under_writers
from security import checks, hostile_server, secrets_and_grants
from types_of_mariadb import random_tables, type_matrix

JUDGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judge", "equal_to_sources.py")


def sync(fleet, tool, *options, check=True, verb="run"):
    done = subprocess.run(fleet.command(tool, verb, "--region", "all", *options), capture_output=True, text=True, timeout=300)
    if check and done.returncode != 0:
        raise AssertionError(f"{verb} failed ({done.returncode}): {done.stdout[-1500:]} {done.stderr[-1500:]}")
    return done


def equal(fleet, *engines):
    for engine in engines or ("delta-rs",):
        done = subprocess.run([sys.executable, JUDGE, fleet.config, "--engine", engine], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stdout[-3000:] + done.stderr[-1500:])


def versions(fleet):
    found = {}
    for table in ("orders", "customers", "taxes"):
        log = os.path.join(fleet.lake, "shop", table, "_delta_log")
        found[table] = len([f for f in os.listdir(log) if f.endswith(".json")])
    return found


def ledger(fleet):
    from deltalake import DeltaTable
    rows = DeltaTable(os.path.join(fleet.lake, "tributary/sync_log")).to_pyarrow_table().to_pylist()
    return {(r["schema"], r["client_id"], r["table_name"]): r["last_sync_timestamp"] for r in rows}


def marks(fleet):
    """What the logs of the data tables say, by task."""
    from deltalake import DeltaTable
    import glob
    found = {}
    for table in ("orders", "customers", "taxes"):
        for file in sorted(glob.glob(os.path.join(fleet.lake, "shop", table, "_delta_log", "*.json"))):
            for line in open(file):
                txn = json.loads(line).get("txn")
                if txn and txn["appId"].endswith("/mark"):
                    parts = txn["appId"].split("/")
                    found[("shop", parts[3], table)] = txn["version"]
    return found


def leads_nowhere(fleet):
    said = marks(fleet)
    try:
        entries = ledger(fleet)
    except Exception as error:
        if "Not a Delta table" in str(error) or "No files in log segment" in str(error) or "does not exist" in str(error):
            return
        raise
    for key, time_ in entries.items():
        micros = int(round(time_.timestamp() * 1_000_000))
        if key not in said or micros > said[key]:
            raise AssertionError(f"the ledger leads the data: {key} {micros} > {said.get(key)}")


def first_second_third(tool, options):
    fleet = Fleet()
    try:
        sync(fleet, tool, verb="prepare")
        sync(fleet, tool)
        equal(fleet, "delta-rs", "duckdb")
        time.sleep(1.1)
        fleet.change(1)
        sync(fleet, tool)
        equal(fleet, "delta-rs", "duckdb")
        before = versions(fleet)
        sync(fleet, tool)
        assert versions(fleet) == before, "a run with nothing to do committed data"
        equal(fleet)
    finally:
        fleet.close()


def twelve_processes(tool, options):
    fleet = Fleet(rows=20000)
    try:
        sync(fleet, tool, verb="prepare")
        for round_ in range(3):
            started = [subprocess.Popen(fleet.command(tool, "run", "--region", "all", "--client", client),
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                       for _, client, _ in fleet.clients]
            for process in started:
                output, _ = process.communicate(timeout=300)
                assert process.returncode == 0, output[-2000:]
            equal(fleet)
            leads_nowhere(fleet)
            time.sleep(1.1)
            fleet.change(round_)
    finally:
        fleet.close()


def kills(tool, options):
    """Runs that are killed at random moments, each while it was at work, leave nothing that the next run does not set right."""
    generator = random.Random(options.seed)
    fleet = Fleet(rows=30000)
    try:
        sync(fleet, tool, verb="prepare")
        begin = time.time()
        sync(fleet, tool, "--client", fleet.clients[0][1])
        length = max((time.time() - begin) * 6, 0.5)
        hits = late = 0
        while hits < options.kills:
            process = subprocess.Popen(fleet.command(tool, "run", "--region", "all"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(generator.random() * length)
            process.kill()
            if process.wait() == -signal.SIGKILL:
                hits += 1
                length *= 1.02
                leads_nowhere(fleet)
                sync(fleet, tool)
                equal(fleet)
                leads_nowhere(fleet)
            else:
                # It had ended: what is tried is no longer than a run.
                late += 1
                length *= 0.9
            time.sleep(1.1)
            fleet.change(hits + late)
        return f"{hits} runs killed, {late} more had ended before"
    finally:
        fleet.close()


def deleted_ledger(tool, options):
    import shutil
    fleet = Fleet()
    try:
        sync(fleet, tool, verb="prepare")
        sync(fleet, tool)
        read = {}

        def rows_read(name):
            report = json.loads(sync(fleet, tool, "--json").stdout)
            read[name] = {(t["client"], t["table"]): t["rowsRead"] for t in report["tasks"]}

        rows_read("with")
        before = ledger(fleet)
        shutil.rmtree(os.path.join(fleet.lake, "tributary", "sync_log"))
        rows_read("without")
        assert ledger(fleet) == before, "the ledger was not rebuilt the same"
        assert read["with"] == read["without"], f"the run without ledger read other rows: {read}"
        assert all(rows < 2000 for (_, table), rows in read["without"].items() if table == "orders"), read
    finally:
        fleet.close()


def foreign_commits(tool, options):
    """delta-rs deletes a client's rows, overwrites a partition, deletes some rows and restores an old version between
    runs: the next run says so, by version, and everything is there again."""
    from deltalake import DeltaTable, write_deltalake
    fleet = Fleet(clients=2)
    try:
        sync(fleet, tool, verb="prepare")
        sync(fleet, tool)
        fleet.change(1)
        sync(fleet, tool)
        path = os.path.join(fleet.lake, "shop", "orders")

        def rows(table, where):
            return table.to_pyarrow_table(filters=where)

        def overwrite(table):
            kept = rows(table, [("region", "=", "us"), ("client_id", "=", "us0")]).slice(0, 10)
            write_deltalake(table, kept, mode="overwrite", predicate="region = 'us' AND client_id = 'us0'")

        hands = {
            "partition": lambda table: table.delete("region = 'eu' AND client_id = 'eu0'"),
            "rows": lambda table: table.delete("id < 100 AND region = 'ap'"),
            "overwrite": overwrite,
            "restore": lambda table: table.restore(table.version() - 4),
        }
        for name, hand in hands.items():
            hand(DeltaTable(path))
            version = DeltaTable(path).version()
            report = json.loads(sync(fleet, tool, "--json").stdout)
            said = [t for t in report["tasks"] if any(f"version {version} (" in w for w in t["warnings"])]
            assert said, f"{name}: nobody noticed version {version}: {report['tasks']}"
            assert all(t["rowsRead"] >= 2000 for t in said), f"{name}: {said}"
            if name in ("partition", "overwrite"):
                assert len(said) == 1, f"{name} concerns one task: {said}"
            equal(fleet)
            before = versions(fleet)
            again = json.loads(sync(fleet, tool, "--json").stdout)
            assert versions(fleet) == before and not any(t["warnings"] for t in again["tasks"] if t["table"] == "orders"), again
    finally:
        fleet.close()


def late_rows(tool, options):
    """A transaction open across a run, equal timestamps at its edge, a savepoint rolled back while a run reads."""
    fleet = Fleet()
    try:
        sync(fleet, tool, verb="prepare")
        sync(fleet, tool)
        region, client, database = fleet.clients[0]
        server = fleet.servers[region]
        late = server.connect(database, autocommit=False)
        with late.cursor() as cursor:
            cursor.execute("update orders set note = 'late' where id between 100 and 160")
            cursor.execute("savepoint a")
            cursor.execute("update orders set note = 'rolled back' where id between 120 and 140")
        time.sleep(1.2)
        connection = server.connect(database)
        with connection.cursor() as cursor:
            cursor.execute("set timestamp = unix_timestamp(now(6))")
            cursor.execute("insert into orders (customer_id, amount, status) select 5, 5, 'tie' from seq_1_to_100")
        stop = threading.Event()
        runs = []

        def again():
            while not stop.is_set():
                runs.append(sync(fleet, tool, check=False).returncode)

        thread = threading.Thread(target=again)
        thread.start()
        time.sleep(0.5)
        with late.cursor() as cursor:
            cursor.execute("rollback to savepoint a")
        time.sleep(0.7)
        late.commit()
        with connection.cursor() as cursor:
            cursor.execute("insert into orders (customer_id, amount, status) select 5, 5, 'tie' from seq_1_to_100")
        time.sleep(0.5)
        stop.set()
        thread.join()
        assert set(runs) == {0}, runs
        sync(fleet, tool)
        equal(fleet)
    finally:
        fleet.close()


def bad_input(tool, options):
    """Each mistake is named with its place and its cure, the exit code is not 0, and nothing is written."""
    fleet = Fleet(rows=50, clients=1)
    good = json.load(open(fleet.config))

    def listing():
        return sorted(os.path.join(f, n) for f, _, names in os.walk(os.path.join(fleet.lake, "shop")) for n in names)

    def refused(verb, change, *texts, environment=None, region="all"):
        before = listing()
        settings = json.loads(json.dumps(good))
        change(settings)
        json.dump(settings, open(fleet.config, "w"))
        done = subprocess.run(fleet.command(tool, verb, "--region", region), capture_output=True, text=True,
                              env={**os.environ, **(environment or {})}, timeout=120)
        output = done.stdout + done.stderr
        json.dump(good, open(fleet.config, "w"))
        assert done.returncode != 0, f"{texts}: exit code 0: {output}"
        for text in texts:
            assert text in output, f"{text!r} is not in: {output}"
        assert "secret" not in output.replace("missingSecret", ""), output
        assert listing() == before, f"{texts}: something was written"

    try:
        refused("prepare", lambda c: c["tables"][0].update(curser="x"), "tables[0].curser", "cursor")
        refused("prepare", lambda c: c["limits"].update(tasks="four"), "limits.tasks", "whole number")
        refused("prepare", lambda c: c["connections"]["eu"].update(password={"env": "NOT_SET"}), "NOT_SET")
        refused("prepare", lambda c: c["connections"]["eu"].update(password="plain"), "connections.eu.password", "env")
        refused("prepare", lambda c: c, "mars", "eu, us, ap", region="mars")
        refused("run", lambda c: c, "prepare")
        for server in fleet.servers.values():
            for _, client, database in fleet.clients:
                if client.startswith(os.path.basename(server.folder)):
                    server.run(["create table keyless (a int null, b int null, unique key (a))", "create table points (id int primary key, d decimal(60,2))"], database)
        keyless = {"schema": "shop", "name": "keyless"}
        refused("prepare", lambda c: c.update(tables=[keyless]), "noKey", "keys")
        wide = {"schema": "shop", "name": "points", "values": {"wideDecimals": "fail"}}
        refused("prepare", lambda c: c.update(tables=[wide]), "decimal(60,2)", "column d", "wideDecimals")
        wide = {"schema": "shop", "name": "points", "values": {"wideDecimals": "round"}}
        refused("prepare", lambda c: c.update(tables=[wide]), "tables[0].values.wideDecimals", "text", "fail")
        zone = {"schema": "shop", "name": "orders", "columnValues": {"placed_at": {"wallClock": "Europe/Paris"}}}
        refused("prepare", lambda c: c.update(tables=[zone]), "tables[0].columnValues.placed_at.wallClock", "+02:00")
        refused("prepare", lambda c: c.update(tables=[{"schema": "shop", "name": "nowhere"}]), "nowhere")
        os.makedirs(os.path.join(fleet.lake, "shop", "orders"))
        open(os.path.join(fleet.lake, "shop", "orders", "data.csv"), "w").write("1")
        refused("prepare", lambda c: c.update(tables=c["tables"][:1]), "notATable", "data.csv")
        os.remove(os.path.join(fleet.lake, "shop", "orders", "data.csv"))
        sync(fleet, tool, verb="prepare")
        refused("run", lambda c: c, "accessDenied", environment={"SYNC_PASSWORD": "wrong"})
        fleet.servers["us"].stop()
        done = sync(fleet, tool, check=False)
        assert done.returncode != 0 and "unreachable" in done.stdout, done.stdout
        assert "6 of 9 tasks ended well" in done.stdout, done.stdout
        log = os.path.join(fleet.lake, "shop", "orders", "_delta_log")
        last = os.path.join(log, sorted(n for n in os.listdir(log) if n.endswith(".json"))[-1])
        text = open(last).read()
        open(last, "w").write(text[:-30])
        refused("run", lambda c: c.update(tables=c["tables"][:1]), "corruptCommit", "line", "version")
        open(last, "w").write(text)
    finally:
        fleet.close()


def planted_damage(tool, options):
    """What no cursor sees (a value, a time set back, a deletion, a cascade, another key, a row that left the filter) is
    found and named by one verification, and repaired by one more."""
    fleet = Fleet(rows=options.rows, clients=1)
    try:
        region, client, database = fleet.clients[0]
        server = fleet.servers[region]
        for where, _, name in fleet.clients:
            fleet.servers[where].run(["create table parents (code int primary key) engine=innodb",
                                      "insert into parents select seq from seq_0_to_96",
                                      "alter table orders add foreign key (customer_id) references parents (code) on update cascade"], name)
        settings = json.load(open(fleet.config))
        settings["tables"][0]["filters"] = [{"column": "status", "op": "!=", "values": ["hidden"]}]
        json.dump(settings, open(fleet.config, "w"))
        sync(fleet, tool, verb="prepare")
        sync(fleet, tool)
        sync(fleet, tool, verb="verify")
        time.sleep(1.1)
        middle = options.rows // 2
        server.run([f"update orders set amount = amount + 1, update_timestamp = update_timestamp where id = {middle}",
                    f"update orders set note = 'x', update_timestamp = '2001-01-01' where id = {middle + 1}",
                    f"delete from orders where id = {middle + 2}",
                    f"update orders set id = {options.rows * 2}, update_timestamp = update_timestamp where id = {middle + 3}",
                    f"update orders set status = 'hidden', update_timestamp = update_timestamp where id = {middle + 4}",
                    "update parents set code = 1000 where code = 96"], database)
        sync(fleet, tool)
        done = sync(fleet, tool, "--json", verb="verify", check=False)
        assert done.returncode == 1, done.stdout
        task = [t for t in json.loads(done.stdout)["tasks"] if t["client"] == client and t["table"] == "orders"][0]
        found = {kind: count for kind, count in task["counts"].items() if kind != "pending"}
        cascade = found.pop("cascade", 0)
        assert found == {"changed": 1, "backdated": 1, "gone": 1, "keyChanged": 1, "leftFilter": 1}, task
        assert cascade >= options.rows // 97 - 3, task
        sync(fleet, tool, "--repair", verb="verify")
        report = json.loads(sync(fleet, tool, "--json", verb="verify").stdout)
        assert all(not t["counts"] for t in report["tasks"]), report
    finally:
        fleet.close()


SCENARIOS = [type_matrix, random_tables, harmed_network, gone_and_hanging, secrets_and_grants, checks, hostile_server,
             first_second_third, bad_input, late_rows, deleted_ledger, foreign_commits, planted_damage, twelve_processes, hostile_race,
             kills, killed_load, cancelled_load, load_under_writers] + fleet_scenarios.SCENARIOS + drift_scenarios.SCENARIOS

# Of everything a little, in a few minutes.
SHORT = {"type_matrix", "random_tables", "first_second_third", "late_rows", "foreign_commits", "planted_damage", "hostile_race", "kills",
         "review", "bronze", "change_set", "totals_agree", "pictures", "masking", "served", "merges", "two_hundred_schemas",
         "write_modes"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--race-seconds", type=int, default=20, help="how long the writers of a race write")
    parser.add_argument("--rows", type=int, default=20000, help="rows of the table with planted damage")
    parser.add_argument("--load-rows", type=int, default=400_000, help="rows of the large table")
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--short", action="store_true", help="only the scenarios that take seconds")
    parser.add_argument("--only")
    options = parser.parse_args()
    passed = failed = 0
    for scenario in SCENARIOS:
        if options.only and scenario.__name__ not in options.only.split(","):
            continue
        if options.short and scenario.__name__ not in SHORT:
            continue
        begin = time.time()
        try:
            said = scenario(os.path.abspath(options.tool), options)
            passed += 1
            print(f"ok      {scenario.__name__} ({time.time() - begin:.0f} s)" + (f": {said}" if said else ""), flush=True)
        except Exception as error:
            failed += 1
            print(f"FAILED  {scenario.__name__}: {type(error).__name__}: {error}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
