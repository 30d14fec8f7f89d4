#!/usr/bin/env python3
"""What a run costs for each client where little or nothing changed, against connectorx + delta-rs in one warm process.

  fixed_costs.py REGION_SYNC [--rows ROWS_A_CLIENT] [--repeat N] [--tables TABLES_A_CLIENT]

Three private MariaDB servers, four clients each, one table; both sides go from client to client, one at a time, after nothing
changed, after 100 rows were inserted and after 100 rows were updated in each. Prints the milliseconds that a client took, from
the first one's start to the last one's end; the peer's process has asked all servers before, ours begins with no connection. Then one run of 12 * TABLES tables in
which nothing changed: its CPU seconds, start of the program included.

Needs mariadb-server and a Python with pymysql, connectorx, deltalake, pyarrow.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile, time

from first_load import PEER, TABLE, boot, measure, settings
from merge import MERGE

CLIENTS = MERGE[:MERGE.index("if __name__")] + """
import json, time, connectorx as cx, deltalake, pyarrow, pyarrow.compute
lake, since, *jobs = sys.argv[1:]
jobs = [(lake, since, *job.split("|")) for job in jobs]
for job in jobs:
    cx.read_sql(job[2], "select * from orders where update_timestamp > '2100-01-01'", return_type="arrow", protocol="binary")
times = []
for job in jobs:
    begin = time.perf_counter()
    merge(job)
    times.append(time.perf_counter() - begin)
print(json.dumps(times))
"""


def milliseconds(report):
    """What a task took, from the first one's start to the last one's end."""
    begin = min(t["startedAfter"] for t in report["tasks"])
    end = max(t["startedAfter"] + t["seconds"] for t in report["tasks"])
    return (end - begin) / len(report["tasks"]) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--rows", type=int, default=250_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--tables", type=int, default=84)
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="trib-bench-")
    servers = {}
    try:
        servers, jobs = boot(root, 24430, options.rows)
        for server, name, _ in jobs:
            server.run([s for i in range(options.tables) for s in (TABLE.replace("table orders", f"table small_{i}"),
                                                                  f"insert into small_{i} select * from orders limit 50")], name)

        def configure(name, tables, tasks):
            tables = [{"schema": "shop", "name": t, "cursor": "update_timestamp", "deletionVectors": True} for t in tables]
            json.dump(settings(name, servers, tables, tasks), open(f"{root}/{name}.json", "w"))
            command = [options.tool, "run", "--region", "all", "--json", "--config", f"{root}/{name}.json"]
            subprocess.run([options.tool, "prepare", *command[2:4], *command[5:]], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            return command

        ours = configure("ours", ["orders"], 1)
        open(f"{root}/load.py", "w").write(PEER)
        open(f"{root}/clients.py", "w").write(CLIENTS)
        subprocess.run([sys.executable, f"{root}/load.py", f"{root}/peer", *(j[2] for j in jobs)], check=True)
        print(f"{options.rows} rows a client, 12 clients one after another; ms a client, medians of {options.repeat} rounds")
        print("| | ours | peer | ratio |\n|---|---|---|---|")
        day = 0
        for case in ("nothing changed", "100 rows inserted", "100 rows updated"):
            rounds = {"ours": [], "peer": []}
            for _ in range(options.repeat):
                day += 1
                since = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 1))
                at = f"timestamp'{since}' + interval id microsecond"
                for server, name, _ in jobs:
                    if case == "100 rows inserted":
                        server.run([f"insert into orders select id + {options.rows * 2 * day}, customer_id, amount, status, currency, channel, "
                                    f"reference, note, created_at, {at}, weight, is_priority from orders where id <= 100"], name)
                    elif case == "100 rows updated":
                        server.run([f"update orders set amount = amount + 1, update_timestamp = {at} "
                                    f"where id <= {options.rows} and id % {options.rows // 100} = {day}"], name)
                time.sleep(2.5)  # until the clock has passed the rows' time
                report = json.loads(subprocess.run(ours, check=True, capture_output=True, text=True).stdout)
                read = sum(t["rowsRead"] for t in report["tasks"])
                if read != (0 if case == "nothing changed" else 1200):
                    raise SystemExit(f"{case}: {read} rows were read")
                # Tasks that are ready wait for one commit together: none has a time of its own.
                rounds["ours"].append(milliseconds(report))
                times = subprocess.run([sys.executable, f"{root}/clients.py", f"{root}/peer", since, *(j[2] for j in jobs)],
                                       check=True, capture_output=True, text=True).stdout
                rounds["peer"].append(statistics.mean(json.loads(times)) * 1000)
            medians = {side: statistics.median(values) for side, values in rounds.items()}
            if case == "nothing changed": unchanged = medians["peer"]
            print(f"| {case} | {medians['ours']:.1f} | {medians['peer']:.1f} | {medians['ours'] / medians['peer']:.3f} |", flush=True)
        for tasks in (1, 2):
            many = configure(f"many{tasks}", [f"small_{i}" for i in range(options.tables)], tasks)
            subprocess.run(many, check=True, stdout=subprocess.DEVNULL)
            report = json.loads(subprocess.run(many, check=True, capture_output=True, text=True).stdout)
            if any(t["outcome"] != "unchanged" or t["rowsRead"] for t in report["tasks"]):
                raise SystemExit("something changed")
            figures = [measure(many) for _ in range(options.repeat)]
            wall, cpu, peak = (statistics.median(f[i] for f in figures) for i in range(3))
            count = 12 * options.tables
            if tasks == 1:
                ours = statistics.median(
                    milliseconds(json.loads(subprocess.run(many, check=True, capture_output=True, text=True).stdout))
                    for _ in range(options.repeat))
                print(f"| nothing changed, {options.tables} tables a client | {ours:.1f} | {unchanged:.1f} | {ours / unchanged:.3f} |\n")
            print(f"{count} tasks without a change, {tasks} at once: {wall:.2f} s, {cpu:.2f} CPU s, "
                  f"{cpu / count * 1000:.2f} CPU ms a task, {peak:.0f} MiB", flush=True)
    finally:
        for server in servers.values():
            server.stop()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
