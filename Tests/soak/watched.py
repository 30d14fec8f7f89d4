"""Scenarios of what people see of runs: totals that agree wherever they are told, and pages and pictures in a browser.
Used by soak.py."""
import json, os, re, shutil, subprocess, sys, time

import pages
from faults import free_port
from fleet import Fleet

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
COUNTS = {"rows.read": "rowsRead", "rows.inserted": "rowsInserted", "rows.updated": "rowsUpdated", "rows.deleted": "rowsDeleted",
          "rows.staged": "rowsStaged", "rows.quarantined": "rowsQuarantined", "bytes.written": "bytesWritten"}


def shared():
    """What the scenarios of fleets have in common; they name these scenarios too."""
    import fleet_scenarios
    return fleet_scenarios


def fits(schema, value, path="line"):
    """Whether a value is as a schema says, of the words that the schema of log lines uses."""
    kinds = {"object": dict, "string": str, "number": (int, float)}
    known = {"$schema", "title", "description", "type", "required", "additionalProperties", "properties", "pattern", "enum"}
    assert set(schema) <= known, set(schema) - known
    if "type" in schema:
        assert isinstance(value, kinds[schema["type"]]) and not isinstance(value, bool), (path, value)
    if "enum" in schema:
        assert value in schema["enum"], (path, value)
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), (path, value)
    for name in schema.get("required", []):
        assert name in value, (path, name, value)
    for name, member in (value.items() if isinstance(value, dict) else ()):
        assert name in schema["properties"], (path, name, value)
        fits(schema["properties"][name], member, f"{path}.{name}")


