#!/usr/bin/env python3
"""Writes an orders table with this writer, pyarrow and arrow-rs, in turns, and prints CPU seconds and their ratios.

    swift build --package-path Tests/Benchmarks -c release
    python Tests/Benchmarks/parquet_write.py           needs pyarrow, arro3-io, arro3-core and numpy

Ours and the peers get the same table of 2,000,000 rows and 10 columns, loaded before the clock starts; timed is
encode + write of one file, in a process of its own, the least of three times. The figures are medians of rounds in
which all take turns. pyarrow and arrow-rs have one-threaded writers; with two threads they write two halves as two
files at once. On a shared machine only ratios of CPU seconds mean anything, and ratios of wall seconds not even that.
"""
import argparse, os, re, statistics, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))


def orders(rows):
    import numpy as np, pyarrow as pa

    random = np.random.default_rng(20260801)
    order = np.cumsum(random.integers(1, 4, rows, dtype=np.int64)) + 10_000_000
    customer = (random.zipf(1.3, rows) % 200_000).astype(np.int32)
    cents = np.minimum(random.lognormal(8.5, 1.1, rows), 9.9e9).astype(np.int64)
    wide = np.zeros(2 * rows, np.int64)
    wide[::2] = cents

    def choice(values, weights=None):
        return pa.array(values).take(pa.array(random.choice(len(values), rows, p=weights).astype(np.int32)))

    status = choice(["new", "paid", "shipped", "delivered", "returned", "cancelled"], [.05, .1, .15, .6, .04, .06])
    region = choice([f"region-{number:02d}" for number in range(12)])
    channel = choice(["web", "mobile-app", "store", "call-center", "partner"])
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    body = np.empty((rows, 24), np.uint8)
    body[:, :4] = np.frombuffer(b"ord-", np.uint8)
    raw = random.integers(0, 256, (rows, 10), dtype=np.uint8)
    body[:, 4:24:2], body[:, 5:24:2] = digits[raw >> 4], digits[raw & 15]
    offsets = pa.py_buffer(np.arange(0, 24 * rows + 1, 24, dtype=np.int32))
    stamps = 17 * 10**14 + np.cumsum(random.exponential(9e6, rows)).astype(np.int64) + random.integers(0, 999_999, rows)
    return pa.table({
        "order_id": order, "customer_id": customer,
        "amount": pa.Array.from_buffers(pa.decimal128(12, 2), rows, [None, pa.py_buffer(wide)]),
        "status": status, "region": region, "channel": channel,
        "reference": pa.Array.from_buffers(pa.string(), rows, [None, offsets, pa.py_buffer(body.tobytes())]),
        "created_at": pa.array(stamps, pa.timestamp("us")),
        "discount": pa.array(np.round(random.random(rows) * 35, 2), mask=random.random(rows) < .3),
        "is_gift": pa.array(random.random(rows) < .07),
    })


def dump(table, folder):
    """The buffers of a table as this project lays columns out."""
    import numpy as np, pyarrow as pa, pyarrow.compute as pc

    names = {"int32": "int32", "int64": "int64", "double": "double", "bool": "boolean", "string": "string",
             "timestamp[us]": "timestamp", "decimal128(12, 2)": "decimal"}

    def bits(array):
        packed = np.packbits(np.asarray(array, dtype=bool), bitorder="little")
        return np.pad(packed, (0, -len(packed) % 8)).tobytes()

    lines = []
    for name in table.column_names:
        column = table[name].combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0)
        kind = names[str(column.type)]
        write = lambda suffix, data: open(f"{folder}/{name}.{suffix}", "wb").write(data)
        if column.null_count:
            write("validity", bits(pc.is_valid(column).to_numpy(zero_copy_only=False)))
            column = pc.fill_null(column, 0)
        if kind == "boolean":
            write("values", bits(column.to_numpy(zero_copy_only=False)))
        elif kind == "decimal":
            write("values", np.frombuffer(column.buffers()[1], np.int64)[::2][:len(column)].tobytes())
        elif kind == "string":
            offsets = np.frombuffer(column.buffers()[1], np.int32)[:len(column) + 1]
            write("offsets", offsets.tobytes())
            write("values", np.frombuffer(column.buffers()[2], np.uint8)[:offsets[-1]].tobytes())
        else:
            width = {"int32": np.int32, "double": np.float64}.get(kind, np.int64)
            write("values", np.frombuffer(column.buffers()[1], width)[:len(column)].tobytes())
        lines.append(f"{name} {kind} {len(column)} {'nulls' if table[name].null_count else 'whole'}")
    open(f"{folder}/columns", "w").write("\n".join(lines) + "\n")


