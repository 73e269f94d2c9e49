"""A highly available PostgreSQL cluster on this machine: etcd, three nodes under Patroni, and HAProxy before them."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.processes import BenchmarkError, free_port
from tests.support.postgres import find_programs

NODES = ("one", "two", "three")
LAGGING = "three"
"""The node that replays what it gets two seconds later."""

PATIENCE = 120.0
"""Maximum seconds until the cluster has a primary and two replicas."""

_PATRONI = """
scope: drill
name: {name}
restapi: {{listen: "127.0.0.1:{rest}", connect_address: "127.0.0.1:{rest}"}}
etcd3: {{hosts: "127.0.0.1:{etcd}"}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 5
    # Fail over at once if PostgreSQL dies, instead of starting it again.
    primary_start_timeout: 0
    maximum_lag_on_failover: 1048576
    # A commit is answered when a second node has it, and writes stop if there is none.
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: {{max_connections: 200, wal_keep_size: "256MB", hot_standby_feedback: "on", timezone: UTC}}
  initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}]
  pg_hba: ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  data_dir: "{folder}/data"
  bin_dir: "{programs}"
  pgpass: "{folder}/pgpass"
  authentication:
    superuser: {{username: postgres}}
    replication: {{username: postgres}}
    rewind: {{username: postgres}}
  parameters: {{unix_socket_directories: "{folder}"}}
{recovery}
"""
_HAPROXY = """
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout check 2s
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions

listen primary
  bind 127.0.0.1:{primary}
  option httpchk GET /primary
  http-check expect status 200
{servers}

listen replicas
  bind 127.0.0.1:{replicas}
  option httpchk GET /replica
  http-check expect status 200
{servers}
"""


@dataclass
class Node:
    """One PostgreSQL server and the Patroni that watches it."""

    name: str
    folder: Path
    port: int
    rest: int
    patroni: subprocess.Popen[bytes] | None = None

    def kill(self, *, with_patroni: bool) -> None:
        """Kill PostgreSQL, and with it Patroni as if the machine had failed, with SIGKILL."""
        if with_patroni and self.patroni is not None:
            self.patroni.kill()
            self.patroni.wait()
            self.patroni = None
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
            for process in [*_children(postmaster), postmaster]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)


@dataclass
class Cluster:
    """The running cluster; both URLs lead through HAProxy."""

    nodes: list[Node]
    url: str
    replica_url: str
    _commands: dict[str, list[str | Path]] = field(default_factory=dict)

    def members(self) -> list[dict[str, Any]]:
        """The members as Patroni sees them; empty while no node answers."""
        for node in self.nodes:
            with contextlib.suppress(httpx.TransportError, json.JSONDecodeError):
                members: list[dict[str, Any]] = httpx.get(f"http://127.0.0.1:{node.rest}/cluster", timeout=5).json()[
                    "members"
                ]
                return members
        return []

    def primary(self) -> Node | None:
        """The node that accepts writes, if there is one."""
        for node in self.nodes:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{node.rest}/primary", timeout=5).status_code == httpx.codes.OK:
                    return node
        return None

    def is_whole(self) -> bool:
        """Whether there is a primary, with two replicas that stream from it, one of them synchronous."""
        states = sorted((member["role"], member["state"]) for member in self.members())
        return (
            len(states) == len(NODES)
            and [role for role, _ in states].count("sync_standby") == 1
            and all(state in {"running", "streaming"} for _, state in states)
        )

    def wait_until_whole(self) -> None:
        """Wait until the cluster is whole. Raises BenchmarkError after `PATIENCE`."""
        end = time.monotonic() + PATIENCE
        while not (self.is_whole() and self.primary()):
            if time.monotonic() > end:
                raise BenchmarkError(f"The cluster is not whole: {self.members()}")
            time.sleep(0.5)

    def start(self, node: Node) -> None:
        """Start the Patroni of a node, which starts or rejoins its PostgreSQL."""
        node.patroni = _start(node.folder, self._commands[node.name])


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start a cluster in an empty folder, and stop all of it at the end."""
    for program in ("patroni", "etcd", "haproxy"):
        if shutil.which(program) is None and not Path(f"/usr/sbin/{program}").exists():
            raise BenchmarkError(f"The drill needs {program}: apt-get install patroni etcd-server haproxy")
    shutil.rmtree(folder, ignore_errors=True)
    ports = iter([free_port() for _ in range(4 + 2 * len(NODES))])
    etcd, peer, primary, replicas = (next(ports) for _ in range(4))
    nodes = [Node(name, folder / name, next(ports), next(ports)) for name in NODES]
    made = Cluster(
        nodes,
        f"postgresql://postgres@127.0.0.1:{primary}/dialtree",
        f"postgresql://postgres@127.0.0.1:{replicas}/dialtree",
    )
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(_start(_made(folder / "etcd"), _etcd(etcd, peer)))
        for node in nodes:
            _made(node.folder)
            made._commands[node.name] = ["patroni", _configured(node, etcd)]  # noqa: SLF001 - built here
            made.start(node)
            time.sleep(1)
        started.append(
            _start(_made(folder / "haproxy"), ["/usr/sbin/haproxy", "-f", _balanced(folder, nodes, primary, replicas)])
        )
        made.wait_until_whole()
        yield made
    finally:
        for node in nodes:
            node.kill(with_patroni=True)
        for process in reversed(started):
            process.terminate()
            process.wait()


def _etcd(client: int, peer: int) -> list[str | Path]:
    peers = f"http://127.0.0.1:{peer}"
    clients = f"http://127.0.0.1:{client}"
    return [
        *("etcd", "--data-dir", "data", "--name", "drill"),
        *("--listen-client-urls", clients, "--advertise-client-urls", clients),
        *("--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers),
        *("--initial-cluster", f"drill={peers}"),
    ]


def _configured(node: Node, etcd: int) -> Path:
    recovery = "  recovery_conf: {recovery_min_apply_delay: 2s}" if node.name == LAGGING else ""
    path = node.folder / "patroni.yml"
    path.write_text(
        _PATRONI.format(
            name=node.name,
            folder=node.folder,
            port=node.port,
            rest=node.rest,
            etcd=etcd,
            programs=find_programs(),
            recovery=recovery,
        )
    )
    return path


def _balanced(folder: Path, nodes: Sequence[Node], primary: int, replicas: int) -> Path:
    servers = "\n".join(f"  server {node.name} 127.0.0.1:{node.port} check port {node.rest}" for node in nodes)
    path = folder / "haproxy" / "haproxy.cfg"
    path.write_text(_HAPROXY.format(primary=primary, replicas=replicas, servers=servers))
    return path


def _made(folder: Path) -> Path:
    """Make a folder that belongs to the account of PostgreSQL, which refuses to run as root."""
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def _start(folder: Path, command: list[str | Path]) -> subprocess.Popen[bytes]:
    user = "postgres" if os.geteuid() == 0 else None
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - the drill's own processes
            command,
            cwd=folder,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            env={**os.environ, "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _children(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in children.split()]
