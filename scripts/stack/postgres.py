"""The embedded PostgreSQL: a private cluster on a unix socket. The socket's folder decides who may connect."""

import os
import subprocess
from pathlib import Path
from urllib.parse import quote

from .layout import Layout
from .progress import Failure
from .system_user import SystemUser

CONNECTIONS = 200
DATABASE = "posthouse"
SUPERUSER = "postgres"

# Durable before fast: what was acknowledged survives a power cut. Few checkpoints, because each is followed by full page writes.
SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
max_connections = {connections}
shared_buffers = {shared_buffers}MB
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = lz4
wal_buffers = 64MB
max_wal_size = 8GB
min_wal_size = 2GB
checkpoint_timeout = 15min
default_toast_compression = lz4
jit = off
max_parallel_workers_per_gather = 0
random_page_cost = 1.1
effective_io_concurrency = 100
autovacuum_naptime = 10s
autovacuum_max_workers = 4
idle_in_transaction_session_timeout = 60s
log_line_prefix = '%m [%p] %q%u '
log_checkpoints = off
"""
# Bodies pass through the heap of a server process in pieces of hundreds of KiB. Left to itself, malloc gives them back to the system
# after each statement, and the next has every page cleared again: half of the processor time of storing large mails.
ALLOCATOR = ("MALLOC_MMAP_THRESHOLD_=16777216", "MALLOC_TRIM_THRESHOLD_=16777216")


def binaries() -> Path:
    """The newest PostgreSQL of this machine; 15 or later."""
    found = [(int(path.name), path / "bin") for path in Path("/usr/lib/postgresql").glob("[0-9]*") if (path / "bin/postgres").exists()]
    version, path = max(found, default=(0, Path()))
    if version < 15:
        raise Failure("PostgreSQL 15 or later is not installed (Debian: postgresql-15); scripts/up without --no-install installs it")
    return path


class Postgres:
    def __init__(self, layout: Layout, user: SystemUser):
        self.user = user
        self.cluster = layout.folder("postgres")
        self.sockets = layout.folder("run") / "postgres"
        self.binaries = binaries()

    def url(self, role: str = SUPERUSER, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def command(self) -> list[str]:
        return ["env", *ALLOCATOR, str(self.binaries / "postgres"), "-D", str(self.cluster)]

    def prepare(self) -> None:
        """Makes the cluster if there is none, and writes its settings."""
        self.user.make_folder(self.sockets, 0o700)
        if not (self.cluster / "PG_VERSION").exists():
            self.user.make_folder(self.cluster, 0o700)
            self.run("initdb", "-D", self.cluster, "-U", SUPERUSER, "--auth=trust", "--no-locale", "-E", "UTF8", "--wal-segsize=64")
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
        settings = self.cluster / "postgresql.conf"
        settings.write_text(SETTINGS.format(sockets=self.sockets, connections=CONNECTIONS, shared_buffers=min(memory // 4, 2048)))
        self.user.own(settings, 0o600)

    def answers(self) -> bool:
        return subprocess.run([self.binaries / "pg_isready", "-q", "-h", self.sockets, "-U", SUPERUSER], capture_output=True).returncode == 0

    def make_database(self) -> None:
        """The database, with its files where the cluster is; its tables are mailctl's affair."""
        known = self.run("psql", "-h", self.sockets, "-U", SUPERUSER, "-d", "postgres", "-Atc",
                         f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'")
        if not known.strip():
            self.run("createdb", "-h", self.sockets, "-U", SUPERUSER, DATABASE)

    def run(self, program: str, *arguments: object) -> str:
        command = self.user.command([self.binaries / program, *arguments])
        done = subprocess.run(command, capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise Failure(f"{program} failed:\n{done.stderr.strip()}")
        return done.stdout
