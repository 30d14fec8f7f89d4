#!/usr/bin/env python3
"""The first load of twelve clients, against the fastest peer we know: connectorx and delta-rs in two processes.

  first_load.py REGION_SYNC [--rows 250000] [--repeat 5] [--only ours|peer|drain]

Boots three private MariaDB servers on loopback with four clients each, then loads their `orders` tables into one Delta
table, ours and the peer's in turn, and drains the same rows by two connections that drop them. Prints, for each, the medians of wall time, CPU seconds of the client with all its
processes, the peak memory of its largest process, and the size of the files; and ours as a ratio of
the peer's and of the drain. Needs the packages connectorx, deltalake, pyarrow and pymysql, cc and libmariadb.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "soak"))
import drain  # noqa: E402
from fleet import Server  # noqa: E402

TABLE = """create table orders (id bigint not null primary key, customer_id int not null, amount decimal(12,2) not null,
 status varchar(16) not null, currency varchar(3) not null, channel varchar(16) not null, reference varchar(32) not null,
 note text null, created_at datetime(6) not null, update_timestamp timestamp(6) not null, weight double null,
 is_priority tinyint(1) not null, key (update_timestamp)) default charset utf8mb4"""
ROWS = """insert into orders select seq, 1 + crc32(concat('{s}', seq)) % 20000, (crc32(concat(seq, '{s}')) % 1000000) / 100 + 0.01,
 elt(1 + crc32(seq) % 6, 'new', 'paid', 'packed', 'shipped', 'delivered', 'cancelled'),
 elt(1 + seq * 7 % 5, 'EUR', 'USD', 'GBP', 'CHF', 'SEK'), elt(1 + crc32(concat(seq, 'c')) % 4, 'web', 'store', 'partner', 'phone'),
 md5(concat('{s}', seq)), if(crc32(concat(seq, 'n')) % 10 < 3, null, concat(elt(1 + seq % 8, 'customer asked to', 'please call before',
 'courier must', 'driver should', 'gift for client', 'ring twice and', 'office hours only', 'second attempt'), ' ref ', seq * 7 % 99991,
 '-', crc32(concat(seq, 'r')) % 9973)), timestamp'2023-01-01 00:00:00' + interval seq * 200 second + interval crc32(seq) % 1000000 microsecond,
 timestamp'2023-01-01 00:00:00' + interval seq * 200 second + interval crc32(concat(seq, 'u')) % 1000000 microsecond,
 if(seq % 20 = 0, null, (crc32(concat(seq, 'w')) % 1000003) / 997.0), crc32(concat(seq, 'p')) % 7 = 0 from seq_1_to_{n}"""

PEER = """
import sys, multiprocessing
def load(job):
    import connectorx as cx, deltalake, pyarrow as pa, pyarrow.compute as pc
    lake, uri, region, client = job
    table = cx.read_sql(uri, "select * from orders", return_type="arrow", protocol="binary")
    columns = []
    for field in table.schema:
        column = table.column(field.name)
        if field.name == "amount": column = column.cast(pa.decimal128(12, 2))
        if field.name in ("created_at", "update_timestamp"): column = pc.assume_timezone(column.cast(pa.timestamp("us")), "UTC")
        columns.append(column)
    n = len(table)
    table = pa.table(columns + [pa.repeat(pa.scalar(region), n), pa.repeat(pa.scalar(client), n)], names=table.column_names + ["region", "client_id"])
    deltalake.write_deltalake(lake, table, mode="append", partition_by=["region", "client_id"])
    return table.schema
if __name__ == "__main__":
    import deltalake, pyarrow as pa
    lake, *jobs = sys.argv[1:]
    jobs = [(lake, *job.split("|")) for job in jobs]
    t = pa.timestamp("us", "UTC")
    schema = pa.schema([("id", pa.int64()), ("customer_id", pa.int64()), ("amount", pa.decimal128(12, 2)), ("status", pa.string()),
        ("currency", pa.string()), ("channel", pa.string()), ("reference", pa.string()), ("note", pa.string()), ("created_at", t),
        ("update_timestamp", t), ("weight", pa.float64()), ("is_priority", pa.bool_()), ("region", pa.string()), ("client_id", pa.string())])
    deltalake.DeltaTable.create(lake, schema, partition_by=["region", "client_id"])
    with multiprocessing.get_context("spawn").Pool(2) as pool: pool.map(load, jobs, chunksize=1)
