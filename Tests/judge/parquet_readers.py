#!/usr/bin/env python3
"""Lets independent readers read Parquet files and compares every value with what was written.

    python Tests/judge/parquet_readers.py FOLDER              the readers that are installed
    python Tests/judge/parquet_readers.py FOLDER --install    ClickHouse and Spark too, each in an environment of its own

FOLDER holds NAME.parquet and NAME.rows: a line of JSON for each row, or, for files too large for that, one line with
the number of rows and the sum of the first column. What a reader does not have is listed below; anything else that is
not equal is a failure.
"""
import argparse, decimal, glob, json, os, struct, subprocess, sys, tempfile

# What a reader does not have, by a part of the file's name or of what the reader says.
SPLIT = {f"{kind}-byteStreamSplit": "only numbers of 4 and 8 bytes are split; asked for by name here"
         for kind in ("decimal-19-0", "decimal-29-7", "decimal-38-38")}
KNOWN = {
    "duckdb": SPLIT,
    "polars": SPLIT,
    "clickhouse": {"date": "dates from the year 0 to 9999 only", "timestamp": "instants from 1900 to 2299 only"},
    "spark": {"uint64-deltaBinaryPacked": "no differences of unsigned numbers; asked for by name here",
              "uint64-byteStreamSplit": "nor streams of them",
              "UNSUPPORTED_TIME_TYPE": "no time of day",
              "(TIME(": "no time of day in nanoseconds"},
}


def bits(value):
    return "f:nan" if value != value else "f:" + struct.pack(">d", value).hex()


