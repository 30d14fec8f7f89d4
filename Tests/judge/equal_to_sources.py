#!/usr/bin/env python3
"""Compares every table of a lake with the client databases it was made from, row for row, all columns.

  equal_to_sources.py CONFIG [--engine delta-rs|duckdb] [--table T]

CONFIG is the JSON that region-sync takes. The lake is read with an independent engine, the databases with PyMySQL.
Prints a line for each table and client that differs and exits with 1; exits with 0 when all are equal.
Needs the packages deltalake, pyarrow, pymysql, and for --engine duckdb also duckdb with its delta extension wheel.
"""
import argparse, collections, datetime, decimal, functools, importlib.metadata, json, os, sys

import pymysql


def canonical(value):
    """One form for the values that two engines and a server may give in different ones."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return value.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        text = plain(value)
        return text if "." in text else int(text)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, bool):
        return int(value)
    return value


def canonical_values(values):
    """`canonical` for a list; what is in that form already, as most values are, is not looked at twice."""
    return [v if v is None or type(v) is int or type(v) is str else canonical(v) for v in values]


def plain(number):
    """A decimal of any length without an exponent and without zeros at its end."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


@functools.lru_cache(maxsize=100_000)
def possible(text):
    """The date of a server's text, or None where no calendar has it."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


class SourceColumn:
    """A column of a client's table: how to ask for it without loss, and what its policy makes of the answer."""

    def __init__(self, name, kind, declaration, policy):
        self.name, self.kind, self.policy = name, kind, policy
        quoted = "`" + name.replace("`", "``") + "`"
        self.expression = {
            "float": f"cast({quoted} as double)", "bit": f"{quoted} + 0", "decimal": f"cast({quoted} as char)",
            "date": f"cast({quoted} as char)", "datetime": f"cast({quoted} as char)",
            "timestamp": f"cast({quoted} as char)", "time": f"cast({quoted} as char)", "year": f"cast({quoted} as signed)",
        }.get(kind, quoted)
        self.wide = kind == "decimal" and int(declaration.split("(")[1].split(",")[0].rstrip(")")) > 38

    def values(self, values):
        """The values in the form of `canonical`."""
        if self.kind in ("date", "datetime", "timestamp", "time", "decimal", *GEOMETRIES):
            return [None if v is None else self.value(v) for v in values]
        return canonical_values(values)

    def value(self, value):
        if value is None:
            return None
        if self.kind == "decimal":
            return value if self.wide else canonical(decimal.Decimal(value))
        if self.kind in ("date", "datetime", "timestamp"):
            if self.policy.get("impossibleDates") == "text":
                return value
            if possible(value[:10]) is None:
                return None
            if self.kind == "date":
                return value
            value = value if "." in value else value + "."
            offset = self.policy.get("wallClock")
            if self.kind == "timestamp" or not offset or offset == "UTC":
                return value.ljust(26, "0")
            clock = datetime.datetime.fromisoformat(value[:19]) + datetime.timedelta(microseconds=int((value[20:] + "000000")[:6]))
            minutes = int(offset[1:3]) * 60 + int(offset[4:6])
            clock -= datetime.timedelta(minutes=-minutes if offset[0] == "-" else minutes)
            return canonical(clock)
        if self.kind == "time":
            if self.policy.get("durations") == "text":
                return value
            digits, _, fraction = value.lstrip("-").partition(".")
            hours, minutes, seconds = map(int, digits.split(":"))
            micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + int((fraction + "000000")[:6])
            return -micros if value.startswith("-") else micros
        if self.kind in GEOMETRIES and self.policy.get("geometries") == "wkb":
            return canonical(value[4:])
        return canonical(value)


