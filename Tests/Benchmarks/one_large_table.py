#!/usr/bin/env python3
"""One large table by one and by two connections, read into columns and loaded, against a drain of the same rows.

  swift build --package-path Tests/Benchmarks -c release --product source-bench
  one_large_table.py REGION_SYNC [--source-bench PROGRAM] [--rows 3000000] [--repeat 5]

Boots a private MariaDB server with one client. The drain is a small C program that fetches the rows over the binary
protocol and drops them, which nothing that reads them can beat. Prints medians of wall time, CPU seconds of the client and
of the server, and the peak memory, of runs in turn; then ratios to the drain. Without source-bench only the loads are run. Needs
pymysql, cc and libmariadb.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile

import drain
from first_load import ROWS, TABLE, Server, measure, size

def server_seconds(server):
    fields = open(f"/proc/{server.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--source-bench", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), ".build/release/source-bench"))
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="trib-bench-")
    server = Server(root, "eu", port=24_420, pool="2G")
    try:
        server.run(["create user sync@'127.0.0.1' identified by 'secret'", "grant select, process on *.* to sync@'127.0.0.1'",
                    "create database big character set utf8mb4"])
        # Timestamps end in 2038.
        rows = ROWS.replace("seq * 200 second", "seq * 10 second").format(s="big", n=options.rows)
        server.run([TABLE, rows, "analyze table orders"], "big")
        program = drain.build(root)
        json.dump({"clients": [{"client_id": "big", "region": "eu", "connection": "eu"}]}, open(f"{root}/roster.json", "w"))
        for readers in (1, 2):
            json.dump({"lake": f"lake{readers}", "roster": "roster.json",
                       "connections": {"eu": {"host": "127.0.0.1", "port": 24_420, "user": "sync", "password": {"env": "SYNC_PASSWORD"}}},
                       "schemas": {"shop": {"database": "{client_id}"}},
                       "tables": [{"schema": "shop", "name": "orders", "cursor": "update_timestamp"}],
                       "limits": {"loadConnections": readers}}, open(f"{root}/sync{readers}.json", "w"))
        os.environ["SYNC_PASSWORD"] = "secret"
        reads = [1, 2] if os.path.exists(options.source_bench) else []
        kinds = [("drain", 0), *(("read", count) for count in reads), ("load", 1), ("load", 2)]
        results = {kind: [] for kind in kinds}
        for _ in range(options.repeat + 1):
            for (kind, number), runs in results.items():
                command = drain.command(program, [(24_420, "big")])
                if kind == "read":
                    command = [options.source_bench, "big", "--port", "24420", "--connections", str(number)]
                if kind == "load":
                    shutil.rmtree(f"{root}/lake{number}", ignore_errors=True)
                    common = ["--region", "all", "--config", f"{root}/sync{number}.json"]
                    subprocess.run([options.tool, "prepare", *common], check=True, stdout=subprocess.DEVNULL)
                    command = [options.tool, "run", *common]
                before = server_seconds(server)
                wall, cpu, memory = measure(command)
                runs.append((wall, cpu, server_seconds(server) - before, memory))
        medians = {n: [statistics.median(f[i] for f in runs[1:]) for i in range(4)] for n, runs in results.items()}
        print(f"{options.rows} rows, medians of {options.repeat} runs after one that does not count; {size(root + '/lake2'):.0f} MB written")
        print("| | wall s | client CPU s | server CPU s | peak MiB |\n|---|---|---|---|---|")
        for (kind, number), figures in medians.items():
            name = kind if number == 0 else f"{kind}, {number} connection{'s' if number > 1 else ''}"
            print(f"| {name} | " + " | ".join(f"{f:.2f}" if i < 3 else f"{f:.0f}" for i, f in enumerate(figures)) + " |")
        floor = medians["drain", 0]
        for kind in ("read", "load") if reads else ("load",):
            one, two = medians[kind, 1], medians[kind, 2]
            print(f"{kind}, to the drain: client CPU of one connection {one[1] / floor[1]:.2f}, server CPU {one[2] / floor[2]:.2f}; "
                  f"rows a second of two connections to one: {one[0] / two[0]:.2f}")
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
