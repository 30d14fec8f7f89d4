"""Every type of MariaDB through the whole way: a matrix of edge values, and random tables of a seeded generator.

Both are judged by delta-rs and DuckDB, and end equal, or are stopped by a policy that the report names.
"""
import datetime, decimal, json, os, random, re, shutil, struct, subprocess, sys, tempfile, uuid

from fleet import Server

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "judge"))
JUDGE = os.path.join(HERE, "..", "judge", "equal_to_sources.py")


class OneClient:
    """One server, one client, one database, and a configuration that names the tables it is given."""

    def __init__(self, database):
        self.root = tempfile.mkdtemp(prefix="trib-types-")
        self.server = Server(self.root, "eu")
        self.server.run(["create user sync@localhost identified by 'secret'", "grant select, process on *.* to sync@localhost"])
        self.database = database
        self.config = os.path.join(self.root, "sync.json")
        self.lake = os.path.join(self.root, "lake")
        json.dump({"clients": [{"client_id": "1", "region": "eu", "connection": "eu"}]},
                  open(os.path.join(self.root, "roster.json"), "w"))
        os.environ["SYNC_PASSWORD"] = "secret"

    def configure(self, tables):
        json.dump({"lake": "lake", "roster": "roster.json",
                   "connections": {"eu": {"socket": self.server.socket, "user": "sync", "password": {"env": "SYNC_PASSWORD"}}},
                   "schemas": {"s": {"database": self.database}}, "tables": tables}, open(self.config, "w"))

    def call(self, tool, verb):
        report = os.path.join(self.root, "report.json")
        done = subprocess.run([tool, verb, "--region", "all", "--config", self.config, "--json"], capture_output=True, text=True, timeout=900)
        if not done.stdout.startswith("{"):
            raise AssertionError(f"{verb}: {done.stdout[-1000:]} {done.stderr[-2000:]}")
        return json.loads(done.stdout)

    def equal(self, *engines):
        for engine in engines or ("delta-rs", "duckdb"):
            done = subprocess.run([sys.executable, JUDGE, self.config, "--engine", engine], capture_output=True, text=True, timeout=1800)
            if done.returncode != 0:
                raise AssertionError(f"{engine}: {done.stdout[:3000]} {done.stderr[-2000:]}")

    def close(self):
        self.server.stop()
        shutil.rmtree(self.root, ignore_errors=True)


def same(kind, value, expected):
    """Whether a value of a lake is what the matrix expects of a column."""
    if expected is None or value is None:
        return value is None and (expected is None or expected.startswith("!"))
    if isinstance(value, bool):
        return str(value).lower() == expected
    if isinstance(value, float):
        wanted = float(expected)
        return value == (struct.unpack("f", struct.pack("f", wanted))[0] if kind == "float" else wanted)
    if isinstance(value, decimal.Decimal):
        return format(value, "f") == expected
    if isinstance(value, datetime.datetime):
        value = value.astimezone(datetime.timezone.utc) if value.tzinfo else value
        return value.strftime("%Y-%m-%d %H:%M:%S.%f").zfill(26) == expected
    if isinstance(value, datetime.date):
        return value.isoformat() == expected
    if isinstance(value, bytes):
        return value.hex().upper() == expected
    if isinstance(value, int) and ":" in expected:
        digits = re.fullmatch(r"(-?)(\d+):(\d+):(\d+)\.(\d+)", expected)
        micros = ((int(digits[2]) * 60 + int(digits[3])) * 60 + int(digits[4])) * 1_000_000 + int(digits[5])
        return value == (-micros if digits[1] else micros)
    return str(value) == expected


