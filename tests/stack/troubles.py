"""What goes wrong in a stack on purpose, and what must hold afterwards."""

import contextlib
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

from .harness import Account, Stack, eventually

PROGRAMS = ("accountd", "filterd", "imapd", "lmtp-delivery", "pop3d", "relayd", "smtpd")
RECOVERED = 90.0  # seconds within which everything must be well again


def answer(stack: Stack, program: str, path: str) -> int:
    """The HTTP status of a program's admin port; 0 if it does not answer."""
    port = stack.port(f"{program.replace('-', '_')}_admin")
    try:
        with urllib.request.urlopen(f"http://{stack['HOST']}:{port}{path}", timeout=10) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def metric(stack: Stack, program: str, name: str, label: str = "") -> float:
    """The sum of what a program tells under this name and label."""
    return metric_at(stack, stack.port(f"{program.replace('-', '_')}_admin"), name, label)


def metric_at(stack: Stack, port: int, name: str, label: str = "") -> float:
    """The same of the process that has this admin port."""
    with urllib.request.urlopen(f"http://{stack['HOST']}:{port}/metrics", timeout=30) as reply:
        lines = reply.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and label in line)


def is_ready(stack: Stack, program: str) -> bool:
    return answer(stack, program, "/readyz") == 200


def wait_until_ready(stack: Stack) -> None:
    for program in PROGRAMS:
        eventually(lambda: is_ready(stack, program), within=RECOVERED)


def pid(stack: Stack, name: str) -> int:
    """0 between two lives."""
    try:
        return stack.pid(name)
    except (FileNotFoundError, ValueError):
        return 0


def backends(stack: Stack) -> list[int]:
    """The processes of PostgreSQL that serve a connection."""
    postgres = pid(stack, "postgres")
    children = read(f"/proc/{postgres}/task/{postgres}/children").split()
    return [int(child) for child in children if b"posthouse_" in read(f"/proc/{int(child)}/cmdline")]


def read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:  # it has ended
        return b""


def kill(stack: Stack, name: str) -> None:
    """kill -9, and waits until the supervisor has started it again. A backend's death makes PostgreSQL start all of its backends anew."""
    if name == "backend":
        send_signal(backends(stack)[:1], signal.SIGKILL)
        return
    before = eventually(lambda: pid(stack, name))
    os.kill(before, signal.SIGKILL)
    eventually(lambda: pid(stack, name) not in (0, before))


def sql(stack: Stack, statement: str) -> str:
    done = subprocess.run(["psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-c", statement, stack["DATABASE_URL"]], capture_output=True,
                          text=True, timeout=60)
    return done.stdout.strip() if done.returncode == 0 else f"ERROR {done.stderr}"


def nothing_is_under_way(stack: Stack, program: str) -> bool:
    """In PostgreSQL: what a program has asked for is done, or undone, some time after the program's death."""
    return sql(stack, f"SELECT count(*) FROM pg_stat_activity WHERE usename = 'posthouse_{program}' AND state <> 'idle'") == "0"


@contextlib.contextmanager
def locked(stack: Stack, account: Account):
    """Nobody else changes the account's mail meanwhile."""
    psql = subprocess.Popen(["psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", stack["DATABASE_URL"]], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        psql.stdin.write("BEGIN; SELECT a.account_id FROM posthouse.account_state s JOIN posthouse.account a USING (account_id) "
                         f"WHERE a.address = '{account.address}' FOR UPDATE OF s;\n")
        psql.stdin.flush()
        assert psql.stdout.readline().strip().isdigit()
        yield
    finally:
        psql.communicate("ROLLBACK;\n", timeout=30)


def queue_is_empty(stack: Stack) -> bool:
    return sql(stack, "SELECT count(*) FROM posthouse.queue_rcpt") == "0"


def subjects(stack: Stack, account: Account) -> Counter[str]:
    """How often each subject stands in the inbox."""
    with stack.imap(account) as client:
        client.select("INBOX", readonly=True)
        _, fetched = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    return Counter(part[1].decode().removeprefix("Subject:").strip() for part in fetched if isinstance(part, tuple))


def check_once(test, stack: Stack, account: Account, expected: list[str]) -> None:
    """Each of the expected subjects exactly once, and no other, when the queue has become empty."""
    eventually(lambda: queue_is_empty(stack), within=RECOVERED)
    found = eventually(lambda: have if sum((have := subjects(stack, account)).values()) >= len(expected) else None, within=5.0) \
        if expected else Counter()
    missing = [subject for subject in expected if subject not in found]
    doubled = {subject: count for subject, count in found.items() if count > 1}
    test.assertFalse(missing or doubled or len(found) != len(expected), f"missing: {missing[:20]}; doubled: {doubled}; {len(found)} in all")


def family(pid: int) -> list[int]:
    """A process and all that it has started."""
    children = read(f"/proc/{pid}/task/{pid}/children").split()
    return [pid, *(one for child in children for one in family(int(child)))]


def send_signal(pids: list[int], number: signal.Signals) -> None:
    for one in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, number)


