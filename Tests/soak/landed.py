"""Scenarios of bronze and of a large change set, each judged by another engine than the one that wrote. Used by soak.py."""
import json, os, random, subprocess, time

from fleet import Fleet

BRONZE = ("_kind", "_landing", "_follows", "_definition", "_mark")


def shared():
    """What the scenarios of fleets have in common; they name these scenarios too."""
    import fleet_scenarios
    return fleet_scenarios


def landed_rows(fleet, name, region, client, keys):
    """A client's rows as its landings make them, by the landing that the lake table's log names; read with delta-rs."""
    from deltalake import DeltaTable
    rows = DeltaTable(os.path.join(fleet.lake, "shop", name + "_bronze")).to_pyarrow_table(
        partitions=[("region", "=", region), ("client_id", "=", client)]).to_pylist()
    lake = DeltaTable(os.path.join(fleet.lake, "shop", name))
    base = f"tributary/{lake.metadata().id}/{region}/{client}/shop/{name}/"
    named = [lake.transaction_version(f"{base}{definition}/landing") for definition in {r["_definition"] for r in rows}]
    assert any(named), (name, client, named)
    head = max(n for n in named if n is not None)
    by_landing = {}
    for row in rows:
        by_landing.setdefault(row["_landing"], []).append(row)
    chain = []
    while head:
        chain.append(head)
        head = by_landing[head][0]["_follows"]
    made = {}
    for landing in reversed(chain):
        for row in by_landing[landing]:
            key = tuple(row[k] for k in keys)
            if row["_kind"] == "delete":
                made.pop(key, None)
            else:
                made[key] = {n: v for n, v in row.items() if n not in BRONZE}
    return made, len(chain), len(by_landing)


