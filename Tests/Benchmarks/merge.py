#!/usr/bin/env python3
"""What an incremental run costs, against connectorx + delta-rs merging the same changes into the same rows.

  merge.py REGION_SYNC [--rows ROWS_A_CLIENT] [--repeat N] [--cases uniform,newest,few] [--only ours|peer]

Three private MariaDB servers, four clients each. Both sides load the table `orders`; then 1 % of the rows change, spread over
all keys or within the newest tenth of them (of which then a tenth changes), or 100 rows of each client, and both bring the
changes: ours with deletion vectors and by writing files anew, the peer by a merge that names each partition. Each round
starts from copies of the loaded tables; the sides take turns. Wall seconds, CPU seconds of the client with its children, peak
memory of one process, and the bytes of new files. At the end delta-rs reads all sides, which must agree.

Needs mariadb-server and a Python with pymysql, connectorx, deltalake, pyarrow.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile, time

from first_load import PEER, boot, measure, settings

MERGE = """
import sys, multiprocessing
def merge(job):
    import connectorx as cx, deltalake, deltalake.exceptions, pyarrow as pa, pyarrow.compute as pc
    lake, since, uri, region, client = job
    table = cx.read_sql(uri, f"select * from orders where update_timestamp > '{since}'", return_type="arrow", protocol="binary")
    columns = []
    for field in table.schema:
        column = table.column(field.name)
        if field.name == "amount": column = column.cast(pa.decimal128(12, 2))
        if field.name == "is_priority": column = column.cast(pa.bool_())
        if field.name in ("created_at", "update_timestamp"): column = pc.assume_timezone(column.cast(pa.timestamp("us")), "UTC")
        columns.append(column)
    n = len(table)
    table = pa.table(columns + [pa.repeat(pa.scalar(region), n), pa.repeat(pa.scalar(client), n)], names=table.column_names + ["region", "client_id"])
    if n == 0: return
    for attempt in range(20):
        try:
            (deltalake.DeltaTable(lake).merge(table, predicate=f"t.region = '{region}' AND t.client_id = '{client}' AND t.id = s.id", source_alias="s", target_alias="t")
             .when_matched_update_all(predicate="s.update_timestamp > t.update_timestamp").when_not_matched_insert_all().execute())
            return
        except deltalake.exceptions.DeltaError as error: last = repr(error)
    raise RuntimeError("the merge failed twenty times: " + last)
if __name__ == "__main__":
    lake, since, *jobs = sys.argv[1:]
    jobs = [(lake, since, *job.split("|")) for job in jobs]
    with multiprocessing.get_context("spawn").Pool(2) as pool: pool.map(merge, jobs, chunksize=1)