@contextlib.contextmanager
def hanging_postgres(stack: Stack):
    """Nothing of PostgreSQL moves, and every connection stays."""
    postgres = stack.pid("postgres")
    send_signal([postgres], signal.SIGSTOP)  # from here on it starts nobody
    stopped = family(postgres)
    send_signal(stopped, signal.SIGSTOP)
    try:
        yield
    finally:
        send_signal(stopped, signal.SIGCONT)


@contextlib.contextmanager
def stopped_postgres(stack: Stack):
    """PostgreSQL is shut down, and nobody starts it again before the end."""
    postgres = stack.pid("postgres")
    supervisor = int(next(line.split()[1] for line in Path(f"/proc/{postgres}/status").read_text().splitlines() if line.startswith("PPid")))
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(postgres, signal.SIGINT)  # fast: connections are cut, nothing is lost
        eventually(lambda: b"Z" in read(f"/proc/{postgres}/stat").rpartition(b")")[2].split()[:1])  # dead, and nobody has looked
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)
        eventually(lambda: pid(stack, "postgres") not in (0, postgres))


@contextlib.contextmanager
def full_disk(stack: Stack, size: int):
    """No file of PostgreSQL may grow beyond this many octets; to it that is a disk that is full."""
    def limit(octets: int | str) -> None:
        postgres = stack.pid("postgres")
        folder = os.stat(f"/proc/{postgres}")
        as_its_user = {"user": folder.st_uid, "group": folder.st_gid} if os.geteuid() == 0 else {}  # in containers root may not
        for one in (postgres, *family(postgres)):  # whom it starts from here on has it from it
            done = subprocess.run(["prlimit", "--pid", str(one), f"--fsize={octets}:"], capture_output=True, **as_its_user)
            assert one != postgres or done.returncode == 0, done.stderr  # a backend may have ended
    limit(size)
    try:
        yield
    finally:
        limit("unlimited")


class SmallDisk:
    """A file system of its own for the PostgreSQL of a stack, and what fills it but for some room. It is seen by the stack alone."""

    def __init__(self, size: int):
        self.size = size

    def runner(self, stack: Stack) -> tuple[str, ...]:
        folder = stack.data / "postgres"
        folder.mkdir()
        return ("unshare", "--mount", "sh", "-ec", f'mount -t tmpfs -o size={self.size} tmpfs {folder}; exec "$@"', "sh")

    @staticmethod
    def objection() -> str:
        """Why there can be none; empty if there can."""
        if os.geteuid() != 0:
            return "only root can give PostgreSQL a small disk"
        done = subprocess.run(["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], capture_output=True, text=True)
        return f"no small disk for PostgreSQL: {done.stderr.strip()}" if done.returncode != 0 else ""

    @contextlib.contextmanager
    def filled(self, stack: Stack, room: int):
        supervisor = int(next(line.split()[1] for line in Path(f"/proc/{stack.pid('postgres')}/status").read_text().splitlines()
                              if line.startswith("PPid")))
        ballast = Path(f"/proc/{supervisor}/root{stack.data}/postgres/ballast")
        with ballast.open("wb") as file:
            system = os.fstatvfs(file.fileno())
            os.posix_fallocate(file.fileno(), 0, system.f_bavail * system.f_frsize - room)
        try:
            yield
        finally:
            ballast.unlink()