def type_matrix(tool, options):
    """Each value of type_matrix.sql is what the matrix expects, by two engines; impossible dates are counted or named."""
    from equal_to_sources import LakeTable
    client = OneClient("tm")
    try:
        subprocess.run(["mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-uroot", "-S", client.server.socket],
                       stdin=open(os.path.join(HERE, "type_matrix.sql")), check=True)
        connection = client.server.connect("tm")
        with connection.cursor() as cursor:
            cursor.execute("select tbl, maria_type from tm_index")
            kinds = {name: kind.lower().split("(")[0].split(" ")[0] for name, kind in cursor.fetchall()}
            cursor.execute("select table_name, count(*) from information_schema.columns where table_schema = 'tm' and column_name = 'expect' group by 1")
            assert set(kinds) == {row[0] for row in cursor.fetchall()}
        client.configure([{"schema": "s", "name": name} for name in kinds] + [{"schema": "s", "name": "gen_inv"}, {"schema": "s", "name": "sysver"}])
        assert all(t["outcome"] == "created" for t in client.call(tool, "prepare")["tables"])
        report = client.call(tool, "run")
        failed = [(t["table"], t["error"]) for t in report["tasks"] if t["outcome"] == "failed"]
        assert not failed, failed
        compared = impossible = 0
        for name, kind in kinds.items():
            for engine in ("delta-rs", "duckdb"):
                for row in LakeTable(os.path.join(client.lake, "s", name), engine).of("eu", "1").to_pylist():
                    assert same(kind, row["c"], row["expect"]), f"{name} by {engine}: {row}"
                    compared += 1
                    impossible += engine == "duckdb" and (row["expect"] or "").startswith("!")
        counted = sum(v["count"] for t in report["tasks"] for v in t["values"])
        assert counted == impossible > 0, (counted, impossible)
        client.equal()
        strict = [{"schema": "s", "name": n, "values": {"impossibleDates": "fail", "wideDecimals": "fail"}} for n in kinds]
        client.configure(strict)
        shutil.rmtree(client.lake)
        refused = {t["table"] for t in client.call(tool, "prepare")["tables"] if t["outcome"] == "failed"}
        assert refused == {"s.dec65_30"}, refused
        stopped = {t["table"]: t["error"]["message"] for t in client.call(tool, "run")["tasks"] if t["outcome"] == "failed"}
        assert set(stopped) == {"dec65_30", "dt_date", "dt0", "dt3", "dt6", "ts0", "ts6"}, stopped
        assert all("impossibleDates" in text for name, text in stopped.items() if name != "dec65_30"), stopped
        return f"{compared} values by two engines, {impossible} impossible dates counted"
    finally:
        client.close()


ALPHABETS = {
    "utf8mb4": "aZ09 '\"\\\\%_éß漢😀\u00a0\u200d\U0001f469", "utf8mb3": "aZ é漢ß'", "latin1": "aé€ÿ '", "latin2": "ałóźžŘ", "latin5": "ığşÇ",
    "latin7": "ąčęėž", "cp1250": "ąłžŘ€", "cp1251": "Привет №", "cp1256": "سلام", "cp1257": "āčžš", "cp850": "éüßñ", "cp852": "ąłž",
    "cp866": "Привет", "koi8r": "Привет", "koi8u": "їєіґ", "greek": "Αθήνα", "hebrew": "שלום", "tis620": "ไทย", "ascii": "plain~",
    "sjis": "日本語ｱ", "cp932": "日本語ｱ①", "ujis": "日本語ｱ", "eucjpms": "日本語①", "euckr": "한국어", "big5": "漢語中", "gbk": "汉语中",
    "gb2312": "汉语中", "ucs2": "é漢€", "utf16": "é漢😀", "utf16le": "é漢😀", "utf32": "é漢😀", "macroman": "éüß", "keybcs2": "ščřž",
    "geostd8": "აბგ", "armscii8": "Ա", "dec8": "éü", "hp8": "éü", "swe7": "abc", "macce": "ąłž",
}