def bronze(tool, options):
    """Every row lands before it comes: after changes, kills and a first load in chunks the landings make, for delta-rs, exactly the
    lake's rows; bronze is only appended to; a damaged lake table is made again."""
    from deltalake import DeltaTable
    own = shared()
    generator = random.Random(options.seed)
    fleet = Fleet(rows=6000, clients=2)
    lineage = ("_run", "_synced_at", "_source")
    tables = {"orders": ["id"], "customers": ["id"], "taxes": ["country", "kind"]}
    try:
        own.edit(fleet, lambda c: (c["limits"].update(chunkRows=1500), c.update(maskKey={"env": "MASK_KEY"}),
                                   [t.update(bronze=True) for t in c["tables"]], c["tables"][0].update(lineage=["_run", "_synced_at"]),
                                   c["tables"][1].update(mask={"name": "hmac"})))
        os.environ["MASK_KEY"] = "a key of masks for bronze, 32 bytes"
        own.ok(own.command(fleet, tool, "plan"))
        own.ok(own.command(fleet, tool, "prepare"))
        first = json.loads(own.command(fleet, tool, "run", "--json").stdout)
        assert not (failed := [t for t in first["tasks"] if t.get("error")]), failed
        assert any((t.get("load") or {}).get("chunks", 0) > 1 for t in first["tasks"]), "no load was in chunks"

        def compare():
            compared, chains, void = 0, 0, 0
            for name, keys in tables.items():
                lake = own.rows(fleet, f"shop/{name}")
                for region, client, _ in fleet.clients:
                    made, chain, landings = landed_rows(fleet, name, region, client, keys)
                    chains, void = chains + chain, void + landings - chain
                    mine = {tuple(r[k] for k in keys): r for r in lake if r["client_id"] == client}
                    assert made.keys() == mine.keys(), (name, client, len(made), len(mine))
                    for key, row in mine.items():
                        wanted = {n: made[key][n] for n in row if n not in lineage}
                        assert wanted == {n: v for n, v in row.items() if n not in lineage}, (name, client, wanted, row)
                    compared += len(mine)
            return compared, chains, void

        compare()
        for number in range(3):
            time.sleep(1.1)
            fleet.change(number)
            own.ok(own.command(fleet, tool, "run"))
        for number in range(6):
            time.sleep(0.6)
            fleet.change(10 + number)
            process = subprocess.Popen(fleet.command(tool, "run", "--region", "all"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(generator.random() * 1.2)
            process.kill()
            process.wait()
        time.sleep(1.1)
        own.ok(own.command(fleet, tool, "run"))
        own.ok(own.command(fleet, tool, "rebuild"))
        compared, chains, void = compare()
        for name in ("orders", "taxes"):  # the judge does not know masks
            judged = subprocess.run([os.sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "judge", "equal_to_sources.py"),
                                     fleet.config, "--table", name], capture_output=True, text=True)
            assert judged.returncode == 0, judged.stdout[-2000:]
        for name in tables:
            log = os.path.join(fleet.lake, "shop", name + "_bronze", "_delta_log")
            for file in os.listdir(log):
                if not file.endswith(".json"):
                    continue
                for line in open(os.path.join(log, file)):
                    removed = json.loads(line).get("remove")
                    assert not removed or removed["dataChange"] is False, (name, file, removed)
        names = {r["name"] for r in own.rows(fleet, "shop/customers_bronze") if r["_kind"] != "delete"}
        assert names and not any(n.startswith("Name") for n in names), list(names)[:3]
        # The lake table is damaged, then lost.
        DeltaTable(os.path.join(fleet.lake, "shop", "orders")).delete("id < 500 AND region = 'eu'")
        said = own.command(fleet, tool, "rebuild", "--table", "orders", "--json")
        assert said.returncode == 1 and sum(t["rowsMissing"] for t in json.loads(said.stdout)["tasks"]) == 2 * 499, said.stdout
        own.ok(own.command(fleet, tool, "rebuild", "--table", "orders", "--apply"))
        compare()
        idle = json.loads(own.ok(own.command(fleet, tool, "run", "--json")))
        assert all(t["outcome"] == "unchanged" and not t["warnings"] for t in idle["tasks"]), idle["tasks"][0]
        import shutil
        shutil.rmtree(os.path.join(fleet.lake, "shop", "orders"))
        own.ok(own.command(fleet, tool, "prepare"))
        own.ok(own.command(fleet, tool, "rebuild", "--table", "orders", "--apply"))
        compare()
        own.ok(own.command(fleet, tool, "run"))
        own.ok(own.command(fleet, tool, "verify", "--table", "orders"))
        return f"{compared} rows made by {chains} landings, {void} landings of killed runs on no chain"
    finally:
        os.environ.pop("MASK_KEY", None)
        fleet.close()


def change_set(tool, options):
    """A change set of 10,000 rows, opened by DuckDB: five rows are patched, another client's is rejected. Over re-reads, a backfill and
    verification the five stand and the rejected client is as it was; one changed source row makes exactly its rule stale."""
    own = shared()
    fleet = Fleet(rows=12000, clients=1)
    (eu, patched, database), (us, rejected, other) = fleet.clients[0], fleet.clients[1]
    stage = os.path.join(fleet.lake, "tributary", "stage", "shop", "orders")
    lake = os.path.join(fleet.lake, "shop", "orders")
    ids = (17, 3000, 4711, 8192, 10000)
    try:
        own.edit(fleet, lambda c: c.update(tables=[{**c["tables"][0], "review": "required"}]))
        own.ok(own.command(fleet, tool, "prepare"))
        own.ok(own.command(fleet, tool, "run"))
        own.ok(own.command(fleet, tool, "approve", "--by", "judge"))
        own.equal(fleet)

        def truth(client):
            columns = "id, customer_id, amount, status, note, weight, placed_at, update_timestamp::timestamp"
            return own.duckdb().execute(f"select {columns} from delta_scan('{lake}') where client_id = '{client}' order by id").fetchall()

        before = truth(rejected)
        time.sleep(1.1)
        for region, name in ((eu, database), (us, other)):
            fleet.servers[region].run(["update orders set note = concat('typo ', id), amount = amount + 1 where id <= 10000"], name)
        report = json.loads(own.ok(own.command(fleet, tool, "run", "--json")))
        staged = {t["client"]: t for t in report["tasks"] if t["outcome"] == "staged"}
        assert set(staged) == {patched, rejected} and all(t["rowsStaged"] == 10000 for t in staged.values()), staged
        found = own.duckdb().execute(
            f"select after_id, kind, before_note, after_note, source_digest from delta_scan('{stage}') where change_set = ? order by after_id",
            [staged[patched]["changeSet"]]).fetchall()
        assert len(found) == 10000 and {f[1] for f in found} == {"update"} and all(f[3] == f"typo {f[0]}" for f in found), found[:2]
        digests = {f[0]: f[4] for f in found}
        for number in ids:
            rule = {"id": f"fix-{number}", "table": "shop.orders", "region": eu, "client": patched, "set": {"note": f"fixed {number}"},
                    "row": {"key": {"id": number}, "digest": digests[number]}}
            open(os.path.join(fleet.root, "rule.json"), "w").write(json.dumps(rule))
            own.ok(own.command(fleet, tool, "patch", "--add", os.path.join(fleet.root, "rule.json"), "--by", "judge"))
        own.ok(own.command(fleet, tool, "approve", "--client", patched, "--by", "judge"))
        own.ok(own.command(fleet, tool, "reject", "--client", rejected, "--by", "judge", "--note", "typos"))

        def stands(missing=()):
            connection = fleet.servers[eu].connect(database)
            with connection.cursor() as cursor:
                cursor.execute("select id, note from orders")
                wanted = dict(cursor.fetchall())
            connection.close()
            wanted |= {number: f"fixed {number}" for number in ids if number not in missing}
            mine = {row[0]: row[4] for row in truth(patched)}
            assert mine == wanted, {k: (mine.get(k), wanted.get(k)) for k in wanted if mine.get(k) != wanted.get(k)}
            assert truth(rejected) == before, "the rejected client's rows changed"

        def settled(*verbs):
            for verb in verbs or ("run",):
                said = json.loads(own.ok(own.command(fleet, tool, *verb.split(), "--json")))
                assert all(t["outcome"] in ("unchanged", "staged") for t in said["tasks"]), said["tasks"]
                assert all(t.get("changeSet") is None for t in said["tasks"] if t["client"] == rejected), said["tasks"]
            waiting = json.loads(own.ok(own.command(fleet, tool, "diff", "--json")))
            if waiting:
                own.ok(own.command(fleet, tool, "approve", "--by", "judge"))

        stands()
        for number in range(3):  # windows overlap: rows near the mark are read again
            settled()
            fleet.servers[eu].run([f"update orders set weight = {number} where id between 11000 and 11010"], database)
            time.sleep(0.2)
        settled()
        stands()
        # Everything is read again: another definition, by a plan.
        own.edit(fleet, lambda c: c["tables"][0].update(filters=[{"column": "id", "op": ">", "value": 0}]))
        plan = json.loads(own.ok(own.command(fleet, tool, "plan", "--json")))
        settled(f"run --plan {plan['id']}")
        stands()
        # What was rejected is not brought by the new definition either: another run of that client would need a plan again.
        settled(f"run --client {patched}")
        stands()
        own.ok(own.command(fleet, tool, "verify", "--client", patched))
        time.sleep(1.1)
        fleet.servers[eu].run(["update orders set note = 'from the source' where id = 4711"], database)
        own.ok(own.command(fleet, tool, "run", "--client", patched))
        rules = own.ok(own.command(fleet, tool, "patch")).splitlines()
        states = {json.loads(line.split("  ", 1)[1])["id"]: line.split()[0] for line in rules}
        assert states == {f"fix-{n}": "stale" if n == 4711 else "approved" for n in ids}, states
        own.ok(own.command(fleet, tool, "approve", "--client", patched, "--by", "judge"))
        stands(missing=(4711,))
    finally:
        fleet.close()