GEOMETRIES = {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"}


def source_columns(connection, database, table, policies):
    with connection.cursor() as cursor:
        cursor.execute("select column_name, data_type, cast(column_type as char) from information_schema.columns "
                       "where table_schema = %s and table_name = %s order by ordinal_position", (database, table))
        return [SourceColumn(name, kind.lower(), declaration.lower(), policies(name)) for name, kind, declaration in cursor.fetchall()]


def duckdb_connection():
    import duckdb
    con = duckdb.connect(config={"autoinstall_known_extensions": "false", "allow_unsigned_extensions": "true"})
    wheel = importlib.metadata.distribution("duckdb-extension-delta")
    file = [str(wheel.locate_file(f)) for f in wheel.files if ".duckdb_extension" in str(f)][0]
    con.execute(f"load '{file}'")
    con.execute("set timezone = 'UTC'")
    return con


class LakeTable:
    """A table as an independent engine reads it, once, for all clients."""

    def __init__(self, path, engine):
        import pyarrow
        if engine == "delta-rs":
            from deltalake import DeltaTable, QueryBuilder
            rows = pyarrow.table(QueryBuilder().register("t", DeltaTable(path)).execute("select * from t"))
        else:
            result = duckdb_connection().execute(f"select * from delta_scan('{path}')")
            rows = result.to_arrow_table() if hasattr(result, "to_arrow_table") else result.fetch_arrow_table()
        # Views of texts cannot be filtered.
        whole = {pyarrow.string_view(): pyarrow.string(), pyarrow.binary_view(): pyarrow.binary()}
        self.rows = rows.cast(pyarrow.schema([field.with_type(whole.get(field.type, field.type)) for field in rows.schema]))

    def of(self, region, client):
        """The rows of a client, as an Arrow table."""
        import pyarrow
        import pyarrow.compute as pc
        clients, regions = (self.rows[name].cast(pyarrow.string()) for name in ("client_id", "region"))
        return self.rows.filter(pc.and_(pc.equal(clients, str(client)), pc.equal(regions, region)))

    @staticmethod
    def values(column):
        """The values of an Arrow column in the form of `canonical`."""
        import pyarrow
        if pyarrow.types.is_timestamp(column.type):
            column = column.cast(pyarrow.timestamp("us")).cast(pyarrow.string())
        elif pyarrow.types.is_date32(column.type):
            column = column.cast(pyarrow.string())
        return canonical_values(column.to_pylist())


def connect(settings, database, folder):
    secret = settings.get("password")
    password = ""
    if isinstance(secret, dict):
        password = os.environ[secret["env"]] if "env" in secret else open(os.path.join(folder, secret["file"])).read().strip()
    where = {"unix_socket": settings["socket"]} if "socket" in settings else {
        "host": settings["host"], "port": settings.get("port", 3306)}
    return pymysql.connect(user=settings["user"], password=password, database=database, charset="utf8mb4",
                           init_command="set time_zone = '+00:00'", **where)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--engine", default="delta-rs", choices=["delta-rs", "duckdb"])
    parser.add_argument("--table")
    arguments = parser.parse_args()
    folder = os.path.dirname(os.path.abspath(arguments.config))
    config = json.load(open(arguments.config))
    roster = json.load(open(os.path.join(folder, config["roster"])))
    lake = os.path.join(folder, config["lake"])
    differing = compared = rows_in_all = 0
    for table in config["tables"]:
        if arguments.table and arguments.table != table["name"]:
            continue
        lake_table = None
        for client in roster["clients"]:
            own = config.get("clients", {}).get(str(client["client_id"]), {}).get("tables", {})
            own = own.get(f"{table['schema']}.{table['name']}", own.get(table["name"], {}))
            if own.get("skip"):
                continue
            mapping = {**table.get("columnMap", {}), **own.get("columnMap", {})}
            template = config["schemas"][table["schema"]]["database"]
            database = client.get("databases", {}).get(table["schema"]) or template.format(
                client_id=client["client_id"], region=client["region"])
            lake_table = lake_table or LakeTable(os.path.join(lake, table["schema"], table["name"]), arguments.engine)
            lineage = table.get("lineage") or []
            lineage = ["_run", "_synced_at", "_source"] if lineage is True else lineage
            data = [n for n in lake_table.rows.column_names if n not in ("region", "client_id", *lineage)]
            rows = lake_table.of(client["region"], client["client_id"])
            own_policies = {mapping.get(lake, lake).lower(): policy for lake, policy in table.get("columnValues", {}).items()}

            def policy(column):
                return {**config.get("values", {}), **table.get("values", {}), **own_policies.get(column.lower(), {})}

            connection = connect(config["connections"][client["connection"]], database, folder)
            columns = source_columns(connection, database, table["name"], policy)
            with connection.cursor() as cursor:
                cursor.execute(f"select {', '.join(c.expression for c in columns)} from `{table['name']}`")
                source = cursor.fetchall()
            connection.close()
            existing = {c.name.lower(): number for number, c in enumerate(columns)}
            values = [c.values(v) for c, v in zip(columns, zip(*source))] if source else [[] for _ in columns]
            places = [existing.get(mapping.get(n, n).lower()) for n in data]
            wanted = collections.Counter(zip(*([None] * len(source) if p is None else values[p] for p in places)))
            lacking = [n for n in existing
                       if n not in {mapping.get(d, d).lower() for d in data} and "columns" not in table]
            found = collections.Counter(zip(*(lake_table.values(rows[name]) for name in data)))
            compared += 1
            rows_in_all += len(source)
            if wanted != found or lacking:
                differing += 1
                missing, extra = wanted - found, found - wanted
                print(f"DIFFERENT {table['name']} {client['region']}/{client['client_id']}: {len(source)} rows in the source,"
                      f" {rows.num_rows} in the lake; {sum(missing.values())} missing, {sum(extra.values())} extra;"
                      f" columns the lake lacks: {lacking}")
                for row in list(missing)[:2]:
                    print("  missing", dict(zip(data, row)))
                for row in list(extra)[:2]:
                    print("  extra  ", dict(zip(data, row)))
    print(f"{compared - differing} of {compared} client tables equal, {rows_in_all} rows, read by {arguments.engine}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