class RandomTable:
    """One table of a seed: its definition, rows to begin with, changes, policies, and whether a policy must stop it."""

    def __init__(self, number, generator):
        self.name = f"t{number}"
        self.random = generator
        self.columns, self.template, self.stops = [], {"schema": "s", "name": self.name}, None
        self.policies, self.width = {}, 0
        self.key = self.random_key()
        for index in range(generator.randrange(1, 13)):
            self.add_column(index)
        self.cursor = generator.random() < 0.5
        if self.policies:
            self.template["columnValues"] = self.policies
        self.number = 0

    def random_key(self):
        kind = self.random.choice(["int", "bigint unsigned", "varchar", "uuid", "binary", "decimal", "date", "composite", "datetime"])
        self.kind = kind
        return {
            "int": [("id", "int not null", lambda n: str(n - 5))],
            "bigint unsigned": [("id", "bigint unsigned not null", lambda n: str(2**64 - 1 - n))],
            "varchar": [("id", "varchar(40) character set utf8mb4 collate utf8mb4_bin not null", lambda n: f"'k{n} é'")],
            "uuid": [("id", "uuid not null", lambda n: f"'{uuid.UUID(int=n * 2**100 + n)}'")],
            "binary": [("id", "binary(6) not null", lambda n: f"x'{n:012x}'")],
            "decimal": [("id", "decimal(30,5) not null", lambda n: f"{n * 10**20}.{n:05d}")],
            "date": [("id", "date not null", lambda n: f"'{datetime.date(1, 1, 1) + datetime.timedelta(days=n * 7000)}'")],
            "datetime": [("id", "datetime(6) not null", lambda n: f"'1969-12-31 23:59:59' + interval {n * 333} microsecond")],
            "composite": [("k1", "smallint not null", lambda n: str(n % 3)), ("k2", "varchar(9) not null", lambda n: f"'{n}'")],
        }[kind]

    def add_column(self, index):
        r = self.random
        name = r.choice([f"c{index}", f"Größe{index}", f"order{index}", f"C_{index}"])
        declaration, values, kind = self.random_type()
        policy = {}
        if kind in ("date", "datetime", "timestamp") and r.random() < 0.5:
            policy["impossibleDates"] = r.choice(["null", "text"] if r.random() < 0.9 else ["fail"])
        if kind == "datetime" and policy.get("impossibleDates") != "text" and r.random() < 0.2:
            policy["wallClock"] = r.choice(["UTC", "+02:00", "-03:30"])
        if kind == "time" and r.random() < 0.5:
            policy["durations"] = "text"
        if kind == "wide" and r.random() < 0.1:
            policy["wideDecimals"] = "fail"
            self.stops = "wideDecimals"
        if kind == "geometry" and r.random() < 0.5:
            policy["geometries"] = "wkb"
        if policy:
            self.policies[name] = policy
        generated = kind == "int" and r.random() < 0.1
        invisible = not generated and r.random() < 0.05
        if generated:
            declaration += f" as ({self.key[0][0]} is not null) {r.choice(['virtual', 'persistent'])}"
        elif invisible:
            declaration += " invisible"
        self.columns.append((name, declaration, None if generated else values, policy))

    def random_type(self):
        r = self.random
        pick = r.randrange(26)
        if pick < 4:
            name, bits = r.choice([("tinyint", 8), ("smallint", 16), ("mediumint", 24), ("int", 32), ("bigint", 64), ("tinyint(1)", 8)])
            unsigned = r.random() < 0.5
            low, high = (0, 2**bits - 1) if unsigned else (-2**(bits - 1), 2**(bits - 1) - 1)
            suffix = (" unsigned" if unsigned else "") + (" zerofill" if unsigned and r.random() < 0.2 else "")
            return name + suffix, lambda: str(r.choice([low, high, 0, 1, r.randint(low, high)])), "int"
        if pick < 7:
            precision = r.choice([r.randint(1, 18), r.randint(19, 38), r.randint(39, 65)])
            scale = r.randint(0, min(precision, 38))

            def number():
                digits = str(r.choice([0, 1, 10**precision - 1, r.randrange(10**precision), r.randrange(1000)]) % 10**precision).zfill(scale + 1)
                text = digits[:len(digits) - scale] + ("." + digits[len(digits) - scale:] if scale else "")
                return r.choice(["", "-"]) + text
            return f"decimal({precision},{scale})", number, "wide" if precision > 38 else "decimal"
        if pick == 7:
            return "float", lambda: r.choice(["16777217", "3.4028234e38", "1e-45", "-0.0e0", "0", repr(struct.unpack("f", struct.pack("f", r.gauss(0, 1e6)))[0])]), "float"
        if pick == 8:
            return "double", lambda: r.choice(["0.1", "-2.2250738585072014e-308", "1.7976931348623157e308", "5e-324", repr(r.gauss(0, 1e9))]), "double"
        if pick == 9:
            bits = r.choice([1, 2, 8, 9, 31, 63, 64])
            return f"bit({bits})", lambda: f"b'{r.choice([0, 2**bits - 1, r.randrange(2**bits)]):b}'", "bit"
        if pick == 10:
            return "date", lambda: r.choice(["'0000-00-00'", "'2024-02-00'", "'2024-00-00'", "'0001-01-01'", "'9999-12-31'", "'2024-02-29'", f"'{self.day()}'"]), "date"
        if pick == 11:
            return f"datetime({r.randint(0, 6)})", lambda: r.choice(["'0000-00-00 00:00:00'", "'2024-00-07 12:00:00.5'", "'9999-12-30 23:59:59.999999'", "'0001-01-02 00:00:00'",
                                                                     f"'{self.day()} {r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}.{r.randrange(10**6):06}'"]), "datetime"
        if pick == 12:
            return f"timestamp({r.randint(0, 6)}) null default null", lambda: r.choice(["0", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'2024-10-27 00:30:00'", "'2024-10-27 01:30:00'",
                                                                           f"from_unixtime({r.randrange(1, 2**31 - 1)}.{r.randrange(10**6):06})"]), "timestamp"
        if pick == 13:
            return f"time({r.randint(0, 6)})", lambda: r.choice(["'-838:59:59'", "'838:59:59.999999'", "'00:00:00'", "'-00:00:00.25'", f"'{r.randint(-838, 838)}:{r.randrange(60):02}:{r.randrange(60):02}.{r.randrange(10**6):06}'"]), "time"
        if pick == 14:
            return "year", lambda: r.choice(["0", "1901", "2155", str(r.randint(1901, 2155))]), "year"
        if pick < 19:
            charset = r.choice(list(ALPHABETS))
            length = r.choice([1, 5, 40, 200])
            kind = r.choice([f"char({length})", f"varchar({length})", "tinytext", "text", "mediumtext", "longtext"])
            if kind.startswith(("char", "varchar")):
                if self.width + length * 4 > 8000:
                    kind = "text"
                self.width += length * 4
            most = length if "(" in kind else r.choice([10, 60])
            return f"{kind} character set {charset}", lambda: self.text("".join(r.choice(ALPHABETS[charset]) for _ in range(r.randint(0, most)))), "text"
        if pick < 21:
            length = r.choice([1, 4, 16, 100])
            kind = r.choice([f"binary({length})", f"varbinary({length})", "tinyblob", "blob", "mediumblob", "longblob"])
            return kind, lambda: f"x'{r.randbytes(r.randint(0, length)).hex()}'", "binary"
        if pick == 21:
            members = ["a", "bé", "", "漢", "x y"]
            return "enum('a','bé','','漢','x y') character set utf8mb4", lambda: r.choice([self.text(r.choice(members)), "0"]), "enum"
        if pick == 22:
            return "set('x','y','z','é') character set utf8mb4", lambda: self.text(",".join(sorted(r.sample(["x", "y", "z", "é"], r.randint(0, 4))))), "set"
        if pick == 23:
            return "json", lambda: self.text(json.dumps(r.choice([{"a": [1, 2, None]}, [], "é", 0, {"k": {"😀": "x" * r.randrange(300)}}]), ensure_ascii=False)), "json"
        if pick == 24:
            return r.choice([("uuid", lambda: f"'{uuid.UUID(int=r.getrandbits(128))}'", "uuid"), ("inet4", lambda: f"'{r.randrange(256)}.0.0.{r.randrange(256)}'", "inet"),
                             ("inet6", lambda: r.choice(["'::1'", "'2001:DB8::FF00:42:8329'", "'::ffff:10.0.0.1'", "'::'"]), "inet")])
        kind = r.choice(["geometry", "point", "linestring", "polygon", "geometrycollection"])
        shapes = {"point": "point({x},{y})", "linestring": "linestring(point({x},0),point({y},2))",
                  "polygon": "polygon(linestring(point(0,0),point({x},0),point(1,{y}),point(0,0)))", "geometrycollection": "geometrycollection(point({x},{y}))"}
        shape = shapes.get(kind, shapes["point"])
        return kind, lambda: shape.format(x=r.randint(1, 9), y=r.randint(1, 9)), "geometry"

    def day(self):
        return datetime.date(1, 1, 1) + datetime.timedelta(days=self.random.randrange(3_652_000))

    @staticmethod
    def text(text):
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"

    def create(self):
        parts = [f"`{name}` {declaration}" for name, declaration, _ in self.key]
        parts += [f"`{name}` {declaration}" for name, declaration, _, _ in self.columns]
        if self.cursor:
            precision = self.random.choice(["", "(3)", "(6)"])
            parts.append(f"update_timestamp timestamp{precision} not null default current_timestamp{precision} on update current_timestamp{precision}, key (update_timestamp)")
        parts.append("primary key (" + ", ".join(k[0] for k in self.key) + ")")
        return f"create table {self.name} ({', '.join(parts)}) character set utf8mb4"

    def insert(self, count):
        stored = [c for c in self.columns if c[2] is not None]
        names = ", ".join(f"`{n}`" for n in [k[0] for k in self.key] + [c[0] for c in stored])
        rows = []
        for _ in range(count):
            values = [key[2](self.number) for key in self.key]
            self.number += 1
            for _, _, make, policy in stored:
                value = "null" if self.random.random() < 0.15 else make()
                if policy.get("impossibleDates") == "fail" and (value == "0" or "0000-" in value or "-00" in value.split(" ")[0]):
                    self.stops = self.stops or "impossibleDates"
                values.append(value)
            rows.append("(" + ", ".join(values) + ")")
        return f"insert into {self.name} ({names}) values {', '.join(rows)}" if rows else "do 0"

    def change(self):
        """An update of some rows and new ones; where the whole table is compared, deletions as well."""
        statements = []
        stored = [c for c in self.columns if c[2] is not None and c[3].get("impossibleDates") != "fail"]
        if stored:
            name, _, make, _ = self.random.choice(stored)
            statements.append(f"update ignore {self.name} set `{name}` = {make()} where crc32({self.key[0][0]}) % 3 = 0")
        statements.append(self.insert(self.random.randrange(4)))
        if not self.cursor:
            statements.append(f"delete from {self.name} where crc32(concat({self.key[0][0]}, 'd')) % 5 = 0")
        return statements


