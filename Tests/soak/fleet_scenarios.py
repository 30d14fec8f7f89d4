"""Scenarios of many clients: order and fairness, two schedulers, the stage, plans, stopping. Used by soak.py."""
import http.server, json, os, shutil, signal, ssl, subprocess, sys, threading, time, urllib.error, urllib.parse, urllib.request

import pages
from faults import free_port
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


def fetch(port, path):
    """Status, headers and text of a page of the service."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def wait_for(what, condition, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        try:
            if condition():
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds} s")


def scraped(root, port, text, rows):
    """Whether there is a Prometheus; it finds no fault with the metrics, scrapes them, and adds up the same rows."""
    if not shutil.which("promtool") or not shutil.which("prometheus"):
        return False
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    own = free_port()
    settings = os.path.join(root, "prometheus.json")  # JSON is YAML
    json.dump({"global": {"scrape_interval": "1s"},
               "scrape_configs": [{"job_name": "sync", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}]}, open(settings, "w"))
    server = subprocess.Popen(["prometheus", f"--config.file={settings}", f"--storage.tsdb.path={root}/prometheus",
                               f"--web.listen-address=127.0.0.1:{own}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sum_of_rows():
        status, _, said = fetch(own, "/api/v1/query?query=sum(sync_rows_read_total)")
        if status != 200:
            return None  # it is not ready yet
        answer = json.loads(said)["data"]["result"]
        return float(answer[0]["value"][1]) if answer else None

    try:
        wait_for("Prometheus scrapes", lambda: sum_of_rows() == rows)
    finally:
        server.terminate()
        server.wait(20)
    return True


def served(tool, options):
    """A service brings each window once, shows it, takes a broken roster without ending, and ends within ten seconds in
    mid-run; the next one continues."""
    fleet = Fleet(rows=5000)
    port = free_port()

    def service():
        return subprocess.Popen(fleet.command(tool, "serve", "--region", "all", "--listen", f"127.0.0.1:{port}", "--every", "1"),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def state():
        return json.loads(fetch(port, "/status")[2])

    def stop(process):
        begin = time.time()
        process.send_signal(signal.SIGTERM)
        output, error = process.communicate(timeout=30)
        assert time.time() - begin < 10, f"took {time.time() - begin:.1f} s to stop"
        assert process.returncode == 0, (process.returncode, output[-500:], error[-1500:])

    process = None
    try:
        edit(fleet, lambda c: c.update(defaults={"schedule": {"every": "day", "at": "00:00", "zone": "Asia/Kathmandu"}}))
        ok(command(fleet, tool, "prepare"))
        region, client, database = fleet.clients[0]
        lock = fleet.servers[region].connect(database)
        with lock.cursor() as cursor:
            cursor.execute("lock tables orders write")  # no run ends meanwhile
        for pause in (0.3, 0.9):  # twice in mid-run
            process = service()
            wait_for("the service starts", lambda: fetch(port, "/health")[0] == 200)
            wait_for("a run begins", lambda: state()["service"]["isRunning"])
            time.sleep(pause)
            stop(process)
        lock.close()
        due = json.loads(command(fleet, tool, "due", "--json").stdout)
        assert any(t["isDue"] and t["client"] == client and t["table"] == "orders" for t in due["tasks"]), due
        process = service()
        wait_for("a run ends", lambda: state()["service"]["runCount"] >= 1)
        wait_for("nothing is due", lambda: state()["service"]["dueCount"] == 0)
        equal(fleet)
        report = state()["lastRun"]
        if pages.browser():
            for page in ("/", "/run"):
                wrong = pages.look(fetch(port, page)[2], fleet.root)
                assert not wrong, (page, wrong)
        status, headers, text = fetch(port, "/metrics")
        assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), headers
        read = sum(int(float(line.split()[-1])) for line in text.splitlines() if line.startswith("sync_rows_read_total{"))
        assert read == sum(t["rowsRead"] for t in report["tasks"]), read
        judged = scraped(fleet.root, port, text, read)
        assert "Tributary, waiting" in fetch(port, "/")[2] and "Tasks in time" in fetch(port, "/run")[2]
        assert fetch(port, "/nothing")[0] == 404
        roster = os.path.join(fleet.root, "roster.json")
        whole = open(roster).read()
        open(roster, "w").write("{")
        wait_for("a broken roster is seen", lambda: fetch(port, "/health")[0] == 503)
        assert "roster.json" in fetch(port, "/health")[2]
        open(roster, "w").write(whole)
        wait_for("the service works again", lambda: fetch(port, "/health")[0] == 200)
        time.sleep(2.5)  # two more looks
        assert state()["service"]["runCount"] == 1, state()["service"]
        due = command(fleet, tool, "due")
        assert due.returncode == 3 and "served by the run of" in due.stdout, due.stdout
        stop(process)
        without = ([] if judged else ["Prometheus"]) + ([] if pages.browser() else ["a browser"])
        return "without " + " and ".join(without) if without else None
    finally:
        if process and process.poll() is None:
            process.kill()
        fleet.close()


class RosterService(http.server.ThreadingHTTPServer):
    """Gives clients over TLS, two a page, to those with the token; `state` is up, down or broken."""

    def __init__(self, folder, clients):
        self.clients, self.state, self.token, self.asked = clients, "up", "t0ken-of-the-roster", 0
        certificate = os.path.join(folder, "roster.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", certificate + ".key", "-out", certificate],
                       check=True, stderr=subprocess.DEVNULL)
        super().__init__(("127.0.0.1", 0), RosterPages)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate + ".key")
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.certificate, self.port = certificate, self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class RosterPages(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        service = self.server
        service.asked += 1
        if service.state == "down":
            return self.answer(503)
        if service.state == "broken":
            return self.answer(200, b'{"clients": [')
        if self.headers.get("authorization") != "Bearer " + service.token:
            return self.answer(401)
        page = int(urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("page", ["0"])[0])
        answer = {"clients": service.clients[2 * page:2 * page + 2]}
        if len(service.clients) > 2 * page + 2:
            answer["next"] = f"?page={page + 1}"
        self.answer(200, json.dumps(answer).encode())


def roster_service(tool, options):
    """Clients come from a service over TLS, page by page, with a token; its last answer serves while it is away; who leaves
    keeps rows; the token shows nowhere."""
    from security import Canary
    if not os.path.exists("/etc/ssl/certs/ca-certificates.crt") or subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode:
        return "skipped: no authority can be added here"
    fleet = Fleet(rows=60, clients=2)
    clients = json.load(open(os.path.join(fleet.root, "roster.json")))["clients"]
    service = RosterService(fleet.root, list(clients))
    canary = Canary()
    service.token = canary.secret
    environment = {"ROSTER_TOKEN": canary.secret}
    # The system's authorities, with one more for the program alone.
    store = "/etc/ssl/certs/ca-certificates.crt"
    trusting = os.path.join(fleet.root, "trusting")
    open(trusting, "w").write(f"#!/bin/sh\nexec unshare -m sh -c 'mount --bind {service.certificate} {store} && exec {tool} \"$@\"' sh \"$@\"\n")
    os.chmod(trusting, 0o755)
    try:
        edit(fleet, lambda c: c.update(roster={"url": f"https://localhost:{service.port}/v1/clients", "token": {"env": "ROSTER_TOKEN"}}))

        def call(verb, *more, check=0):
            canary.call(fleet, trusting, verb, *more, check=check, environment=environment)
            return canary.outputs[-1]

        untrusted = canary.call(fleet, tool, "run", check=1, environment={"ROSTER_TOKEN": canary.secret})
        assert service.asked == 0 and not os.path.exists(os.path.join(fleet.lake, "shop")), (service.asked, os.listdir(fleet.root), canary.outputs)
        service.state = "down"
        said = call("run", check=1)
        assert "503" in said and not os.path.exists(os.path.join(fleet.lake, "shop")), said
        service.state = "up"
        call("prepare")
        call("run", "--verbose")
        equal_lake = {path: len(rows(fleet, "shop/" + path)) for path in ("orders", "customers", "taxes")}
        assert equal_lake["orders"] == 360 and service.asked >= 6, (equal_lake, service.asked)
        left = service.clients.pop()
        report = json.loads(canary.call(fleet, trusting, "run", "--json", check=0, environment=environment))
        assert left["client_id"] not in {t["client"] for t in report["tasks"]} and len(report["tasks"]) == 15
        kept = {path: len(rows(fleet, "shop/" + path)) for path in equal_lake}
        assert kept == equal_lake, (kept, equal_lake)
        for state in ("down", "broken"):
            service.state = state
            report = json.loads(canary.call(fleet, trusting, "run", "--json", check=0, environment=environment))
            assert len(report["tasks"]) == 15 and "0 min old" in report["rosterNote"], report.get("rosterNote")
        service.state = "up"
        wrong = {**environment, "ROSTER_TOKEN": "other"}
        assert "401" in json.loads(canary.call(fleet, trusting, "run", "--json", check=0, environment=wrong))["rosterNote"]
        canary.verify(fleet.root)
    finally:
        service.shutdown()
        fleet.close()


def masking(tool, options):
    """What is masked is a hash that anybody with the key can compute, joins as it should, and shows nowhere in the clear:
    lake, stage, verification, logs, reports. Another key needs a plan."""
    import hashlib, hmac
    from security import Canary
    fleet = Fleet(rows=120, clients=2)
    canary = Canary()
    key = "k" * 20 + canary.secret
    environment = {"MASK_KEY": key}

    def expected(scope, text):
        derived = hmac.new(key.encode(), scope.encode(), hashlib.sha256).digest()
        return hmac.new(derived, text.encode(), hashlib.sha256).hexdigest()[:32]

    try:
        edit(fleet, lambda c: c.update(maskKey={"env": "MASK_KEY"}))
        edit(fleet, lambda c: c["tables"][0].update(mask={"note": "hmacPerClient", "weight": "drop", "customer_id": "hmac"}))
        edit(fleet, lambda c: c["tables"][1].update(mask={"email": "hmac", "name": "drop", "id": "hmac"}, review="required"))
        call = lambda verb, *more, check=0: canary.call(fleet, tool, verb, *more, check=check, environment=environment)
        for region, client, database in fleet.clients:
            column = "mail" if client.endswith("1") else "email"
            fleet.servers[region].run([f"update customers set {column} = 'clear-text-{client}@example.org' where id = 3",
                                       "update orders set note = 'clear-text note' where id = 5"], database)
        call("plan")
        call("prepare", "--verbose")
        call("run", "--verbose", "--html", os.path.join(fleet.root, "run.html"))
        call("diff", "--json")
        staged = rows(fleet, "tributary/stage/shop/customers")
        assert len(staged) == 72 and all("after_name" not in r for r in staged), staged[:2]
        call("approve", "--by", "judge")
        orders, customers = rows(fleet, "shop/orders"), rows(fleet, "shop/customers")
        assert "weight" not in orders[0] and "name" not in customers[0]
        for region, client, _ in fleet.clients:
            mine = {r["id"]: r for r in orders if r["client_id"] == client}
            assert len(mine) == 120 and mine[5]["note"] == expected(f"client\x1f{region}\x1f{client}", "clear-text note"), mine[5]
            assert mine[5]["customer_id"] == expected("lake", "5") and mine[10]["note"] is None
            emails = {r["id"]: r["email"] for r in customers if r["client_id"] == client}
            assert emails[expected("lake", "3")] == expected("lake", f"clear-text-{client}@example.org"), emails
        assert {r["customer_id"] for r in orders} & {r["id"] for r in customers}  # keys still join
        call("verify", "--json")
        again = json.loads(call("run", "--json"))
        assert all(t["outcome"] in ("unchanged", "merged") and t["rowsUpdated"] == 0 for t in again["tasks"]), again["tasks"][0]
        for row in orders + customers + staged:
            assert not any("clear-text" in str(value) for value in row.values()), row
        secret, canary.secret = canary.secret, "clear-text"
        canary.verify(fleet.root, *(os.path.join(fleet.root, region) for region in fleet.servers))
        canary.secret = secret
        canary.verify(fleet.root)
        environment["MASK_KEY"] = "another key of the masks" * 3
        refused = call("run", "--table", "orders", check=1)
        assert "plan" in refused, refused
        environment.clear()
        canary.call(fleet, tool, "run", check=1)
        assert "MASK_KEY" in canary.outputs[-1], canary.outputs[-1]
    finally:
        fleet.close()


def merges(tool, options):
    """Hundreds of incremental runs, marked and rewritten, with an optimiser beside them: equal rows for two engines, and a lake that stays small."""
    runs = int(os.environ.get("TRIBUTARY_MERGE_RUNS", "20" if options.short else "60"))
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


def traces(tool, options):
    """A strict receiver takes the spans of a run: one trace, each task below the run, reading below its task, rows as in the
    report, failures marked; a collector that is away changes nothing."""
    here = os.path.dirname(os.path.abspath(__file__))
    shared = os.environ.get("TRIBUTARY_SHARED") or os.path.join(here, "..", "..", "..", "shared")
    referee = os.path.join(shared, "referees", "otlp_referee.py")
    if not os.path.exists(referee) or subprocess.run([sys.executable, "-c", "import opentelemetry.proto"], capture_output=True).returncode:
        return "skipped: no referee"
    fleet = Fleet(rows=100, clients=2)
    port = free_port()
    file = os.path.join(fleet.root, "spans.jsonl")
    server = subprocess.Popen([sys.executable, referee, str(port), file])
    try:
        wait_for("the receiver", lambda: fetch(port, "/stats")[0] == 200)
        ok(command(fleet, tool, "prepare"))
        report = json.loads(ok(command(fleet, tool, "run", "--json", "--traces", f"http://127.0.0.1:{port}")))
        region, client, database = fleet.clients[0]
        fleet.servers[region].run([f"drop table {database}.taxes"])
        failed = command(fleet, tool, "run", "--traces", f"http://127.0.0.1:{port}")
        assert failed.returncode == 1, failed.stdout
        away = command(fleet, tool, "run", "--table", "orders", "--traces", f"http://127.0.0.1:{free_port()}")
        assert away.returncode == 0, away.stderr
        assert "bad" not in json.loads(fetch(port, "/stats")[2])
        spans = [span for line in open(file) for r in json.loads(line)["data"]["resourceSpans"] for s in r["scopeSpans"] for span in s["spans"]]
        by_trace = {}
        for span in spans:
            by_trace.setdefault(span["traceId"], []).append(span)
        assert len(by_trace) == 2, {k: len(v) for k, v in by_trace.items()}
        value = lambda span, key: next((next(iter(a["value"].values())) for a in span.get("attributes", []) if a["key"] == key), None)
        first = next(t for t in by_trace.values() if any(value(s, "run") == report["runID"] for s in t))
        run = [s for s in first if s["name"] == "sync run"]
        tasks = [s for s in first if s["name"] == "sync task"]
        reads = [s for s in first if s["name"] == "sync read"]
        assert len(run) == 1 and len(tasks) == len(reads) == 18, (len(run), len(tasks), len(reads))
        assert all(s["parentSpanId"] == run[0]["spanId"] for s in tasks)
        assert {s["parentSpanId"] for s in reads} == {s["spanId"] for s in tasks}
        assert sum(int(value(s, "rows.read")) for s in tasks) == sum(t["rowsRead"] for t in report["tasks"])
        assert all(int(s["startTimeUnixNano"]) <= int(s["endTimeUnixNano"]) for s in spans)
        second = next(t for t in by_trace.values() if t is not first)
        bad = [s for s in second if s.get("status", {}).get("code") == "STATUS_CODE_ERROR" and s["name"] == "sync task"]
        assert len(bad) == 1 and value(bad[0], "client") == client and value(bad[0], "table") == "taxes", bad
    finally:
        server.terminate()
        fleet.close()


# They use what stands above.
from landed import bronze, change_set  # noqa: E402
from watched import pictures, totals_agree  # noqa: E402
from whole_fleet import whole_fleet  # noqa: E402

SCENARIOS = [bronze, change_set, totals_agree, pictures, init, masking, traces, roster_service, review, plans, two_schedulers, stopped, served, fair_share, whole_fleet, merges]