def write_with_peer(engine, path, codec, threads, out):
    import resource, pyarrow as pa, pyarrow.ipc as ipc

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    with open(path, "rb") as file:
        table = ipc.open_file(file.read()).read_all()
    name, _, level = codec.partition(":")
    if engine == "pyarrow":
        import pyarrow.parquet as pq

        def write(part, target):
            pq.write_table(part, target, row_group_size=1_000_000, compression=name,
                           compression_level=int(level) if level else None, store_decimal_as_integer=True,
                           store_schema=False)
    else:
        import arro3.io

        label = {"none": "uncompressed", "zstd": f"zstd({level})"}.get(name, name)

        def write(part, target):
            arro3.io.write_parquet(part, target, compression=label, max_row_group_size=1_000_000,
                                   skip_arrow_metadata=True)

    half = len(table) // 2
    parts = [table] if threads == 1 else [table.slice(0, half), table.slice(half)]
    targets = [f"{out}.{number}" for number in range(threads)]

    def memory(key):
        return int(re.search(key + r":\s+(\d+)", open("/proc/self/status").read()).group(1)) / 1024

    for _ in range(3):
        base = memory("VmRSS")
        open("/proc/self/clear_refs", "w").write("5")
        before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        workers = [threading.Thread(target=write, args=pair) for pair in zip(parts, targets)]
        [worker.start() for worker in workers]
        [worker.join() for worker in workers]
        wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        size = sum(os.path.getsize(target) for target in targets)
        print(f"cpu={cpu} wall={wall} size={size} peak_mb={memory('VmHWM') - base}")
        [os.unlink(target) for target in targets]


def figures(command):
    """The least of each figure of a program's repetitions, but the greatest of memory."""
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stderr)
    found = [dict((word.split("=")[0], float(word.split("=")[1])) for word in line.split())
             for line in result.stdout.splitlines() if line.startswith("cpu=")]
    return {key: (max if key == "peak_mb" else min)(entry[key] for entry in found) for key in found[0]}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=2_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--codecs", default="none,zstd:1")
    arguments.add_argument("--threads", default="1,2")
    arguments.add_argument("--keep", help="leave the table's buffers in this folder and do nothing else")
    arguments.add_argument("--bench", default=os.path.join(HERE, ".build/release/parquet-bench"))
    arguments.add_argument("--peer", nargs=5, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.peer:
        engine, path, codec, threads, out = options.peer
        return write_with_peer(engine, path, codec, int(threads), out)
    import pyarrow as pa, pyarrow.ipc as ipc

    table = orders(options.rows)
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        return dump(table, options.keep)
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        dump(table, folder)
        arrow = f"{folder}/table.arrow"
        with ipc.new_file(arrow, table.schema) as writer:
            writer.write_table(table)
        del table
        me = [sys.executable, os.path.abspath(__file__), "--peer"]
        print(f"{'writer':9} {'codec':7} {'threads':>7} {'cpu s':>7} {'wall s':>7} {'MB':>6} {'peak MB':>8} {'ours/cpu':>9}"
              f" {'ours/size':>10}")
        for codec in options.codecs.split(","):
            alone = None
            for threads in options.threads.split(","):
                commands = {
                    "ours": [options.bench, "write", folder, f"{folder}/ours", "--codec", codec, "--threads", threads],
                    "pyarrow": me + ["pyarrow", arrow, codec, threads, f"{folder}/peer"],
                    "arrow-rs": me + ["arrow-rs", arrow, codec, threads, f"{folder}/peer"],
                }
                rounds = {name: [] for name in commands}
                for _ in range(options.rounds):
                    for name, command in commands.items():
                        rounds[name].append(figures(command))
                medians = {name: {key: statistics.median(entry[key] for entry in found) for key in found[0]}
                           for name, found in rounds.items()}
                ours = medians["ours"]
                for name, found in medians.items():
                    print(f"{name:9} {codec:7} {threads:>7} {found['cpu']:7.3f} {found['wall']:7.3f}"
                          f" {found['size'] / 1e6:6.1f} {found['peak_mb']:8.0f} {ours['cpu'] / found['cpu']:9.2f}"
                          f" {ours['size'] / found['size']:10.2f}", flush=True)
                if threads == "1":
                    alone = ours
                elif alone:
                    print(f"ours with {threads} threads: {ours['wall'] / alone['wall']:.2f} of the wall of one", flush=True)
        splice = [options.bench, "splice", folder, f"{folder}/spliced"]
        found = [figures(splice) for _ in range(options.rounds)]
        print(f"one of ten row groups changed: splicing costs"
              f" {statistics.median(entry['cpu'] / entry['rewrite'] for entry in found):.2f} of the CPU of rewriting")


if __name__ == "__main__":
    main()