def metrics(text):
    """The values of counters by name and labels."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
        found[(name, frozenset(re.findall(r'(\w+)="([^"]*)"', labels or "")))] = float(value)
    return found


def totals_agree(tool, options):
    """A load, changes, a task that fails and one that is staged: log, metrics, report, page, text, spans' counts in the history, ledger
    and lake say the same; each line of the log is as its schema says; promtool finds no fault."""
    own = shared()
    fleet = Fleet(rows=1500, clients=2)
    schema = json.load(open(os.path.join(ROOT, "Documentation", "schemas", "log-line.schema.json")))
    promtool = shutil.which("promtool")
    lines = 0
    try:
        own.edit(fleet, lambda c: c["tables"][1].update(review="required"))
        own.ok(own.command(fleet, tool, "prepare"))
        region, client, database = fleet.clients[0]
        before = {name: {} for name in ("orders", "customers", "taxes")}
        for number in range(4):
            if number == 1:
                own.ok(own.command(fleet, tool, "approve", "--by", "judge"))
                before["customers"] = {r: 150 for r in [(g, c) for g, c, _ in fleet.clients]}
                time.sleep(1.1)
                fleet.change(number)
            if number == 2:
                fleet.servers[region].run([f"rename table {database}.taxes to {database}.gone"])
            files = {name: os.path.join(fleet.root, f"{name}-{number}") for name in ("report", "html", "metrics")}
            done = subprocess.run(fleet.command(tool, "run", "--region", "all", "--log", "json", "--report", files["report"], "--html", files["html"],
                                                "--metrics", files["metrics"]), capture_output=True, text=True, timeout=600)
            assert done.returncode == (1 if number >= 2 else 0), done.stdout[-1500:] + done.stderr[-1500:]
            report = json.load(open(files["report"]))
            run = report["runID"]
            totals = {name: sum(t[key] for t in report["tasks"]) for name, key in COUNTS.items()}
            # The log.
            log = [json.loads(line) for line in done.stderr.splitlines()]
            for line in log:
                fits(schema, line)
            lines += len(log)
            ended = {(l["client"], l["table"]): l for l in log if "outcome" in l}
            failed = {(l["client"], l["table"]) for l in log if l["level"] == "error"}
            tasks = {(t["client"], t["table"]): t for t in report["tasks"]}
            assert set(ended) | failed == set(tasks) and not set(ended) & failed, (ended.keys(), failed)
            assert failed == {(client, "taxes")} if number >= 2 else not failed, failed
            for place, line in ended.items():
                assert line["run"] == run and line["outcome"] == tasks[place]["outcome"], (line, tasks[place])
                assert all(line[name] == tasks[place][key] for name, key in COUNTS.items()), (line, tasks[place])
            # The metrics.
            text = open(files["metrics"]).read()
            if promtool:
                checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
                assert checked.returncode == 0, checked.stdout + checked.stderr
            counted = metrics(text)
            for place, task in tasks.items():
                labels = frozenset({("region", task["region"]), ("client", task["client"]), ("table", f"shop.{task['table']}")})
                for name, key in COUNTS.items():
                    value = counted.get((f"sync_{name.replace('.', '_')}_total", labels), 0)
                    assert value == task[key], (place, name, value, task[key])
                assert counted[("sync_tasks_total", labels | {("outcome", task["outcome"])})] == 1, place
            assert sum(v for (n, _), v in counted.items() if n == "sync_tasks_total") == len(tasks)
            # What people read: the last line of the text, the cards of the page.
            said = re.search(r"(\d+) of (\d+) tasks ended well in .*: (\d+) rows read, (\d+) new, (\d+) changed, (\d+) gone, (\d+) bytes", done.stdout)
            wanted = [len(tasks) - len(failed), len(tasks), *(totals[n] for n in ("rows.read", "rows.inserted", "rows.updated", "rows.deleted", "bytes.written"))]
            assert [int(g) for g in said.groups()] == wanted, (said.groups(), wanted)
            cards = {label: re.sub(r"\D", "", value) for value, label in re.findall(r"<div><b>(.*?)</b><span>(.*?)</span></div>", open(files["html"]).read())}
            shown = {"tasks": len(tasks), "failed": len(failed), "rows read": totals["rows.read"], "new": totals["rows.inserted"],
                     "changed": totals["rows.updated"], "gone": totals["rows.deleted"]}
            if totals["rows.staged"]:
                shown["rows staged"] = totals["rows.staged"]
            assert {k: cards.get(k) for k in shown} == {k: str(v) for k, v in shown.items()}, (cards, shown)
            # The history, and the ledger, whose marks are those of the report.
            history = {(r["client_id"], r["table_name"]): r for r in own.rows(fleet, "tributary/run_history") if r["run_id"] == run}
            assert set(history) == set(tasks)
            micros = lambda instant: None if instant is None else int(round(instant.timestamp() * 1_000_000))
            for place, row in history.items():
                task = tasks[place]
                for name, key in COUNTS.items():
                    if name not in ("rows.staged", "rows.quarantined"):
                        assert row[name.replace(".", "_")] == task[key], (place, name)
                assert row["outcome"] == task["outcome"] and micros(row["mark"]) == task.get("mark"), (row, task)
                assert row["table_version"] == task.get("tableVersion"), (row, task)
            ledger = {(r["client_id"], r["table_name"]): micros(r["last_sync_timestamp"]) for r in own.rows(fleet, "tributary/sync_log")}
            for place, task in tasks.items():
                if task["outcome"] in ("loaded", "merged"):
                    assert ledger[place] == task["mark"], (place, ledger[place], task["mark"])
            # The lake: rows grew by what came and went.
            for name, counts in before.items():
                now = {}
                for row in own.rows(fleet, f"shop/{name}"):
                    place = (row["region"], row["client_id"])
                    now[place] = now.get(place, 0) + 1
                for where, owner, _ in fleet.clients:
                    task = tasks[(owner, name)]
                    grown = now.get((where, owner), 0) - counts.get((where, owner), 0)
                    assert grown == task["rowsInserted"] - task["rowsDeleted"], (name, owner, grown, task)
                before[name] = now
        return f"{lines} log lines" + ("" if promtool else ", without promtool")
    finally:
        fleet.close()


def pictures(tool, options):
    """The page of a run of 200 tasks, one with failures and long names, and the pictures of the documentation, on a phone, a desktop
    and in the dark: all text is seen, nothing is on the console, nothing is fetched."""
    if not pages.browser():
        return "skipped: no browser"
    own = shared()
    fleet = Fleet(rows=20, clients=2)
    seen = 0
    try:
        own.ok(own.command(fleet, tool, "prepare"))
        page = os.path.join(fleet.root, "run.html")
        own.ok(own.command(fleet, tool, "run", "--html", page))
        fleet.servers["us"].stop()
        region, _, database = fleet.clients[0]
        fleet.servers[region].run([f"alter table {database}.orders add column a_column_that_nobody_had_told_us_about_before int"])
        own.edit(fleet, lambda c: c["limits"].update(attempts=1))
        failed = os.path.join(fleet.root, "failed.html")
        assert own.command(fleet, tool, "run", "--html", failed).returncode == 1
        for file in (page, failed):
            text = open(file).read()
            assert not re.search(r"(src|href)=|url\(|@import|<script", text), file
            wrong = pages.look(text, fleet.root)
            assert not wrong, (file, wrong)
            seen += 1
        assert "What failed" in open(failed).read()
        for name in sorted(os.listdir(os.path.join(ROOT, "Documentation"))):
            if name.endswith(".svg"):
                wrong = pages.look_at_picture(os.path.join(ROOT, "Documentation", name), fleet.root)
                assert not wrong, (name, wrong)
                seen += 1
        return f"{seen} pages and pictures"
    finally:
        fleet.close()
