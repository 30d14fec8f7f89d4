#!/usr/bin/env python3
"""Many writers of one table on the local disk, each with a partition of its own, against delta-rs.

  contention.py LOG_BENCH [--rounds 3]

A commit adds one row. Ours: eight tasks of a process with a commit queue, then eight processes with 200 commits each.
The other side: eight threads of delta-rs. Neither waits for the disk. In turn, medians, of the ratios too; at the end delta-rs must find every row.
Needs the package deltalake.
"""
import argparse, os, shutil, statistics, subprocess, sys, tempfile, threading, time

import deltalake, pyarrow

WRITERS = 8


def ours(tool, folder, *arguments):
    done = subprocess.run([tool, "contend", folder, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.split()


def rows(folder):
    return deltalake.DeltaTable(folder).to_pyarrow_table().num_rows


def queued(tool, folder, commits):
    words = ours(tool, folder, "--queue", "--writers", str(WRITERS), "--commits", str(commits))
    print("  " + " ".join(words), file=sys.stderr)
    assert rows(folder) == WRITERS * commits
    return float(words[words.index("rate") + 1])


def processes(tool, folder, commits):
    begin = time.time()
    running = [subprocess.Popen([tool, "contend", folder, "--writers", "1", "--first", str(n), "--commits", str(commits)],
                                stdout=subprocess.DEVNULL) for n in range(WRITERS)]
    failed = sum(process.wait() != 0 for process in running)
    seconds = time.time() - begin
    versions = [name for name in os.listdir(folder + "/_delta_log") if name.endswith(".json")]
    assert failed == 0 and len(versions) == WRITERS * commits + 1, (failed, len(versions))
    assert rows(folder) == WRITERS * commits
    return WRITERS * commits / seconds


def threads(folder, commits):
    failures = []

    def work(number):
        batch = pyarrow.table({"client": [f"client_{number}"], "id": [1], "note": ["note"]})
        for _ in range(commits):
            try:
                deltalake.write_deltalake(folder, batch, mode="append")
            except Exception as error:
                failures.append(error)

    all = [threading.Thread(target=work, args=(n,)) for n in range(WRITERS)]
    begin = time.time()
    for thread in all:
        thread.start()
    for thread in all:
        thread.join()
    done = WRITERS * commits - len(failures)
    return done / (time.time() - begin), len(failures)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rates = {"delta-rs, eight threads": [], "eight tasks, one queue": [], "eight processes": []}
    failures = 0
    # What is deleted meanwhile makes ext4 slow for minutes: it looks for inodes that were not free a moment ago.
    top = tempfile.mkdtemp(prefix="trib-contend-")
    try:
        for number in range(options.rounds):
            root = f"{top}/{number}"
            os.mkdir(root)
            for name in ("theirs", "queue", "processes"):
                subprocess.run([options.tool, "make", f"{root}/{name}"], check=True)
            rate, failed = threads(root + "/theirs", 25)
            failures += failed
            rates["delta-rs, eight threads"].append(rate)
            print(f"  delta-rs {rate:.1f}", file=sys.stderr)
            rates["eight tasks, one queue"].append(queued(options.tool, root + "/queue", 400))
            rates["eight processes"].append(processes(options.tool, root + "/processes", 200))
    finally:
        shutil.rmtree(top, ignore_errors=True)
    base = rates["delta-rs, eight threads"]
    print("| | commits a second | ratio within a round |\n|---|---|---|")
    for name, found in rates.items():
        ratio = statistics.median(one / other for one, other in zip(found, base))
        print(f"| {name} | {statistics.median(found):.1f} | {ratio:.1f} |")
    print(f"delta-rs {deltalake.__version__} gave {failures} of {options.rounds * WRITERS * 25} commits up")


main()