def random_tables(tool, options):
    """Random tables over all types, character sets and edge values, read by two engines after a load and after a change."""
    client = OneClient("r")
    try:
        client.server.run(["create database r character set utf8mb4"])
        tables = [RandomTable(number, random.Random(options.seed * 100_003 + number)) for number in range(options.tables)]
        connection = client.server.connect("r")
        with connection.cursor() as cursor:
            cursor.execute("set sql_mode = ''")
            for table in tables:
                for statement in (table.create(), table.insert(table.random.choice([0, 1, 10, 40]))):
                    try:
                        cursor.execute(statement)
                    except Exception as error:
                        raise AssertionError(f"the generator's statement fails: {error}: {statement[:1500]}")
            client.configure([t.template for t in tables])
            prepared = {t["table"]: t for t in client.call(tool, "prepare")["tables"]}
            for table in tables:
                outcome = prepared[f"s.{table.name}"]
                if table.stops == "wideDecimals":
                    assert outcome["outcome"] == "failed" and "wideDecimals" in outcome["error"], outcome
                else:
                    assert outcome["outcome"] == "created", (outcome, table.create())
            stopped = set()
            for round_ in range(2):
                report = {t["table"]: t for t in client.call(tool, "run")["tasks"]}
                for table in tables:
                    task = report[table.name]
                    if task["outcome"] == "failed":
                        stopped.add(table.name)
                        assert table.stops and (table.stops in task["error"]["message"] or table.stops == "wideDecimals"), (task, table.create())
                    else:
                        assert not table.stops or round_ > 0, (task, table.stops, table.create())
                client.configure([t.template for t in tables if t.name not in stopped])
                client.equal()
                client.configure([t.template for t in tables])
                if round_ == 0:
                    for table in tables:
                        for statement in table.change():
                            cursor.execute(statement)
        return f"{len(tables) - len(stopped)} tables equal by two engines after two runs, {len(stopped)} stopped by a named policy"
    finally:
        client.close()
