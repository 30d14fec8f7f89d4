#!/usr/bin/env python3
"""Reads an orders table with this reader and with pyarrow, in turns, and prints CPU seconds and their ratio.

    swift build --package-path Tests/Benchmarks -c release
    python Tests/Benchmarks/parquet_read.py            needs pyarrow and numpy

One thread each. A line is one file (who wrote it, which codec) and one selection of columns; "table" keeps all
batches in memory as pyarrow does, "stream" lets each go. The figures are medians of rounds in which both sides
take turns, each in a process of its own that reads the file three times and reports the least. On a shared machine
only the ratio means anything.
"""
import argparse, os, statistics, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECTED = "customer_id,status"


def orders(rows):
    import numpy as np, pyarrow as pa

    random = np.random.default_rng(7)

    def choice(values, weights=None):
        return pa.DictionaryArray.from_arrays(
            pa.array(random.choice(len(values), rows, p=weights).astype(np.int32)), pa.array(values)
        ).cast(pa.string())

    cents = random.lognormal(8.5, 1.1, rows).astype(np.int64) % 10**10
    wide = np.zeros(2 * rows, np.int64)
    wide[::2] = cents
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)[random.integers(0, 16, (rows, 24))]
    digits[:, :4] = np.frombuffer(b"ord-", np.uint8)
    offsets = pa.py_buffer(np.arange(0, 24 * rows + 1, 24, dtype=np.int32))
    return pa.table({
        "order_id": 10**7 + np.cumsum(random.integers(1, 4, rows)),
        "customer_id": (random.zipf(1.3, rows) % 200_000).astype(np.int32),
        "amount": pa.Array.from_buffers(pa.decimal128(12, 2), rows, [None, pa.py_buffer(wide)]),
        "status": choice(["new", "paid", "shipped", "delivered", "returned", "cancelled"],
                         [.05, .1, .15, .6, .04, .06]),
        "region": choice([f"region-{number:02d}" for number in range(12)]),
        "channel": choice(["web", "mobile-app", "store", "call-center", "partner"]),
        "reference": pa.Array.from_buffers(pa.string(), rows, [None, offsets, pa.py_buffer(digits.tobytes())]),
        "created_at": pa.array(17 * 10**14 + np.cumsum(random.exponential(9e6, rows)).astype(np.int64),
                               pa.timestamp("us")),
        "discount": pa.array(np.round(random.random(rows) * 35, 2), mask=random.random(rows) < .3),
        "is_gift": random.random(rows) < .07,
    })


def read_with_pyarrow(path, columns):
    import time, pyarrow as pa, pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    for _ in range(3):
        begun = time.process_time()
        table = pq.read_table(path, use_threads=False, columns=columns.split(",") if columns else None)
        print(f"cpu={time.process_time() - begun}")
        del table


def least(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stderr)
    words = result.stdout.split()
    return min(float(word[4:]) for word in words if word.startswith("cpu="))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=2_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--bench", default=os.path.join(HERE, ".build/release/parquet-bench"))
    arguments.add_argument("--pyarrow", nargs=2, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.pyarrow:
        return read_with_pyarrow(*options.pyarrow)
    import pyarrow.parquet as pq

    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        files = {}
        table = orders(options.rows)
        for codec in ("none", "zstd"):
            path = files["pyarrow", codec] = f"{folder}/pyarrow-{codec}.parquet"
            pq.write_table(table, path, row_group_size=1_000_000, compression=codec, store_schema=False,
                           compression_level=1 if codec == "zstd" else None, store_decimal_as_integer=True)
            copy = files["tributary", codec] = f"{folder}/tributary-{codec}.parquet"
            subprocess.run([options.bench, "copy", path, copy] + ["--uncompressed"] * (codec == "none"), check=True)
        del table
        print(f"{'writer':10} {'codec':6} {'columns':8} {'ours stream':>12} {'ours table':>11} {'pyarrow':>8}"
              f" {'stream/pyarrow':>15} {'table/pyarrow':>14}")
        for (writer, codec), path in files.items():
            for label, columns in (("all", ""), ("two", PROJECTED)):
                stream, kept, peer = [], [], []
                command = [options.bench, "read", path] + (["--columns", columns] if columns else [])
                for _ in range(options.rounds):
                    stream.append(least(command))
                    peer.append(least([sys.executable, __file__, "--pyarrow", path, columns]))
                    kept.append(least(command + ["--keep"]))
                ours, table_, theirs = map(statistics.median, (stream, kept, peer))
                print(f"{writer:10} {codec:6} {label:8} {ours:12.3f} {table_:11.3f} {theirs:8.3f}"
                      f" {ours / theirs:15.2f} {table_ / theirs:14.2f}", flush=True)


if __name__ == "__main__":
    main()
