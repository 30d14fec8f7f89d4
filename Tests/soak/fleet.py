"""Private throwaway MariaDB servers with a small shop for each client; used by the soak tests.

Each server has its own data directory and listens on a unix socket, and on loopback where a port is given. They are stopped by their process ids.
"""
import json, os, random, shutil, signal, subprocess, tempfile, time

import pymysql

FLAGS = """--no-defaults --skip-name-resolve --innodb-use-native-aio=0 --innodb-log-file-size=32M
--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --innodb-fast-shutdown=2 --performance-schema=OFF
--aria-pagecache-buffer-size=1M --key-buffer-size=1M --max-connections=400""".split()

ORDERS = """create table orders (id bigint not null auto_increment primary key, customer_id int not null,
 amount decimal(12,2) not null, status varchar(16) not null, note text null, weight double null, placed_at datetime(6) null,
 update_timestamp timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
 key ix_update (update_timestamp))"""
CUSTOMERS = """create table customers (id int not null primary key, {email} varchar(80) null, name varchar(60) not null,
 {extra} updated_at timestamp not null default current_timestamp on update current_timestamp, key (updated_at))"""
TAXES = "create table taxes (country char(2) not null, kind varchar(10) not null, rate decimal(5,3) not null, primary key (country, kind))"


class Server:
    def __init__(self, root, name, port=None, pool="64M", environment={}, flags=()):
        self.port = port
        self.folder = os.path.join(root, name)
        self.socket = os.path.join(self.folder, "s.sock")
        # A server that starts deletes what looks like temporary tables, those of others too: each has its own folder.
        temporary = os.path.join(self.folder, "tmp")
        os.makedirs(temporary)
        data = os.path.join(self.folder, "data")
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--tmpdir={temporary}", "--auth-root-authentication-method=normal",
                        "--skip-test-db", "--innodb-log-file-size=32M", "--innodb-use-native-aio=0", f"--user={os.environ.get('USER', 'root')}"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        daemon = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        self.process = subprocess.Popen(
            [daemon, *FLAGS, *flags, *([f"--port={port}", "--bind-address=127.0.0.1"] if port else ["--skip-networking"]),
             f"--innodb-buffer-pool-size={pool}", f"--datadir={data}", f"--tmpdir={temporary}", f"--socket={self.socket}", f"--user={os.environ.get('USER', 'root')}",
             f"--pid-file={self.folder}/pid"], stdin=subprocess.DEVNULL, env=os.environ | environment,
            stdout=open(os.path.join(self.folder, "log"), "w"), stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                self.connect().close()
                return
            except pymysql.err.OperationalError:
                time.sleep(0.1)
        with open(os.path.join(self.folder, "log")) as log:
            raise SystemExit(f"the server {name} did not start; its log ends with:\n" + "".join(log.readlines()[-10:]))

    def connect(self, database=None, user="root", autocommit=True):
        return pymysql.connect(unix_socket=self.socket, user=user, password="secret" if user == "sync" else "",
                               database=database, charset="utf8mb4", autocommit=autocommit,
                               init_command="set time_zone = '+00:00'")

    def run(self, statements, database=None):
        connection = self.connect(database)
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Fleet:
    """Three servers (regions), four clients each, three tables each; and the configuration for region-sync."""

    def __init__(self, rows=2000, clients=4, ports=(None, None, None)):
        self.root = tempfile.mkdtemp(prefix="trib-soak-")
        self.servers = {region: Server(self.root, region, port=port) for region, port in zip(("eu", "us", "ap"), ports)}
        self.clients = []
        for region, server in self.servers.items():
            server.run(["create user sync@localhost identified by 'secret'", "grant process on *.* to sync@localhost"])
            for number in range(clients):
                client = f"{region}{number}"
                database = f"shop_{client}"
                email = "mail" if number == 1 else "email"
                extra = "" if number == 2 else "phone varchar(20) null,"
                server.run([f"create database {database} character set utf8mb4",
                            f"grant select on {database}.* to sync@localhost"])
                server.run([ORDERS, CUSTOMERS.format(email=email, extra=extra), TAXES,
                            self.insert_orders(1, rows),
                            f"insert into customers (id, {email}, name) select seq, concat('p', seq, '@example.org'), "
                            f"concat('Name ', seq) from seq_1_to_{max(rows // 10, 1)}",
                            "insert into taxes values ('DE','full',19.000),('DE','low',7.000),('FR','full',20.000)"], database)
                self.clients.append((region, client, database))
        self.lake = os.path.join(self.root, "lake")
        self.config = os.path.join(self.root, "sync.json")
        json.dump({"clients": [{"client_id": c, "region": r, "connection": r} for r, c, _ in self.clients]},
                  open(os.path.join(self.root, "roster.json"), "w"))
        json.dump({
            "lake": "lake", "roster": "roster.json",
            "connections": {r: {"socket": s.socket, "user": "sync", "password": {"env": "SYNC_PASSWORD"}}
                            for r, s in self.servers.items()},
            "schemas": {"shop": {"database": "shop_{client_id}"}},
            "tables": [{"schema": "shop", "name": "orders", "cursor": "update_timestamp"},
                       {"schema": "shop", "name": "customers"}, {"schema": "shop", "name": "taxes", "cursor": None}],
            "clients": {c: {"tables": {"shop.customers": {"columnMap": {"email": "mail"}}}}
                        for _, c, _ in self.clients if c.endswith("1")},
            "limits": {"tasks": 4, "tasksPerRegion": 2, "attempts": 6},
        }, open(self.config, "w"), indent=1)
        os.environ["SYNC_PASSWORD"] = "secret"

    @staticmethod
    def insert_orders(first, count):
        return f"""insert into orders (id, customer_id, amount, status, note, weight, placed_at)
          select seq, seq % 97, seq % 100000 / 100, elt(1 + seq % 3, 'new', 'paid', 'shipped'),
          if(seq % 5 = 0, null, concat('note ', seq, ' äöü')), if(seq % 7 = 0, null, seq / 7),
          timestamp'2024-01-01 00:00:00' + interval seq second from seq_{first}_to_{first + count - 1}"""

    def command(self, tool, verb, *options):
        return [tool, verb, "--config", self.config, *options]

    def change(self, seed):
        """Some rows of every table and client change, committed at once."""
        generator = random.Random(seed)
        for region, client, database in self.clients:
            connection = self.servers[region].connect(database)
            with connection.cursor() as cursor:
                cursor.execute("update orders set amount = amount + 1, status = 'changed' where id %% 50 = %s", generator.randrange(50))
                cursor.execute("insert into orders (customer_id, amount, status) values (1, 2, 'new'), (2, 3, 'new')")
                cursor.execute("update customers set name = concat(name, '!') where id %% 20 = %s", generator.randrange(20))
                cursor.execute("update taxes set rate = rate + 0.1 where kind = 'full'")
                if generator.random() < 0.5:
                    cursor.execute("delete from taxes where country = 'FR'")
                else:
                    cursor.execute("replace into taxes values ('FR', 'full', %s)", generator.randrange(30))
            connection.close()

    def close(self):
        for server in self.servers.values():
            server.stop()
        shutil.rmtree(self.root, ignore_errors=True)