"""

CHECK = """
import sys, deltalake
table = deltalake.DeltaTable(sys.argv[1])
query = "select count(*) c, count(distinct region || client_id || id) d, sum(amount) a, max(update_timestamp) u, sum(length(status)) l from t"
import pyarrow
print(pyarrow.table(deltalake.QueryBuilder().register("t", table).execute(query).read_all()).to_pylist())
"""


def size(folder):
    """The bytes of data files and vectors by their paths."""
    return {os.path.join(path, name): os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(folder)
            for name in names if name.endswith((".parquet", ".bin")) and "_delta_log" not in path}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--rows", type=int, default=250_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--cases", default="uniform,newest,few")
    parser.add_argument("--only", choices=["ours", "peer"])
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="trib-bench-")
    servers = {}
    sides = [s for s in ("vectors", "rewrite", "peer") if options.only in (None, "peer" if s == "peer" else "ours")]
    try:
        servers, jobs = boot(root, 24410, options.rows)
        for side in ("vectors", "rewrite"):
            table = {"schema": "shop", "name": "orders", "cursor": "update_timestamp", "deletionVectors": side == "vectors"}
            json.dump(settings(side, servers, [table], 2), open(f"{root}/{side}.json", "w"))
        open(f"{root}/load.py", "w").write(PEER)
        open(f"{root}/merge.py", "w").write(MERGE)
        run = {side: [options.tool, "run", "--region", "all", "--config", f"{root}/{side}.json"] for side in ("vectors", "rewrite")}
        for side in sides:
            if side == "peer":
                subprocess.run([sys.executable, f"{root}/load.py", f"{root}/peer", *(j[2] for j in jobs)], check=True)
            else:
                subprocess.run([options.tool, "prepare", "--region", "all", "--config", f"{root}/{side}.json"], check=True, stdout=subprocess.DEVNULL)
                subprocess.run(run[side], check=True, stdout=subprocess.DEVNULL)
            os.rename(f"{root}/{side}", f"{root}/{side}.loaded")
        day = 0
        for case in options.cases.split(","):
            day += 1
            since = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 1))
            first = int(options.rows * 0.9) if case == "newest" else 0
            every = {"uniform": 100, "newest": 10, "few": max(1, options.rows // 100)}[case]
            new = 0 if case == "few" else options.rows // 500
            for server, name, _ in jobs:
                server.run(["set @i := 0", "update orders set amount = amount + 1, status = 'changed', "
                            f"update_timestamp = timestamp'{since}' + interval (@i := @i + 1) microsecond "
                            f"where id > {first} and id <= {options.rows} and crc32(concat(id, '{case}')) % {every} = 0",
                            "insert into orders (id, customer_id, amount, status, currency, channel, reference, note, created_at, update_timestamp, weight, is_priority) "
                            f"select id + {options.rows * 2 * day}, customer_id, amount, status, currency, channel, reference, note, created_at, "
                            f"timestamp'{since}' + interval (id + 1000000) microsecond, weight, is_priority from orders where id <= {new}"], name)
            results = {side: [] for side in sides}
            for _ in range(options.repeat + 1):
                for side in sides:
                    shutil.rmtree(f"{root}/{side}", ignore_errors=True)
                    shutil.copytree(f"{root}/{side}.loaded", f"{root}/{side}")
                    before = size(f"{root}/{side}")
                    command = run.get(side) or [sys.executable, f"{root}/merge.py", f"{root}/peer", since, *(j[2] for j in jobs)]
                    figures = measure(command)
                    written = sum(bytes for path, bytes in size(f"{root}/{side}").items() if path not in before)
                    results[side].append((*figures, written / 1e6))
            medians = {s: [statistics.median(f[i] for f in runs[1:]) for i in range(4)] for s, runs in results.items()}
            print(f"{case}: {options.rows * 12} rows, medians of {options.repeat} runs after one that does not count")
            print("| | wall s | client CPU s | peak MiB of a process | MB written |\n|---|---|---|---|---|")
            for side, figures in medians.items():
                print(f"| {side} | " + " | ".join(f"{f:.2f}" if i != 2 else f"{f:.0f}" for i, f in enumerate(figures)) + " |")
                if side != "peer" and "peer" in medians:
                    print(f"| {side}, ratio | " + " | ".join(f"{a / b:.3f}" for a, b in zip(figures, medians["peer"])) + " |")
            sums = {side: subprocess.run([sys.executable, "-c", CHECK, f"{root}/{side}" + ("" if side == "peer" else "/shop/orders")],
                                         capture_output=True, text=True, check=False) for side in sides}
            for side, done in sums.items():
                print(f"{side} reads as {done.stdout.strip() or done.stderr[-300:]}")
            if len({done.stdout for done in sums.values()}) != 1:
                raise SystemExit("the sides differ")
            sys.stdout.flush()
            for side in sides:  # the next case begins with what this one left
                shutil.rmtree(f"{root}/{side}.loaded")
                os.rename(f"{root}/{side}", f"{root}/{side}.loaded")
    finally:
        for server in servers.values():
            server.stop()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
