#!/usr/bin/env python3
"""A fleet in distant regions at concurrency 1, one commit a task, against partition-aligned concurrency.

  concurrency.py REGION_SYNC [--clients 60] [--rows 500] [--levels 1,4,12,24] [--plot FILE.svg]

Boots three private MariaDB servers and puts before each a proxy that adds 20 ms to each round trip and lets a connection
carry 25 MB/s. For each level the lake is made anew: a first run, a run after changes at a tenth of the clients, a run with
nothing. Prints seconds, commits to the tables and the ratio to level 1; all lakes must end with the same rows.
Needs the packages deltalake, pyarrow and pymysql.
"""
import argparse, hashlib, json, os, shutil, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "soak"))
from fleet import CUSTOMERS, ORDERS, TAXES, Fleet, Server  # noqa: E402
from proxy import DistantProxy  # noqa: E402

TABLES = ["orders", "customers", "taxes", "returns"]
PHASES = ["first run", "a tenth changed", "nothing changed"]


def fill(server, database, rows):
    server.run([f"create database {database} character set utf8mb4"])
    server.run([ORDERS, CUSTOMERS.format(email="email", extra="phone varchar(20) null,"), TAXES,
                ORDERS.replace("table orders", "table returns"), Fleet.insert_orders(1, rows),
                Fleet.insert_orders(1, max(rows // 10, 1)).replace("insert into orders", "insert into returns"),
                f"insert into customers (id, email, name) select seq, concat('p', seq), concat('Name ', seq) from seq_1_to_{max(rows // 10, 1)}",
                "insert into taxes values ('DE','full',19.000),('DE','low',7.000)"], database)


def digest(lake):
    """What all tables hold, whatever the order of rows."""
    from deltalake import DeltaTable
    whole = hashlib.sha256()
    for table in TABLES:
        rows = DeltaTable(os.path.join(lake, "shop", table)).to_pyarrow_table().to_pylist()
        for row in sorted(json.dumps(row, default=str, sort_keys=True) for row in rows):
            whole.update(row.encode())
    return whole.hexdigest()


def versions(lake):
    return sum(len([n for n in os.listdir(os.path.join(lake, "shop", table, "_delta_log")) if n.endswith(".json")]) - 1 for table in TABLES)


def plot(results, file, caption):
    """Bars of the seconds of each phase, by level."""
    levels = list(results)
    most = max(seconds for result in results.values() for seconds, _ in result)
    width, height, left, top = 720, 300, 56, 44
    step = (width - left - 16) / len(PHASES)
    bar = (step - 28) / len(levels)
    shades = ["#9aa5b1", "#6ea3ff", "#2f6fdb", "#173e8c", "#0b2350"]
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + 92}" font-family="system-ui,sans-serif" font-size="13">',
             f'<rect width="{width}" height="{height + 92}" fill="#fff"/><text x="16" y="24" font-size="15" fill="#1b1f24">{caption}</text>']
    for index, phase in enumerate(PHASES):
        for number, level in enumerate(levels):
            seconds, _ = results[level][index]
            tall = seconds / most * (height - 60)
            x, y = left + index * step + number * bar, top + height - 40 - tall
            ratio = results[levels[0]][index][0] / seconds
            parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{bar - 6:.1f}" height="{max(tall, 1):.1f}" rx="2" fill="{shades[number % 5]}"/>'
                         f'<text x="{x + bar / 2 - 3:.1f}" y="{y - 5:.1f}" text-anchor="middle" font-size="11" fill="#1b1f24">'
                         + (f"{seconds:.0f} s" if number == 0 else f"{ratio:.1f} ×") + "</text>")
        parts.append(f'<text x="{left + index * step + (step - 34) / 2:.1f}" y="{top + height - 16}" text-anchor="middle" fill="#1b1f24">{phase}</text>')
    for number, level in enumerate(levels):
        x = left + number * 130
        parts.append(f'<rect x="{x}" y="{height + 56}" width="12" height="12" rx="2" fill="{shades[number % 5]}"/>'
                     f'<text x="{x + 18}" y="{height + 67}" fill="#5c6773">{level} task{"s" if level > 1 else ""} at once</text>')
    open(file, "w").write("\n".join(parts) + "\n</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--clients", type=int, default=60)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--levels", default="1,4,12,24")
    parser.add_argument("--plot")
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="trib-bench-")
    servers, proxies, roster = {}, {}, []
    try:
        for number, region in enumerate(("eu", "us", "ap")):
            server = servers[region] = Server(root, region, port=35500 + number, pool="256M")
            server.run(["create user sync@'127.0.0.1' identified by 'secret'", "grant select, process on *.* to sync@'127.0.0.1'"])
            proxies[region] = DistantProxy("127.0.0.1", server.port)
        for number in range(options.clients):
            region = ("eu", "us", "ap")[number % 3]
            fill(servers[region], f"shop_c{number}", options.rows)
            roster.append({"client_id": f"c{number}", "region": region, "connection": region})
        json.dump({"clients": roster}, open(f"{root}/roster.json", "w"))
        os.environ["SYNC_PASSWORD"] = "secret"
        levels = [int(level) for level in options.levels.split(",")]

        def sync(level, verb):
            begin = time.time()
            done = subprocess.run([options.tool, verb, "--region", "all", "--json", "--config", f"{root}/{level}.json"], capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"{verb} at level {level} failed: {done.stdout[-1500:]} {done.stderr[-1500:]}")
            return time.time() - begin

        results = {level: [] for level in levels}
        for phase in range(3):
            if phase == 1:
                time.sleep(1.1)
                for client in roster[::10]:
                    servers[client["region"]].run(["update orders set amount = amount + 1 where id % 50 = 7", "insert into returns (customer_id, amount, status) values (1, 2, 'new')"],
                                                  "shop_" + client["client_id"])
                time.sleep(1.1)
            for level in levels:
                if phase == 0:
                    limits = {"tasks": level, "tasksPerHost": max(level // 3, 1), "memoryMiB": 4096}
                    if level == 1:
                        limits["commitGroup"] = 1
                    json.dump({"lake": f"lake{level}", "roster": "roster.json",
                               "connections": {r: {"host": "127.0.0.1", "port": p.port, "user": "sync", "password": {"env": "SYNC_PASSWORD"}}
                                               for r, p in proxies.items()},
                               "schemas": {"shop": {"database": "shop_{client_id}"}},
                               "tables": [{"schema": "shop", "name": t, **({"cursor": None} if t == "taxes" else {})} for t in TABLES],
                               "limits": limits}, open(f"{root}/{level}.json", "w"))
                    sync(level, "prepare")
                before = versions(f"{root}/lake{level}")
                seconds = sync(level, "run")
                results[level].append((seconds, versions(f"{root}/lake{level}") - before))
                print(f"  level {level}, {PHASES[phase]}: {seconds:.1f} s", file=sys.stderr, flush=True)
        digests = {digest(f"{root}/lake{level}") for level in levels}
        if len(digests) != 1:
            raise SystemExit("the lakes differ")
        tasks = len(roster) * len(TABLES)
        print(f"{len(roster)} clients on three servers 20 ms away, {len(TABLES)} tables: {tasks} tasks; all lakes hold the same rows")
        print("| tasks at once | " + " | ".join(f"{p}: s | ratio | versions" for p in PHASES) + " |\n|" + "---|" * 10)
        for level, result in results.items():
            cells = [f"{s:.1f} | {results[levels[0]][i][0] / s:.1f} | {v}" for i, (s, v) in enumerate(result)]
            print(f"| {level} | " + " | ".join(cells) + " |")
        if options.plot:
            plot(results, options.plot, f"{tasks} tasks in distant regions (20 ms, 25 MB/s): seconds, and times faster")
    finally:
        for proxy in proxies.values():
            proxy.close()
        for server in servers.values():
            server.stop()
        shutil.rmtree(root, ignore_errors=True)


main()