def number(value):
    text = format(decimal.Decimal(value), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "d:" + ("0" if text in ("-0", "") else text)


def canonical(array):
    """The values of an Arrow array in the form of the .rows files."""
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        return [value for chunk in array.chunks for value in canonical(chunk)]
    kind = array.type
    if pa.types.is_dictionary(kind):
        return canonical(array.dictionary_decode())
    if isinstance(array, pa.ExtensionArray):
        return canonical(array.storage)
    if pa.types.is_map(kind):
        keys, items, offsets = canonical(array.keys), canonical(array.items), array.offsets.to_pylist()
        pairs = [list(pair) for pair in zip(keys, items)]
        return [pairs[offsets[i]:offsets[i + 1]] if valid else None for i, valid in enumerate(validity(array))]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values, offsets = canonical(array.values), array.offsets.to_pylist()
        return [values[offsets[i]:offsets[i + 1]] if valid else None for i, valid in enumerate(validity(array))]
    if pa.types.is_struct(kind):
        fields = [canonical(array.field(i)) for i in range(kind.num_fields)]
        return [[field[i] for field in fields] if valid else None for i, valid in enumerate(validity(array))]
    if pa.types.is_floating(kind):
        return each(array, bits)
    if pa.types.is_decimal(kind):
        return each(array, number)
    if pa.types.is_date32(kind):
        return array.cast(pa.int32()).to_pylist()
    if pa.types.is_timestamp(kind):
        scale = {"s": 1_000_000, "ms": 1000, "us": 1}.get(kind.unit)
        return each(array.cast(pa.int64()), lambda value: value * scale if scale else value // 1000)
    if pa.types.is_time(kind):
        scale = {"us": 1000, "ns": 1}[kind.unit]
        return each(array.cast(pa.int64()), lambda value: value * scale)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view():
        return each(array, lambda value: "s:" + value)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or kind == pa.binary_view():
        return each(array, lambda value: "b:" + value.hex())
    return array.to_pylist()


def validity(array):
    return array.is_valid().to_pylist()


def each(array, change):
    return [None if value is None else change(value) for value in array.to_pylist()]


def with_pyarrow(path):
    import pyarrow.parquet as pq

    pq.ParquetFile(path, page_checksum_verification=True).read()
    return pq.read_table(path, page_checksum_verification=True)


def with_arrow_rs(path):
    import arro3.io, pyarrow as pa

    return pa.table(arro3.io.read_parquet(path).read_all())


def with_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    result = connection.execute(f"SELECT * FROM read_parquet('{path}')")
    return result.to_arrow_table() if hasattr(result, "to_arrow_table") else result.fetch_arrow_table()


def with_polars(path):
    import polars

    return polars.read_parquet(path, use_statistics=True).to_arrow()


def with_clickhouse(path):
    import chdb, io, pyarrow as pa

    text = chdb.query(f"SELECT * FROM file('{path}', Parquet) SETTINGS output_format_arrow_string_as_string=0,"
                      " schema_inference_make_columns_nullable='auto', output_format_arrow_compression_method='none'",
                      "Arrow").bytes()
    return pa.ipc.open_file(io.BytesIO(text)).read_all() if text else None


def with_spark(path):
    import pyspark.sql

    session = (pyspark.sql.SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC")
               .config("spark.ui.enabled", "false").config("spark.log.level", "ERROR").getOrCreate())
    return session.read.parquet(path).toArrow()


READERS = {"pyarrow": with_pyarrow, "arrow-rs": with_arrow_rs, "duckdb": with_duckdb, "polars": with_polars,
           "clickhouse": with_clickhouse, "spark": with_spark}
MODULES = {"pyarrow": "pyarrow", "arrow-rs": "arro3.io", "duckdb": "duckdb", "polars": "polars", "clickhouse": "chdb",
           "spark": "pyspark"}


def same(reader, got, wanted):
    """Equal but for what a reader has no room for.

    ClickHouse has texts for bytes, no missing lists or structures, and times of day in microseconds; Spark has decimals
    for unsigned numbers of 64 bits.
    """
    if got == wanted:
        return True
    if isinstance(got, list) and wanted is None:
        return reader == "clickhouse" and all(same(reader, entry, None) for entry in got)
    if isinstance(got, list) and isinstance(wanted, list):
        return len(got) == len(wanted) and all(same(reader, *pair) for pair in zip(got, wanted))
    if reader == "clickhouse" and isinstance(got, str) and isinstance(wanted, str):
        return got[:2] == "b:" and wanted[:2] == "s:" and bytes.fromhex(got[2:]) == wanted[2:].encode()
    if reader == "clickhouse" and isinstance(got, int) and isinstance(wanted, int):
        return wanted // 1000 == got
    return reader == "spark" and got == f"d:{wanted}"


def differences(reader, path):
    import pyarrow.compute as pc

    with open(path[:-len("parquet")] + "rows") as file:
        expected = [json.loads(line) for line in file]
    table = READERS[reader](path)
    if expected and isinstance(expected[0], dict):
        total, rows = pc.sum(table.column(0)).as_py(), expected[0]["rows"]
        if table.num_rows != rows or int(total) != expected[0]["sum"]:
            return f"{table.num_rows} rows of the sum {total}, not {expected[0]}"
        return None
    if table is None or table.num_rows != len(expected):
        return f"{table and table.num_rows} rows, not {len(expected)}"
    columns = [canonical(column) for column in table.columns]
    for row, wanted in enumerate(expected):
        got = [column[row] for column in columns]
        if not same(reader, got, wanted):
            return f"row {row} is {str(got)[:300]}, not {str(wanted)[:300]}"
    return None


def known(reader, name, difference):
    return any(part in name or part in difference for part in KNOWN.get(reader, {}))


def judge(reader, files):
    try:
        __import__(MODULES[reader])
    except ImportError:
        print(f"{reader:11} is not installed")
        return 0
    failed = excused = 0
    for path in files:
        name = os.path.basename(path)[:-len(".parquet")]
        try:
            difference = differences(reader, path)
        except BaseException as error:
            difference = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:300] if str(error).strip() else ''}"
        if difference and known(reader, name, difference):
            excused += 1
        elif difference:
            failed += 1
            print(f"{reader}: {name}: {difference}")
    print(f"{reader:11} {len(files) - failed - excused} of {len(files)} equal"
          + (f", {excused} with a type that it does not have" if excused else ""))
    return failed


def installed(package, folder):
    """A Python that has a package, in an environment of its own."""
    python = os.path.join(folder, package, "bin", "python")
    if not os.path.exists(os.path.join(folder, package, "complete")):
        subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, package)], check=True)
        extra = ["pandas"] if package == "pyspark" else []
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", package, "pyarrow"] + extra,
                       check=True)
        open(os.path.join(folder, package, "complete"), "w").close()
    return python


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--readers", default="pyarrow,arrow-rs,duckdb,polars")
    arguments.add_argument("--install", action="store_true")
    arguments.add_argument("--environments", default=os.path.join(tempfile.gettempdir(), "parquet-readers"))
    options = arguments.parse_args()
    files = sorted(glob.glob(os.path.join(options.folder, "*.parquet")))
    if not files:
        sys.exit(f"no files in {options.folder}")
    failed = sum(judge(reader, files) for reader in options.readers.split(",") if reader)
    if options.install:
        for reader, package in (("clickhouse", "chdb"), ("spark", "pyspark")):
            python = installed(package, options.environments)
            failed += subprocess.run([python, __file__, options.folder, "--readers", reader]).returncode
    sys.exit(min(failed, 100))


if __name__ == "__main__":
    main()
