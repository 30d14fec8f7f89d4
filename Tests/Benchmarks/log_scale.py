#!/usr/bin/env python3
"""Opens tables with long logs and with many files, refreshes them and adds to them, against delta-rs.

  log_scale.py LOG_BENCH [--rounds 3] [--commits 10000] [--files 100000]

Three tables: many commits of merges without a checkpoint, and many live files in commits of a hundred, without and with a
checkpoint, which delta-rs writes. Their logs are made here; no data file is needed to open them. Each opening is a process
of its own, in turn; medians. Needs the packages deltalake and pyarrow.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile, uuid

COLUMNS = [("id", "long"), ("customer_id", "integer"), ("amount", "decimal(12,2)"), ("status", "string"), ("note", "string"),
           ("created_at", "timestamp"), ("update_timestamp", "timestamp"), ("weight", "double"), ("region", "string"), ("client", "string")]
LOW = {"id": 1, "customer_id": 1, "amount": 0.01, "status": "cancelled", "note": "call", "created_at": "2023-01-01T00:03:20.047Z",
       "update_timestamp": "2023-01-01T00:22:48.917Z", "weight": 0.0}
HIGH = {"id": 250000, "customer_id": 20000, "amount": 9999.99, "status": "shipped", "note": "wrap", "created_at": "2024-08-01T00:03:20.047Z",
        "update_timestamp": "2024-08-31T00:22:48.917Z", "weight": 1003.0}
STATS = json.dumps({"numRecords": 250000, "minValues": LOW, "maxValues": HIGH, "nullCount": {name: 0 for name in LOW}})

THEIRS = """
import resource, sys, time
import deltalake
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
begin = time.time()
table = deltalake.DeltaTable(sys.argv[1])
seconds = time.time() - begin
print("open", seconds)
print("peak_mb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
if len(sys.argv) > 2:
    import pyarrow
    schema = pyarrow.schema(table.schema())
    row = pyarrow.table({field.name: pyarrow.array(["r9"] if field.name == "region" else ["new"] if field.name == "client" else [None], field.type)
                         for field in schema}, schema)
    for _ in range(5):
        begin = time.time()
        deltalake.write_deltalake(table, row, mode="append")
        print("append_open", time.time() - begin)
"""


def make(folder, commits, files, replaces):
    """A log of commits with some files each; with `replaces` the files of a client's last commit leave."""
    log = folder + "/_delta_log"
    os.makedirs(log)
    fields = [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in COLUMNS]
    present = {}
    for version in range(commits):
        time = 1700000000000 + version
        lines = [{"commitInfo": {"timestamp": time, "operation": "MERGE"}}]
        if version == 0:
            lines += [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
                      {"metaData": {"id": str(uuid.uuid4()), "format": {"provider": "parquet", "options": {}},
                                    "schemaString": json.dumps({"type": "struct", "fields": fields}),
                                    "partitionColumns": ["region", "client"], "configuration": {}, "createdTime": time}}]
        client = version % 1000
        partition = {"region": f"r{client % 10}", "client": f"client_{client:04d}"}
        if replaces:
            lines += [{"remove": {"path": path, "deletionTimestamp": time, "dataChange": True, "extendedFileMetadata": True,
                                  "partitionValues": partition, "size": 21000000}} for path in present.pop(client, [])]
        for number in range(files):
            path = f"region={partition['region']}/client={partition['client']}/part-{number:05d}-{uuid.uuid4()}-c000.snappy.parquet"
            present.setdefault(client, []).append(path)
            lines.append({"add": {"path": path, "partitionValues": partition, "size": 21000000, "modificationTime": time,
                                  "dataChange": True, "stats": STATS}})
        with open(f"{log}/{version:020d}.json", "w") as file:
            file.write("\n".join(json.dumps(line, separators=(",", ":")) for line in lines) + "\n")


def run(command):
    """What a program prints: the medians by the first word of its lines."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found = {}
    for line in done.stdout.splitlines():
        words = line.split()
        found.setdefault(words[0], []).append(float(words[1]))
        if "cpu" in words:
            found.setdefault(words[0] + "_cpu", []).append(float(words[words.index("cpu") + 1]))
    return {name: statistics.median(values) for name, values in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=100_000)
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="trib-log-")
    try:
        tables = {f"{options.commits} commits, no checkpoint": (options.commits, 10, True, False),
                  f"{options.files} files, no checkpoint": (options.files // 100, 100, False, False),
                  f"{options.files} files, a checkpoint": (options.files // 100, 100, False, True)}
        print("| | ours s | theirs s | ratio | ours MiB | theirs MiB | ratio |\n|---|---|---|---|---|---|---|")
        for number, (name, (commits, files, replaces, has_checkpoint)) in enumerate(tables.items()):
            folder = f"{root}/{number}"
            make(folder, commits, files, replaces)
            if has_checkpoint:
                subprocess.run([sys.executable, "-c", "import sys, deltalake; deltalake.DeltaTable(sys.argv[1]).create_checkpoint()", folder], check=True)
            ours, theirs = [], []
            for _ in range(options.rounds):
                ours.append(run([options.tool, "open", folder]))
                theirs.append(run([sys.executable, "-c", THEIRS, folder]))
            middle = lambda found, key: statistics.median(one[key] for one in found)
            wall, other = middle(ours, "open"), middle(theirs, "open")
            peak, larger = middle(ours, "peak_mb"), middle(theirs, "peak_mb")
            print(f"| {name} | {wall:.3f} | {other:.3f} | {wall / other:.2f} | {peak:.0f} | {larger:.0f} | {peak / larger:.2f} |", flush=True)
        refreshes, appends, others = [], [], []
        for _ in range(options.rounds):
            found = run([options.tool, "append", folder])
            refreshes.append(found["refresh_one_cpu"])
            appends.append(found["append_open"])
            others.append(run([sys.executable, "-c", THEIRS, folder, "append"])["append_open"])
        print(f"\nrefreshing by a commit takes {statistics.median(refreshes) * 1e3:.3f} ms of CPU; adding a row to the open table of "
              f"{options.files} files {statistics.median(appends) * 1e3:.2f} ms, delta-rs {statistics.median(others) * 1e3:.1f} ms: "
              f"{statistics.median(appends) / statistics.median(others):.3f}")
    finally:
        shutil.rmtree(root, ignore_errors=True)


main()
