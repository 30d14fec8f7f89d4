"""Scenarios of many clients: order and fairness, two schedulers, the stage, plans, stopping. Used by soak.py."""
import json, os, signal, subprocess, sys, time

from fleet import Fleet, ORDERS, Server


def command(fleet, tool, verb, *options):
    return subprocess.run(fleet.command(tool, verb, "--region", "all", *options), capture_output=True, text=True, timeout=600)


def ok(done):
    assert done.returncode == 0, f"{done.args}: {done.stdout[-1500:]} {done.stderr[-1500:]}"
    return done.stdout


def equal(fleet):
    judge = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judge", "equal_to_sources.py")
    done = subprocess.run([sys.executable, judge, fleet.config], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1500:]


def edit(fleet, change):
    settings = json.load(open(fleet.config))
    change(settings)
    json.dump(settings, open(fleet.config, "w"), indent=1)


def rows(fleet, path):
    from deltalake import DeltaTable
    return DeltaTable(os.path.join(fleet.lake, path)).to_pyarrow_table().to_pylist()


def duckdb():
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judge"))
    import equal_to_sources
    return equal_to_sources.duckdb_connection()


def review(tool, options):
    """Changes wait in a table that other engines read; rules persist; approval brings them."""
    fleet = Fleet(rows=300, clients=1)
    try:
        edit(fleet, lambda c: [t.update(review="required") for t in c["tables"]])
        ok(command(fleet, tool, "prepare"))
        ok(command(fleet, tool, "run"))
        staged = rows(fleet, "tributary/stage/shop/orders")
        assert len(staged) == 900 and {r["kind"] for r in staged} == {"insert"}, staged[:3]
        assert all(r["before_id"] is None and r["after_id"] is not None for r in staged)
        stage = os.path.join(fleet.lake, "tributary/stage/shop/orders")
        counted = duckdb().execute(
            f"select kind, count(*), count(before_id), count(after_amount) from delta_scan('{stage}') group by kind").fetchall()
        assert counted == [("insert", 900, 0, 900)], counted
        ok(command(fleet, tool, "approve", "--by", "judge"))
        equal(fleet)
        region, client, database = fleet.clients[0]
        time.sleep(1.1)
        fleet.servers[region].run(["update orders set note = 'typo' where id = 7", "update orders set amount = 5 where id = 8"], database)
        ok(command(fleet, tool, "run"))
        diff = json.loads(ok(command(fleet, tool, "diff", "--json")))
        changed = {row["key"][0]["after"]: row for change in diff for row in change["rows"] if change["changeSet"]["table"] == "orders"}
        assert set(changed) == {"7", "8"}, changed
        rule = {"table": "shop.orders", "region": region, "client": client, "set": {"note": "corrected"},
                "row": {"key": {"id": 7}, "digest": changed["7"]["sourceDigest"]}}
        open(os.path.join(fleet.root, "rule.json"), "w").write(json.dumps(rule))
        ok(command(fleet, tool, "patch", "--add", os.path.join(fleet.root, "rule.json")))
        ok(command(fleet, tool, "approve", "--by", "judge"))

        def note():
            return next(r["note"] for r in rows(fleet, "shop/orders") if r["client_id"] == client and r["id"] == 7)

        assert note() == "corrected"
        ok(command(fleet, tool, "run"))
        assert note() == "corrected"
        ok(command(fleet, tool, "verify", "--client", client))
        time.sleep(1.1)
        fleet.servers[region].run(["update orders set note = 'from the source' where id = 7"], database)
        assert "stale" in ok(command(fleet, tool, "run"))
        ok(command(fleet, tool, "approve", "--by", "judge"))
        assert note() == "from the source"
        equal(fleet)
    finally:
        fleet.close()


def plans(tool, options):
    """A plan writes nothing but itself; an edited filter needs one; it holds once."""
    fleet = Fleet(rows=300, clients=1)
    try:
        ok(command(fleet, tool, "plan"))
        assert set(os.listdir(fleet.lake)) == {"tributary"} and os.listdir(os.path.join(fleet.lake, "tributary")) == ["plans"]
        ok(command(fleet, tool, "prepare"))
        ok(command(fleet, tool, "run"))
        edit(fleet, lambda c: c["tables"][0].update(filters=[{"column": "status", "op": "=", "value": "paid"}]))
        refused = command(fleet, tool, "run", "--table", "orders")
        assert refused.returncode != 0 and "needsPlan" in refused.stdout + refused.stderr or "plan" in refused.stdout, refused.stdout
        plan = json.loads(ok(command(fleet, tool, "plan", "--json")))
        ok(command(fleet, tool, "run", "--plan", plan["id"]))
        again = command(fleet, tool, "run", "--plan", plan["id"])
        assert again.returncode != 0 and "stalePlan" in again.stderr, again.stderr
        ok(command(fleet, tool, "run"))
    finally:
        fleet.close()


