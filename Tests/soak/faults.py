"""Faults on the way: a proxy that harms connections for whole runs, and servers that are gone or hang."""
import json, os, random, subprocess, time

from fleet import Fleet
from proxy import Proxy


def free_port():
    """A free port, below those that systems give to clients: no connection takes it until a server does."""
    import socket
    while True:
        with socket.socket() as probe:
            try:
                port = random.SystemRandom().randrange(20_000, 32_000)
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def proxied(fleet, seed, harm, stall):
    """Puts a proxy before each server of a fleet, and its port into the configuration."""
    settings = json.load(open(fleet.config))
    proxies = {}
    for number, (region, server) in enumerate(fleet.servers.items()):
        server.run(["create user sync@'127.0.0.1' identified by 'secret'", "grant select, process on *.* to sync@'127.0.0.1'"])
        proxies[region] = Proxy("127.0.0.1", server.port, seed=seed * 10 + number, harm=harm, stall=stall)
        settings["connections"][region] = {"host": "127.0.0.1", "port": proxies[region].port, "user": "sync",
                                           "password": {"env": "SYNC_PASSWORD"}, "readTimeoutSeconds": 2, "connectTimeoutSeconds": 2}
    settings["limits"].update(attempts=8, retrySeconds=60, taskSeconds=90)
    json.dump(settings, open(fleet.config, "w"), indent=1)
    return proxies


def run(fleet, tool, *options, timeout):
    begin = time.time()
    done = subprocess.run(fleet.command(tool, "run", "--region", "all", "--json", *options), capture_output=True, text=True, timeout=timeout)
    assert done.stdout.startswith("{"), (done.stdout[-500:], done.stderr[-1500:])
    return json.loads(done.stdout), time.time() - begin


def harmed_network(tool, options):
    """Half of all connections are harmed for whole runs; what was reached is equal, the rest is named, nothing hangs."""
    from soak import equal, sync
    harmed = retried = failed = resumed = 0
    for seed in range(options.seeds):
        fleet = Fleet(rows=20000, ports=[free_port() for _ in range(3)])
        try:
            sync(fleet, tool, verb="prepare")
            proxies = proxied(fleet, seed, harm=0.5, stall=30)
            if seed % 2:
                # Loads in chunks are broken off and go on.
                settings = json.load(open(fleet.config))
                settings["limits"]["chunkRows"] = 2000
                json.dump(settings, open(fleet.config, "w"))
            for round_ in range(3):
                report, _ = run(fleet, tool, timeout=400)
                for task in report["tasks"]:
                    resumed += (task.get("load") or {}).get("rowsBefore", 0) > 0
                    retried += task["attempts"] > 1
                    if task["outcome"] == "failed":
                        failed += 1
                        assert task["error"]["code"] in ("source", "deadline"), task
                        assert task["client"] and task["error"]["message"], task
                time.sleep(1.1)
                fleet.change(round_)
            harmed += sum(sum(p.counts.values()) - p.counts["whole"] for p in proxies.values())
            for proxy in proxies.values():
                proxy.harm = 0
            report, _ = run(fleet, tool, timeout=400)
            assert all(task["outcome"] != "failed" for task in report["tasks"]), report
            # The judge goes past the proxy.
            settings = json.load(open(fleet.config))
            for region, server in fleet.servers.items():
                settings["connections"][region]["port"] = server.port
            json.dump(settings, open(fleet.config, "w"))
            equal(fleet)
            for proxy in proxies.values():
                proxy.close()
        finally:
            fleet.close()
    assert harmed > 0 and retried > 0
    return f"{harmed} connections harmed, {retried} tasks tried again, {resumed} loads gone on with, {failed} failed and were named"


def gone_and_hanging(tool, options):
    """One server resets every connection, one says nothing: their clients are named within the limits, the third is equal."""
    from soak import sync
    fleet = Fleet(rows=500, clients=2, ports=[free_port() for _ in range(3)])
    try:
        sync(fleet, tool, verb="prepare")
        proxies = proxied(fleet, 1, harm=0, stall=600)
        settings = json.load(open(fleet.config))
        settings["limits"].update(tasks=12, tasksPerRegion=6, attempts=3, retrySeconds=20, taskSeconds=12)
        json.dump(settings, open(fleet.config, "w"))
        proxies["eu"].down = True
        proxies["us"].harm, proxies["us"].random.choice = 1.0, lambda kinds: "stall"
        report, seconds = run(fleet, tool, timeout=120)
        failed = {(task["region"], task["client"], task["table"]) for task in report["tasks"] if task["outcome"] == "failed"}
        expected = {(r, c, t) for r, c, _ in fleet.clients for t in ("orders", "customers", "taxes") if r != "ap"}
        assert {f for f in failed if f[0] == "eu"} == {e for e in expected if e[0] == "eu"}, failed
        assert not any(f[0] == "ap" for f in failed), failed
        assert all("unreachable" in t["error"]["message"] or t["error"]["code"] == "deadline"
                   for t in report["tasks"] if t["outcome"] == "failed"), report
        assert seconds < 40, seconds
        for proxy in proxies.values():
            proxy.close()
        return f"{len(failed)} tasks named in {seconds:.0f} s"
    finally:
        fleet.close()
