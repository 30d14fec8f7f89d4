#!/usr/bin/env python3
"""Lets independent engines read Delta tables and compares every row with what was written.

    python Tests/judge/delta_tables.py FOLDER

FOLDER holds NAME/table, NAME/rows with the rows in the canonical form of delta-log, NAME/changes with the change feed
from NAME/spec's version on, and NAME/spec, a JSON object:

    skip     engines that do not know what the table needs, with the reason
    changes  the version from which delta-rs reads the change feed
    append   rows that delta-rs appends once everybody has read the table
    merge    rows that it merges in by the column "id" after that
    refuse   rows that it must refuse to append
    repeat   the "id" of rows that engines read and add once more, one after the other
    by       those engines
"""
import datetime, decimal, glob, importlib.metadata, json, math, os, struct, sys

import deltalake, duckdb, pyarrow as pa


def number(value, single):
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = repr(value)
    if single:
        for digits in range(1, 10):
            text = f"{value:.{digits}g}"
            if struct.pack(">f", float(text)) == struct.pack(">f", value):
                break
        text = repr(float(text))
    return text


def canonical(value, kind):
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {kind.field(i).name: canonical(value[kind.field(i).name], kind.field(i).type)
                for i in range(kind.num_fields)}
    if pa.types.is_map(kind):
        pairs = value.items() if isinstance(value, dict) else value
        pairs = [[canonical(k, kind.key_type), canonical(v, kind.item_type)] for k, v in pairs]
        return sorted(pairs, key=lambda pair: text(pair[0]).encode())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_list_view(kind):
        return [canonical(item, kind.value_type) for item in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, float):
        return number(value, pa.types.is_float32(kind))
    return value


def text(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def lines(table, leaving=()):
    table = pa.table(table)
    names = [name for name in table.column_names if name not in leaving]
    found = []
    for row in table.select(names).to_pylist(maps_as_pydicts=None):
        found.append(text({name: canonical(row[name], table.schema.field(name).type) for name in names}))
    return sorted(found, key=str.encode)


def delta_rs(path, where="true"):
    table = deltalake.DeltaTable(path)
    return lines(deltalake.QueryBuilder().register("t", table).execute(f"select * from t where {where}"))


def connect():
    files = importlib.metadata.distribution("duckdb-extension-delta")
    extension = [str(files.locate_file(f)) for f in files.files if ".duckdb_extension" in str(f)][0]
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false", "allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension}'; SET TimeZone = 'UTC'")
    return connection


def repeat_by_delta_rs(path, key):
    table = deltalake.DeltaTable(path)
    rows = deltalake.QueryBuilder().register("t", table).execute(f"select * from t where id = {key}")
    deltalake.write_deltalake(path, pa.table(rows), mode="append")


def repeat_by_duck(path, key):
    connection = connect()
    connection.execute(f"ATTACH '{path}' AS d (TYPE delta)")
    connection.execute(f"INSERT INTO d SELECT * FROM d WHERE id = {key}")


def duck(path, where="true"):
    connection = connect()
    result = connection.execute(f"SELECT * FROM delta_scan('{path}') AS t WHERE {where}")
    reader = result.to_arrow_table() if hasattr(result, "to_arrow_table") else result.arrow()
    return lines(reader.read_all() if hasattr(reader, "read_all") else reader)


def changes(path, start):
    table = deltalake.DeltaTable(path)
    return lines(table.load_cdf(starting_version=start).read_all(), leaving=("_commit_timestamp",))


def differences(name, engine, read, expected):
    try:
        found = read()
    except Exception as error:
        print(f"{name}: {engine} fails: {type(error).__name__} {error}")
        return 1
    if found == expected:
        return 0
    lost = [line for line in expected if line not in found][:3]
    odd = [line for line in found if line not in expected][:3]
    print(f"{name}: {engine} has {len(found)} rows, {len(expected)} were written; not there {lost}, not ours {odd}")
    return 1


def batch(path, rows):
    schema = pa.schema(deltalake.DeltaTable(path).schema().to_arrow())
    return pa.Table.from_pylist(rows, schema=schema)


def expected(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def by_leaf(rows):
    """A condition on a number inside the structure "o", which prunes by statistics, and the rows that meet it."""
    for key in ("a", "number"):
        chosen = [line for line in rows if ((json.loads(line).get("o") or {}).get(key) or 0) >= 30]
        if chosen:
            return f"t.o['{key}'] >= 30", chosen
    return None


def main(folder):
    failures = compared = 0
    for place in sorted(glob.glob(os.path.join(folder, "*", "spec"))):
        home = os.path.dirname(place)
        name, path = os.path.basename(home), os.path.join(home, "table")
        with open(place) as file:
            spec = json.load(file)
        for engine, read in (("delta-rs", delta_rs), ("duckdb", duck)):
            if engine in spec.get("skip", {}):
                continue
            compared += 1
            rows = expected(os.path.join(home, "rows"))
            failures += differences(name, engine, lambda: read(path), rows)
            leaf = by_leaf(rows)
            if leaf:
                compared += 1
                failures += differences(name, engine + " by a leaf", lambda: read(path, leaf[0]), leaf[1])
        if "changes" in spec:
            compared += 1
            failures += differences(name, "delta-rs changes", lambda: changes(path, spec["changes"]),
                                    expected(os.path.join(home, "changes")))
        if "refuse" in spec:
            try:
                deltalake.write_deltalake(path, batch(path, spec["refuse"]), mode="append")
                print(f"{name}: delta-rs wrote rows that break a rule")
                failures += 1
            except Exception:
                pass
        for engine in spec.get("by", []):
            try:
                {"delta-rs": repeat_by_delta_rs, "duckdb": repeat_by_duck}[engine](path, spec["repeat"])
            except Exception as error:
                print(f"{name}: {engine} does not write: {type(error).__name__} {error}")
                failures += 1
        try:
            if "append" in spec:
                deltalake.write_deltalake(path, batch(path, spec["append"]), mode="append")
            if "merge" in spec:
                source = batch(path, spec["merge"])
                deltalake.DeltaTable(path).merge(source, "t.id = s.id", source_alias="s", target_alias="t") \
                    .when_matched_update_all().when_not_matched_insert_all().execute()
        except Exception as error:
            print(f"{name}: delta-rs does not write: {type(error).__name__} {error}")
            failures += 1
    print(f"{compared} comparisons, {failures} failures")
    return 1 if failures or not compared else 0


sys.exit(main(sys.argv[1]))
