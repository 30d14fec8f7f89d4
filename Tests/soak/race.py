"""The hostile race: writers that do everything which makes cursors lose rows, and readers that follow them.

Ours is region-sync, run again and again. Beside it read the usual strategies, which lose rows and must be seen to lose
them here: a harness in which they survive would show nothing. Every mark that a run calls proven is held against what
the source had committed; once the writers stop, one more run must make lake and source equal.
"""
import glob, json, os, random, shutil, subprocess, tempfile, threading, time

import pymysql

from fleet import Server

ROWS = 300
ACCOUNT = {"SYNC_PASSWORD": "secret", "TRIBUTARY_REGION": "all"}
SELECT = "select id, v, cast(u as char) from t"
TABLE = """create table t (id int not null primary key, v int not null, k int null unique,
 u timestamp(6) not null default current_timestamp(6) on update current_timestamp(6), key (u))"""


class Race:
    """One server, one table, eight writers; `variant` is plain, fold, step or blind (an account without PROCESS)."""

    def __init__(self, tool, seed, variant, seconds):
        self.tool, self.seed, self.variant, self.seconds = tool, seed, variant, seconds
        self.root = tempfile.mkdtemp(prefix="trib-race-")
        self.clock = os.path.join(self.root, "clock")
        self.steps = []
        self.runs = 0
        environment = {"TZ": "Europe/Berlin"}
        if variant in ("fold", "step"):
            environment |= {"LD_PRELOAD": faketime(), "FAKETIME_TIMESTAMP_FILE": self.clock, "FAKETIME_NO_CACHE": "1",
                            "DONT_FAKE_MONOTONIC": "1"}
            # Half of the race before the hour that is repeated, half in it.
            self.set_clock(1_792_890_000 - time.time() - seconds / 2 if variant == "fold" else 0)
        self.server = Server(self.root, "race", environment=environment)
        self.server.run(["create database shop", "create user sync@localhost identified by 'secret'",
                         "grant select on shop.* to sync@localhost"]
                        + ([] if variant == "blind" else ["grant process on *.* to sync@localhost"]))
        self.server.run([TABLE, f"insert into t (id, v) select seq, 0 from seq_1_to_{ROWS}"], "shop")
        self.lake = os.path.join(self.root, "lake")
        self.config = os.path.join(self.root, "sync.json")
        json.dump({"clients": [{"client_id": "c", "region": "r", "connection": "r"}]}, open(os.path.join(self.root, "roster.json"), "w"))
        json.dump({"lake": "lake", "roster": "roster.json",
                   "connections": {"r": {"socket": self.server.socket, "user": "sync", "password": {"env": "SYNC_PASSWORD"}}},
                   "schemas": {"shop": {"database": "shop"}},
                   "tables": [{"schema": "shop", "name": "t", "cursor": "u"}]}, open(self.config, "w"))
        self.stop = threading.Event()
        self.faults = []

    def set_clock(self, offset):
        with open(self.clock + ".new", "w") as file:
            file.write(f"{offset:+.3f}")
        os.rename(self.clock + ".new", self.clock)

    # Writers

    def write(self, number):
        generator = random.Random(f"{self.seed} {number}")
        connection = self.server.connect("shop", autocommit=False)
        act = [self.transaction] * 5 + [self.savepoints, self.slow_statement, self.table_lock]
        while not self.stop.is_set():
            try:
                with connection.cursor() as cursor:
                    act[number](cursor, generator)
                connection.rollback() if generator.random() < 0.05 else connection.commit()
            except pymysql.err.MySQLError:
                connection.rollback()
            time.sleep(generator.random() * 0.2)
        connection.close()

    def pause(self, seconds):
        self.stop.wait(seconds)

    def transaction(self, cursor, generator):
        """Some updates, a statement that fails half-way now and then, and idling up to three seconds before the end."""
        for _ in range(generator.randrange(1, 4)):
            cursor.execute("update t set v = v + 1 where id = %s", (generator.randrange(1, ROWS + 1),))
            if generator.random() < 0.1:
                cursor.execute("insert into t (id, v) values (%s, 0)", (generator.randrange(ROWS + 1, 1 << 30),))
            if generator.random() < 0.2:
                first = generator.randrange(1, ROWS - 3)
                try:  # the second row of these cannot have the key of the first
                    cursor.execute("update t set v = v + 1, k = %s where id between %s and %s", (first, first, first + 2))
                except pymysql.err.IntegrityError:
                    pass
            self.pause(generator.random() * 0.2)
        if generator.random() < 0.4:
            self.pause(generator.random() * 3)

    def savepoints(self, cursor, generator):
        """A row is written twice and the later version rolled back while others may be looking."""
        row = generator.randrange(1, ROWS + 1)
        cursor.execute("update t set v = v + 1 where id = %s", (row,))
        self.pause(0.1 + generator.random() * 0.8)
        cursor.execute("savepoint s")
        cursor.execute("update t set v = v + 1 where id = %s", (row,))
        self.pause(0.2 + generator.random() * 0.8)
        cursor.execute("rollback to savepoint s")
        self.pause(generator.random() * 0.3)

    def slow_statement(self, cursor, generator):
        """A statement that writes its rows long after its time was set; all of them carry one time."""
        first = generator.randrange(1, ROWS - 10)
        cursor.execute("update t set v = v + 1 where id between %s and %s and sleep(0.15) = 0", (first, first + generator.randrange(2, 9)))

    def table_lock(self, cursor, generator):
        """Others' statements have their time and wait for a lock that no transaction shows."""
        cursor.execute("lock tables t write")
        self.pause(generator.random() * 1.5)
        cursor.execute("update t set v = v + 1 where id = %s", (generator.randrange(1, ROWS + 1),))
        cursor.execute("unlock tables")
        self.pause(0.5 + generator.random())

    # Readers

    def strategy(self, name, seen, step):
        reader = self.server.connect("shop", autocommit=False)
        state = {}
        while True:
            last = self.stop.is_set() and self.settled.is_set()
            try:
                step(reader, state, seen)
            except pymysql.err.MySQLError as error:
                self.faults.append(f"{name}: {error}")
                return
            if last:
                reader.close()
                return
            time.sleep(0.25)

    def run(self):
        """One run of region-sync; its task, the version it left, and the claim that its mark makes."""
        began = len(self.steps)
        done = subprocess.run([self.tool, "run", "--config", self.config, "--json"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, env=os.environ | ACCOUNT)
        if done.returncode != 0:
            self.faults.append(done.stdout[-1000:] + done.stderr[-1000:])
            return None
        task = json.loads(done.stdout)["tasks"][0]
        self.runs += 1
        claim = {"mark": task["mark"], "guarantee": task["guarantee"], "steps": began, "version": newest(self.lake)}
        below = {row[0]: row for row in self.source() if micros(row[2]) < task["mark"]}
        if len(self.steps) == began:
            claim["below"] = below
        return claim

    def source(self):
        connection = self.server.connect("shop")
        with connection.cursor() as cursor:
            cursor.execute(SELECT)
            rows = cursor.fetchall()
        connection.close()
        return rows

    def step_clock(self, generator):
        """Sets the clock now and then; between two runs at most once, for a step there and back shows to nobody."""
        runs = 0
        while not self.stop.wait(2 + generator.random() * 2):
            if self.runs < runs + 2:
                continue
            runs = self.runs
            offset = generator.choice([-20, -7, 0, 5])
            self.set_clock(offset)
            self.steps.append(offset)

    def race(self):
        """Returns what each strategy has seen, what our runs claim, and the server's clock at the end."""
        subprocess.run([self.tool, "prepare", "--config", self.config], check=True, stdin=subprocess.DEVNULL, capture_output=True,
                       env=os.environ | ACCOUNT)
        self.settled = threading.Event()
        seen = {name: {} for name in STRATEGIES}
        writers = [threading.Thread(target=self.write, args=(n,)) for n in range(8)]
        readers = [threading.Thread(target=self.strategy, args=(name, seen[name], step)) for name, step in STRATEGIES.items()]
        if self.variant == "step":
            writers.append(threading.Thread(target=self.step_clock, args=(random.Random(self.seed),)))
        for thread in writers + readers:
            thread.start()
        claims = []
        end = time.time() + self.seconds
        while time.time() < end:
            claims.append(self.run())
        self.stop.set()
        for thread in writers:
            thread.join()
        self.settled.set()
        for thread in readers:
            thread.join()
        claims.append(self.run())
        claims.append(self.run())
        clock = self.server.connect("shop")
        with clock.cursor() as cursor:
            cursor.execute("select cast(utc_timestamp(6) as char)")
            now = micros(cursor.fetchone()[0])
        clock.close()
        return seen, [claim for claim in claims if claim], now

    def judge(self, seen, claims, now):
        rows = {row[0]: row for row in self.source()}
        wrong = list(self.faults)
        versions = {}

        def lake(version):
            if version not in versions:
                from deltalake import DeltaTable
                table = DeltaTable(os.path.join(self.lake, "shop", "t"), version=version).to_pyarrow_table(columns=["id", "v", "u"])
                columns = [table["id"].to_pylist(), table["v"].to_pylist(), table["u"].cast("int64").to_pylist()]
                versions[version] = {key: (value, time) for key, value, time in zip(*columns)}
            return versions[version]

        def compare(name, expected, version):
            found = lake(version)
            for key, value, text in expected.values():
                if found.get(key) != (value, micros(text)):
                    wrong.append(f"{name}: row {key} is {(value, text)} at the source and {found.get(key)} in the lake")

        compare("at the end", rows, claims[-1]["version"])
        for number, claim in enumerate(claims):
            name = f"run {number}, {claim['guarantee']} up to {claim['mark']}"
            if claim["guarantee"] == "proven":
                compare(name, claim.get("below", {}), claim["version"])
                if claim["steps"] == len(self.steps):
                    compare(name, {k: r for k, r in rows.items() if micros(r[2]) < claim["mark"]}, claim["version"])
                if self.variant == "blind":
                    wrong.append(f"{name}: nothing can be proven without PROCESS")
            elif self.variant in ("plain", "fold") and number > 0:
                wrong.append(f"{name}: every mark but the first should be proven")
        if self.variant in ("plain", "fold") and now - claims[-1]["mark"] > 2_000_000:
            wrong.append(f"the last mark is {(now - claims[-1]['mark']) / 1e6} s behind the clock")
        stale = {name: sum(seen[name].get(key) != row for key, row in rows.items()) for name in STRATEGIES}
        return stale, wrong, sum(claim["guarantee"] == "proven" for claim in claims), len(claims)

    def close(self):
        self.server.stop()
        shutil.rmtree(self.root, ignore_errors=True)


def faketime():
    """The library that gives a process a clock of its own, or nothing."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return found[0] if found else None


def newest(lake):
    return max(int(os.path.basename(f)[:20]) for f in glob.glob(os.path.join(lake, "shop", "t", "_delta_log", "*.json")))


def micros(text):
    from datetime import datetime, timezone
    text = text if "." in text else text + ".000000"
    return int(datetime.strptime(text + " +0000", "%Y-%m-%d %H:%M:%S.%f %z").timestamp()) * 1_000_000 + int(text.split(".")[1].ljust(6, "0"))


# The strategies that lose rows. Each keeps its bound in `state` and its copy of the table in `seen`.

def value(reader, query):
    with reader.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def take(reader, seen, condition):
    """Reads committed rows in a snapshot of their own; the greatest time among them."""
    reader.commit()
    with reader.cursor() as cursor:
        cursor.execute("start transaction with consistent snapshot, read only")
        cursor.execute(f"{SELECT} where {condition}")
        rows = cursor.fetchall()
    reader.commit()
    for row in rows:
        seen[row[0]] = row
    return max((row[2] for row in rows), default=None)


def by_maximum(comparison, overlap=0):
    def step(reader, state, seen):
        bound = state.get("bound", "2000-01-01 00:00:00")
        newest = take(reader, seen, f"u {comparison} timestamp'{bound}' - interval {overlap} second")
        state["bound"] = max(bound, newest or bound)
    return step


def by_signals(*queries):
    def step(reader, state, seen):
        bound = state.get("bound", "2000-01-01 00:00:00")
        now = value(reader, "select cast(utc_timestamp(6) as char)")
        found = [text for text in (value(reader, query) for query in queries) if text]
        take(reader, seen, f"u >= '{bound}'")
        state["bound"] = max(bound, min([now] + found))
    return step


# trx_started is printed in the zone of the server's operating system, here that of Berlin.
OLDEST_TRANSACTION = ("select cast(min(trx_started) - interval timestampdiff(minute, utc_timestamp(), convert_tz(utc_timestamp(), '+00:00', 'SYSTEM')) minute as char) "
                      "from information_schema.innodb_trx where trx_mysql_thread_id <> connection_id()")
OLDEST_STATEMENT = ("select cast(min(utc_timestamp(6) - interval time_ms * 1000 microsecond) as char) from information_schema.processlist "
                    "where command not in ('Sleep', 'Daemon', 'Binlog Dump') and id <> connection_id()")


def three_signals(reader, state, seen):
    """Clock, statements and rows in flight; not the transactions that have written."""
    bound = state.get("bound", "2000-01-01 00:00:00")
    now = value(reader, "select cast(utc_timestamp(6) as char)")
    statement = value(reader, OLDEST_STATEMENT)
    reader.commit()
    with reader.cursor() as cursor:
        cursor.execute("set transaction isolation level read uncommitted")
        cursor.execute(f"{SELECT} where u >= '{bound}'")
        flying = {row[0]: row[2] for row in cursor.fetchall()}
    reader.commit()
    take(reader, seen, f"u >= '{bound}'")
    flight = [time for key, time in flying.items() if key not in seen or seen[key][2] < time]
    state["bound"] = max(bound, min([now] + ([statement] if statement else []) + flight))


STRATEGIES = {
    "u > greatest seen": by_maximum(">"),
    "u >= greatest seen": by_maximum(">="),
    "greatest seen - 1 s": by_maximum(">=", overlap=1),
    "clock of the server": by_signals(),
    "clock, transactions": by_signals(OLDEST_TRANSACTION),
    "clock, statements, rows in flight": three_signals,
}


def hostile_race(tool, options):
    """Marks called proven are right and runs end equal, where the usual strategies lose rows."""
    variants = ["plain", "fold", "step", "blind"] if faketime() else ["plain", "blind"]
    jobs = [(seed, variant) for seed in range(options.seeds) for variant in variants]
    lost = dict.fromkeys(STRATEGIES, 0)
    failures, counts = [], [0, 0]
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not jobs:
                    return
                seed, variant = jobs.pop(0)
            race = Race(tool, seed, variant, options.race_seconds)
            try:
                stale, wrong, proven, runs = race.judge(*race.race())
                with lock:
                    counts[0] += proven
                    counts[1] += runs
                    failures.extend(f"seed {seed}, {variant}: {text}" for text in wrong[:5])
                    if variant == "plain":
                        for name, number in stale.items():
                            lost[name] += number
            except Exception as error:
                with lock:
                    failures.append(f"seed {seed}, {variant}: {type(error).__name__}: {error}")
            finally:
                race.close()

    threads = [threading.Thread(target=work) for _ in range(min(6, len(jobs)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, "\n  ".join(failures[:20])
    if options.seeds >= 5:
        assert all(lost.values()), f"the harness does not bite: {lost}"
    else:
        assert sum(lost.values()) > 0, f"the harness does not bite: {lost}"
    skipped = "" if faketime() else ", no libfaketime: no clock was set"
    return f"{counts[0]} of {counts[1]} marks proven, none wrong; stale rows of other strategies: " + ", ".join(
        f"{number} {name}" for name, number in lost.items()) + skipped