"""


def measure(command):
    """Wall seconds, CPU seconds with all children, peak MiB of the largest process."""
    # A small process of its own starts the command: what this one holds would count as the command's peak.
    done = subprocess.run(["/usr/bin/env", "python3", "-c",
                           "import resource, subprocess, sys, time; start = time.time();"
                           "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); wall = time.time() - start;"
                           "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
                           "print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024); sys.exit(done.returncode)",
                           *command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command[:3]} failed: {done.stderr[-2000:]}")
    return tuple(float(figure) for figure in done.stdout.split()[-3:])


def size(folder):
    return sum(os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(folder) for name in names
               if name.endswith(".parquet")) / 1e6


def boot(root, port, rows):
    """Three servers on loopback, from that port on, with a table of so many rows for each of four clients, and the roster's file.

    Servers by region, and for each client its server, its name and what the peers are told: `uri|region|client`."""
    servers, jobs = {}, []
    for number, region in enumerate(("eu", "us", "ap")):
        server = servers[region] = Server(root, region, port=port + number, pool="1G")
        server.run(["create user sync@'127.0.0.1' identified by 'secret'", "grant select, process on *.* to sync@'127.0.0.1'"])
        for client in range(4):
            name = f"{region}{client}"
            server.run([f"create database {name} character set utf8mb4"])
            server.run([TABLE, ROWS.format(s=name, n=rows), "analyze table orders"], name)
            jobs.append((server, name, f"mysql://sync:secret@127.0.0.1:{server.port}/{name}|{region}|{name}"))
    json.dump({"clients": [{"client_id": n, "region": j.split("|")[1], "connection": j.split("|")[1]} for _, n, j in jobs]},
              open(f"{root}/roster.json", "w"))
    os.environ["SYNC_PASSWORD"] = "secret"
    return servers, jobs


def settings(lake, servers, tables, tasks):
    """The configuration of the fleet."""
    return {"lake": lake, "roster": "roster.json",
            "connections": {r: {"host": "127.0.0.1", "port": s.port, "user": "sync", "password": {"env": "SYNC_PASSWORD"}}
                            for r, s in servers.items()},
            "schemas": {"shop": {"database": "{client_id}"}}, "tables": tables, "limits": {"tasks": tasks}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--rows", type=int, default=250_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", choices=["ours", "peer", "drain"])
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="trib-bench-")
    servers = {}
    try:
        servers, jobs = boot(root, 24400, options.rows)
        targets = [(server.port, name) for server, name, _ in jobs]
        json.dump(settings("ours", servers, [{"schema": "shop", "name": "orders", "cursor": "update_timestamp"}], 2),
                  open(f"{root}/sync.json", "w"))
        open(f"{root}/peer.py", "w").write(PEER)
        program = drain.build(root)
        results = {"ours": [], "peer": [], "drain": []}
        for _ in range(options.repeat + 1):
            for name in results:
                if options.only and options.only != name:
                    continue
                shutil.rmtree(f"{root}/{name}", ignore_errors=True)
                if name == "ours":
                    subprocess.run([options.tool, "prepare", "--region", "all", "--config", f"{root}/sync.json"], check=True,
                                   stdout=subprocess.DEVNULL)
                    figures = measure([options.tool, "run", "--region", "all", "--config", f"{root}/sync.json"])
                    folder = f"{root}/ours/shop"
                elif name == "drain":
                    figures = measure(drain.command(program, targets, 2))
                    folder = f"{root}/nothing"
                else:
                    figures = measure([sys.executable, f"{root}/peer.py", f"{root}/peer", *(j[2] for j in jobs)])
                    folder = f"{root}/peer"
                results[name].append((*figures, size(folder)))
        medians = {n: [statistics.median(f[i] for f in runs[1:]) for i in range(4)] for n, runs in results.items() if runs}
        print(f"{options.rows * 12} rows, medians of {options.repeat} runs after one that does not count")
        print("| | wall s | client CPU s | peak MiB of a process | MB written |\n|---|---|---|---|---|")
        for name, figures in medians.items():
            print(f"| {name} | " + " | ".join(f"{f:.2f}" if i < 2 else f"{f:.0f}" for i, f in enumerate(figures)) + " |")
        for other in ("peer", "drain"):
            if "ours" in medians and other in medians:
                shares = (f"{a / b:.2f}" if b else "" for a, b in zip(medians["ours"], medians[other]))
                print(f"| ours / {other} | " + " | ".join(shares) + " |")
    finally:
        for server in servers.values():
            server.stop()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
