/// The texts that the plans of the scenarios must give, the number of bytes aside.
enum PlanGoldens {
    static let texts: [String: String] = [
        "nothing there": """
        plan ID for all
        shop.orders: created
          columns: id long, amount decimal(10,2), note string, update_timestamp timestamp
          keys: id (primary key)
          changes: cursor update_timestamp
          firstLoad: 2 clients, about 405 rows, bounded(3600 s)
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders, us/2/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 405 rows
        """,
        "increment": """
        plan ID for all
        shop.orders: unchanged
          keys: id (primary key)
          changes: cursor update_timestamp
          increment: 2 clients, rows unknown, proven
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders, us/2/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 0 rows
        """,
        "comparison": """
        plan ID for all
        shop.orders: unchanged
          keys: id (primary key)
          changes: none: the whole table is compared
          compare: 2 clients, about 405 rows, proven
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 405 rows
        """,
        "new column": """
        plan ID for all
        shop.orders: extended
          adds: vat string
          keys: id (primary key)
          changes: cursor update_timestamp
          tables: 1 client alike
          tables: 1 client: dropped vat: text null (us/2)
          increment: us/2, rows unknown, proven
          backfill: eu/1, about 400 rows, bounded(3600 s)
          DRIFT eu/1: added vat: text null
        note columns: the source has no column "vat": its rows have none in the lake (us/2/shop.orders)
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders, us/2/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 400 rows and N bytes for the 1 task of which that is measured
        """,
        "new filter": """
        plan ID for all
        shop.orders: unchanged
          keys: id (primary key)
          changes: cursor update_timestamp
          backfill: 2 clients, about 405 rows, bounded(3600 s)
          DESTRUCTIVE eu/1: another definition: filters none → note = 'first'
          DESTRUCTIVE us/2: another definition: filters none → note = 'first'
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders, us/2/shop.orders)
        note filter.noTombstones: rows that stop matching the filter stay in the lake until a verification removes them (eu/1/shop.orders, us/2/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 405 rows and N bytes
        needs this plan: region-sync run --plan ID
        """,
        "many deletions": """
        plan ID for all
        shop.orders: unchanged
          keys: id (primary key)
          changes: none: the whole table is compared
          compare: 2 clients, about 105 rows, proven
          DESTRUCTIVE eu/1: about 300 of 400 rows would go
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 105 rows
        needs this plan: region-sync run --plan ID
        """,
        "no index on the cursor": """
        plan ID for all
        shop.orders: unchanged
          keys: id (primary key)
          changes: cursor update_timestamp
          increment: 2 clients, rows unknown, digestOnly for 1, proven for 1
        note cursor.notIndexed: no index starts with update_timestamp: each run scans the table; add one (eu/1/shop.orders)
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders, us/2/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 0 rows
        """,
        "open transaction, no PROCESS": """
        plan ID for all
        shop.orders: unchanged
          keys: id (primary key)
          changes: cursor update_timestamp
          increment: 2 clients, rows unknown, bounded(3600 s) for 1, proven for 1
          eu/1: the mark is held back by thread 17
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders, us/2/shop.orders)
        note marks.limited: marks are not proven: the user lacks PROCESS (us/2/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 0 rows
        """,
        "missing table": """
        plan ID for all
        shop.orders: unchanged
          keys: id (primary key)
          changes: cursor update_timestamp
          increment: eu/1, rows unknown, proven
          BLOCKED us/2: the database shop has no such table
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 0 rows
        """,
        "server down": """
        plan ID for all
        shop.orders: unchanged
          keys: id (primary key)
          changes: cursor update_timestamp
          increment: eu/1, rows unknown, proven
          BLOCKED us/2: unreachable (us/2): the server is down
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 0 rows
        """,
        "types that no lake table holds": """
        plan ID for all
        shop.orders: unchanged
          keys: id (primary key)
          changes: cursor update_timestamp
          increment: eu/1, rows unknown, proven
          BLOCKED us/2: schemaDrift (us/2/shop.orders): column note is text, of which not every value is a string, as the lake has it; map the column to another name under "columnMap", or set "widened" under "drift" to "add"
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 0 rows
        """,
        "no key": """
        plan ID for all
        shop.orders: failed
          BLOCKED: noKey: the table has no primary key and no unique index without nullable columns; name columns that identify a row under "keys"
          tables: 1 client alike
          tables: 1 client: keys none: id → none (us/2)
          increment: eu/1, rows unknown, proven
          BLOCKED us/2: noKey: the table has no primary key and no unique index without nullable columns; name columns that identify a row under "keys"
        note deletes.unseen: rows deleted at the source stay in the lake until a verification finds them (eu/1/shop.orders)
        server c1: 1 task, at most 1 connection
        server c2: 1 task, at most 1 connection
        2 tasks, about 0 rows
        """,
    ]
}