def two_schedulers(tool, options):
    """Two runs started by mistake read no task twice; the second reports what the first held."""
    fleet = Fleet(rows=20000)
    try:
        ok(command(fleet, tool, "prepare"))
        started = [subprocess.Popen(fleet.command(tool, "run", "--region", "all", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                   for _ in range(2)]
        reports = []
        for process in started:
            output, error = process.communicate(timeout=300)
            assert process.returncode == 0, output[-1500:] + error[-1500:]
            reports.append(json.loads(output))
        loads = {}
        for report in reports:
            for task in report["tasks"]:
                if task["outcome"] == "loaded":
                    key = (task["client"], task["table"])
                    loads[key] = loads.get(key, 0) + 1
        assert len(loads) == 36 and set(loads.values()) == {1}, loads
        equal(fleet)
    finally:
        fleet.close()


def stopped(tool, options):
    """SIGTERM in mid-run: the process ends within ten seconds, and the next run completes."""
    fleet = Fleet(rows=40000)
    try:
        ok(command(fleet, tool, "prepare"))
        for pause in (0.2, 0.6, 1.5):
            process = subprocess.Popen(fleet.command(tool, "run", "--region", "all"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            time.sleep(pause)
            process.send_signal(signal.SIGTERM)
            begin = time.time()
            output, _ = process.communicate(timeout=30)
            assert time.time() - begin < 10, f"took {time.time() - begin:.1f} s to stop"
        leases = os.path.join(fleet.lake, "tributary", "leases")
        ok(command(fleet, tool, "run"))
        equal(fleet)
        left = [n for _, _, names in os.walk(leases) for n in names]
        assert left == [], left
    finally:
        fleet.close()


def fair_share(tool, options):
    """199 small clients beside one of 2,000,000 rows finish as if alone; versions and connections stay few."""
    fleet = Fleet(rows=1, clients=0)
    try:
        server = fleet.servers["eu"]
        clients = [f"c{number}" for number in range(200)]
        server.run([f"create database shop_{client} character set utf8mb4" for client in clients]
                   + ["grant select on *.* to sync@localhost"])
        for client in clients:
            server.run([ORDERS, Fleet.insert_orders(1, 200)], f"shop_{client}")
        roster = os.path.join(fleet.root, "roster.json")

        def configure(lake, names):
            json.dump({"clients": [{"client_id": c, "region": "eu", "connection": "eu"} for c in names]}, open(roster, "w"))
            edit(fleet, lambda c: c.update(lake=lake, clients={}, limits={"tasks": 4}, tables=[{"schema": "shop", "name": "orders", "cursor": "update_timestamp"}]))

        def run(lake, names):
            configure(lake, names)
            ok(command(fleet, tool, "prepare"))
            report = json.loads(ok(command(fleet, tool, "run", "--json")))
            ends = sorted(t["startedAfter"] + t["seconds"] for t in report["tasks"] if t["client"] != "c0")
            return ends[len(ends) * 95 // 100], report

        alone, _ = run("alone", clients[1:])
        server.run([Fleet.insert_orders(201, 1_999_800), "analyze table orders"], "shop_c0")
        beside, report = run("beside", clients)
        assert beside <= alone * 1.3, f"95th percentile {beside:.2f} s beside, {alone:.2f} s alone"
        versions = len([n for n in os.listdir(os.path.join(fleet.root, "beside", "shop", "orders", "_delta_log")) if n.endswith(".json")]) - 1
        assert versions <= 20, f"{versions} versions"
        print(f"        95th percentile of small clients: {alone:.2f} s alone, {beside:.2f} s beside 2,000,000 rows; {versions} versions", flush=True)
    finally:
        fleet.close()


def init(tool, options):
    """A configuration written from a live database plans and runs as it is."""
    fleet = Fleet(rows=50, clients=1)
    try:
        region, client, database = fleet.clients[0]
        server = fleet.servers[region]
        server.run(["create table keyless (a int null)", "create table places (id int primary key, d decimal(60,2))"], database)
        folder = os.path.join(fleet.root, "first")
        os.makedirs(folder)
        arguments = [tool, "init", "--from-database", database, "--client", client, "--region", region, "--socket", server.socket,
                     "--user", "sync", "--password-env", "SYNC_PASSWORD", "--folder", folder]
        done = subprocess.run(arguments, capture_output=True, text=True)
        assert "keyless" in ok(done) and "places" in done.stdout, done.stdout
        settings = json.load(open(os.path.join(folder, "sync.json")))
        assert settings["schemas"]["shop"]["database"] == "shop_{client_id}", settings
        cursors = {t["name"]: t["cursor"] for t in settings["tables"]}
        assert cursors["orders"] == "update_timestamp" and cursors["customers"] == "updated_at" and cursors["taxes"] is None, cursors
        again = subprocess.run(arguments, capture_output=True, text=True)
        assert again.returncode != 0 and "overwrites" not in again.stdout
        settings["tables"] = [t for t in settings["tables"] if t["name"] != "keyless"]
        json.dump(settings, open(os.path.join(folder, "sync.json"), "w"))
        for verb in ("plan", "prepare", "run"):
            ok(subprocess.run([tool, verb, "--config", os.path.join(folder, "sync.json"), "--region", "all"], capture_output=True, text=True))
    finally:
        fleet.close()


def merges(tool, options):
    """Hundreds of incremental runs, marked and rewritten, with an optimiser beside them: equal rows for two engines, and a lake that stays small."""
    runs = int(os.environ.get("TRIBUTARY_MERGE_RUNS", "60"))
    fleet = Fleet(rows=3000, clients=1)
    judge = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judge", "equal_to_sources.py")
    try:
        edit(fleet, lambda c: (c["tables"][0].update(deletionVectors=True), c["limits"].update(upkeepMiB=8)))
        ok(command(fleet, tool, "prepare"))
        ok(command(fleet, tool, "run"))
        seconds, peaks = [], []
        for number in range(runs):
            fleet.change(number)
            if number == runs // 2:
                edit(fleet, lambda c: c["tables"][0].update(deletionVectors=False))
                ok(command(fleet, tool, "prepare"))
            before = time.time()
            done = subprocess.run(["/usr/bin/env", "python3", "-c",
                                   "import resource, subprocess, sys; r = subprocess.run(sys.argv[1:], capture_output=True, text=True);"
                                   "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.stderr.write(r.stderr + r.stdout); sys.exit(r.returncode)",
                                   *fleet.command(tool, "run", "--region", "all")], capture_output=True, text=True, timeout=600)
            assert done.returncode == 0, done.stderr[-2000:]
            seconds.append(time.time() - before)
            peaks.append(int(done.stdout.split()[-1]) / 1024)
            if number % 20 == 19 or number == runs - 1:
                for engine in ("delta-rs", "duckdb"):
                    found = subprocess.run([sys.executable, judge, fleet.config, "--engine", engine], capture_output=True, text=True)
                    assert found.returncode == 0, f"after {number + 1} runs {engine}: {found.stdout[-2000:]} {found.stderr[-1500:]}"
        from deltalake import DeltaTable
        most = {}
        for path in ("shop/orders", "shop/customers", "shop/taxes", "tributary/sync_log", "tributary/run_history"):
            files = DeltaTable(os.path.join(fleet.lake, path)).get_add_actions().num_rows
            most[path] = files
            assert files <= 3 * 30, f"{path} has {files} files"
        third = max(1, runs // 3)
        early, late = max(peaks[:third]), max(peaks[-third:])
        assert late <= early * 1.25 + 4, f"peak memory rose from {early:.0f} to {late:.0f} MiB"
        return (f"{runs} runs, files {most}, peak {early:.0f} MiB then {late:.0f} MiB, "
                f"median {sorted(seconds[:third])[third // 2]:.2f} s then {sorted(seconds[-third:])[third // 2]:.2f} s")
    finally:
        fleet.close()


SCENARIOS = [init, review, plans, two_schedulers, stopped, fair_share, merges]
