"""What is measured. Each benchmark is given the servers of this run and fills rows, the servers taking turns."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stack.progress import say

from . import load
from .dovecot import Dovecot
from .servers import LARGE_MAILBOX, MAILBOXES, MAILDROPS, PASSWORD, Posthouse, PostfixWithDovecot
from .table import Row, number

KIB = 1024
LARGE = 100_000  # messages of LARGE_MAILBOX


@dataclass
class Bench:
    """One call of scripts/bench."""

    ours: Posthouse
    dovecot: Dovecot
    runs: int
    scale: float  # of the counts; less for a first look
    large: int = LARGE
    filled: set[str] = field(default_factory=set)  # servers that have the large mailbox

    def count(self, full: int) -> int:
        return max(1, round(full * self.scale))

    def measure(self, row: Row, servers: list, once: Callable[[object], float]) -> Row:
        for _ in range(self.runs):
            for server in servers:
                value = once(server)
                row.add(server.name, value)
                say(f"    {row.title}: {server.name} {number(value)} {row.unit}")
        return row

    def fill(self, server: object) -> None:
        if server.name in self.filled:
            return
        address = f"bench{LARGE_MAILBOX}@mail.test"
        result = load.run("deliver", server, port=server.lmtp, sessions=20, count=self.large, size=2 * KIB, mailboxes=1, address=address)
        say(f"    {server.name} took {self.large:,} messages into one mailbox, {number(result['deliveries_per_second'])} a second")
        self.filled.add(server.name)


def deliveries(bench: Bench) -> Iterator[Row]:
    """LMTP, durable."""
    cases = (
        ("4 KiB, 200 mailboxes, 1 session, 1 recipient", dict(count=2000, sessions=1, size=4 * KIB)),
        ("4 KiB, 200 mailboxes, 20 sessions, 1 recipient", dict(count=6000, sessions=20, size=4 * KIB)),
        ("4 KiB, 200 mailboxes, 1 session, 20 recipients", dict(count=300, sessions=1, recipients=20, size=4 * KIB)),
        ("4 KiB, 200 mailboxes, 20 sessions, 20 recipients", dict(count=800, sessions=20, recipients=20, size=4 * KIB)),
        ("4 KiB, one mailbox, 20 sessions", dict(count=4000, sessions=20, size=4 * KIB, mailboxes=1)),
    )
    for title, options in cases:
        options["count"] = bench.count(options["count"])
        yield bench.measure(Row(f"LMTP deliveries, {title}", "a second", True, aim_times=1), [bench.ours, bench.dovecot],
                            lambda server: load.run("deliver", server, port=server.lmtp, **options)["deliveries_per_second"])
    count = bench.count(300)
    yield bench.measure(Row("LMTP deliveries, 1 MiB, 200 mailboxes, 20 sessions", "MB/s", True, aim_times=1), [bench.ours, bench.dovecot],
                        lambda server: 1.048576 * load.run("deliver", server, port=server.lmtp, sessions=20, count=count,
                                                           size=KIB * KIB)["deliveries_per_second"])


def smtp(bench: Bench) -> Iterator[Row]:
    """From SMTP to what IMAP shows; Postfix as it comes in front of Dovecot."""
    peer = PostfixWithDovecot(bench.dovecot)
    peer.start()
    try:
        count = bench.count(4000)
        yield bench.measure(
            Row("SMTP until all are seen by IMAP, 4 KiB, 200 mailboxes, 20 sessions", "a second", True, aim_times=1), [bench.ours, peer],
            lambda server: load.run("deliver", server, protocol="smtp", port=server.smtp, imap_port=server.imap, sessions=20, count=count,
                                    size=4 * KIB)["deliveries_per_second"])
        count = bench.count(50)
        yield bench.measure(
            Row("SMTP to `* EXISTS`, one mail at a time, median", "ms", False), [bench.ours, peer],
            lambda server: load.run("push", server, port=server.imap, mail_port=server.smtp, protocol="smtp", count=count, pause_ms=20,
                                    mailboxes=None)["exists_median_ms"])
    finally:
        peer.stop()


def push(bench: Bench) -> Iterator[Row]:
    """From LMTP to a session in IDLE."""
    count = bench.count(50)
    yield bench.measure(Row("LMTP delivery to `* EXISTS`, median", "ms", False, aim=10, aim_times=1), [bench.ours, bench.dovecot],
                        lambda server: load.run("push", server, port=server.imap, mail_port=server.lmtp, count=count, pause_ms=20,
                                                mailboxes=None)["exists_median_ms"])


def logins(bench: Bench) -> Iterator[Row]:
    count = bench.count(3000)
    for title, port, tls in (("plain", "imap", None), ("TLS", "imaps", "yes")):
        yield bench.measure(Row(f"IMAP LOGIN, SELECT, LOGOUT, 10 sessions, {title}", "a second", True, aim_times=1), [bench.ours, bench.dovecot],
                            lambda server: load.run("login", server, port=getattr(server, port), tls=tls, sessions=10,
                                                    count=count)["logins_per_second"])


def checks(bench: Bench) -> Iterator[Row]:
    """Passwords, whose program has one processor: none of them seen before, all of them, and beside clients that guess. Argon2id alike."""
    hashed = Dovecot(PASSWORD, *bench.ours.certificate(), hashes=bench.ours.password_hashes())
    hashed.start()
    servers = [bench.ours, hashed]

    def run(server: object, count: int, **options: int) -> dict[str, float]:
        return load.run("check", server, port=server.imap, count=count, **options)

    def cold(server: object) -> float:
        server.forget_passwords()
        return run(server, MAILBOXES)["logins_per_second"]

    try:
        yield bench.measure(Row("IMAP LOGIN, no password seen before, one processor for them", "a second", True, aim_times=0.9), servers, cold)
        yield bench.measure(Row("IMAP LOGIN, all passwords seen before, one processor for them", "a second", True, aim_times=1), servers,
                            lambda server: run(server, bench.count(3000))["logins_per_second"])
        yield bench.measure(Row("IMAP LOGIN of a password seen before while 8 clients guess, 99 of 100 take at most", "ms", False, aim_times=1), servers,
                            lambda server: run(server, bench.count(500), sessions=1, guessers=8)["login_p99_ms"])
    finally:
        hashed.stop()


@contextmanager
def watches(count: int) -> Iterator[None]:
    """Lets one user have so many instances of inotify meanwhile. Dovecot wants one a process, or does not hibernate."""
    limit = Path("/proc/sys/fs/inotify/max_user_instances")
    before = limit.read_text()
    if int(before) >= count or os.geteuid() != 0:
        yield
        return
    limit.write_text(str(count))
    try:
        yield
    finally:
        limit.write_text(before)


def idle(bench: Bench) -> Iterator[Row]:
    """Memory of connections in IDLE. Dovecot a process each, and with hibernation after a second."""
    with watches(16_000):
        yield from idle_connections(bench)


def idle_connections(bench: Bench) -> Iterator[Row]:
    hibernating = Dovecot(PASSWORD, *bench.ours.certificate(), hibernate="1s")
    hibernating.name = "Dovecot, hibernated"
    hibernating.start()
    try:
        for count in (2000, 10_000):
            servers = [bench.ours, bench.dovecot, hibernating] if count == 2000 else [bench.ours, hibernating]
            for title, port, tls, most in (("plain", "imap", None, 6), ("TLS", "imaps", "yes", 20)):
                number_of = bench.count(count)

                def each(server: object) -> float:
                    server.restart_imap()  # memory that connections of before had is not taken for these
                    where = dict(port=getattr(server, port), tls=tls, sessions=10)
                    load.run("login", server, count=2 * MAILBOXES, **where)
                    return load.run("idle", server, count=number_of, hold=4, **where)["kib_each"]

                yield bench.measure(Row(f"{count:,} connections in IDLE, {title}, PSS of each", "KiB", False, aim=most, aim_times=1), servers, each)
    finally:
        hibernating.stop()


def mailbox(bench: Bench) -> Iterator[Row]:
    """A large mailbox."""
    servers = [bench.ours, bench.dovecot]
    for server in servers:
        bench.fill(server)
    rows = {item: Row(f"{title} of a mailbox of {bench.large:,}", "ms", False) for item, title in
            (("select", "SELECT"), ("flags", "FETCH 1:* FLAGS"), ("envelope", "FETCH 1:* ENVELOPE"))}
    for _ in range(bench.runs):
        for server in servers:
            result = load.run("read", server, port=server.imap, mailbox=LARGE_MAILBOX, messages=bench.large, count=1, mailboxes=None)
            for item, row in rows.items():
                row.add(server.name, result[f"{item}_median_ms"])
            say(f"    {server.name}: " + ", ".join(f"{item} {number(row.results[server.name][-1])} ms" for item, row in rows.items()))
    yield from rows.values()


def pop3(bench: Bench) -> Iterator[Row]:
    """Whole maildrops, and logins to empty ones: how many, and what each costs the processors, the client's work and the network's left out
    of it. The clients have the last processor for themselves, as far as the servers let them: elsewhere they have machines of their own, and
    a client that the system puts on the processor of its server takes turns with it while another is idle."""
    servers = [bench.ours, bench.dovecot]
    count = bench.count(1000)
    clients_on = max(os.sched_getaffinity(0))

    def measure(title: str, key: str, once: Callable[[object], dict[str, float]]) -> Iterator[Row]:
        speed = Row(title, "a second", True, aim_times=2)
        cost = Row(f"{title}, processor time of each", "us", False, aim_times=2)
        for _ in range(bench.runs):
            for server in servers:
                result = once(server)
                speed.add(server.name, result[key])
                cost.add(server.name, sum(result[f"cpu_us_{name}"] for name in server.watched()))
                say(f"    {title}: {server.name} {number(result[key])} a second")
        yield from (speed, cost)

    def read(server: object, **options: object) -> dict[str, float]:
        return load.run("pop3", server, processor=clients_on, port=server.pop3, messages=count, address=address, mailboxes=None, **options)

    def first(server: object) -> dict[str, float]:
        """Of what the servers themselves keep in memory nothing is there; what the system has of files is."""
        server.restart_pop3()
        return read(server, sessions=MAILDROPS, count=1, window=1)

    sizes = (("4 KiB", "pop", 4 * KIB, 8), ("1 MiB", "big", KIB * KIB, 1))
    for size_title, kind, size, times in sizes:
        address = f"{kind}%@mail.test"
        for server in servers:
            fill = dict(port=server.lmtp, size=size, address=address, mailboxes=MAILDROPS)
            # Dovecot drops connections that want to make one mailbox at once.
            load.run("deliver", server, sessions=1, count=MAILDROPS, **fill)
            load.run("deliver", server, sessions=20, count=MAILDROPS * (count - 1), **fill)
        bench.ours.settle()
        for clients in (1, MAILDROPS):
            for how, window in (("", 1), (", pipelined", 16)):
                if window > 1 and kind == "big":
                    continue
                who = "1 client" if clients == 1 else f"{clients} clients"
                yield from measure(f"POP3 messages, STAT, UIDL, RETR of all of {count:,}, {size_title}, {who}{how}", "messages_per_second",
                                   lambda server: read(server, sessions=clients, count=times, window=window))
        yield from measure(f"POP3 messages, the same, {size_title}, {MAILDROPS} clients, for the first time since a start", "messages_per_second", first)
    logins = bench.count(3000)
    for server in servers:  # that have not seen the passwords yet
        load.run("login", server, protocol="pop3", port=server.pop3, sessions=10, count=2 * MAILBOXES)
    for title, port, tls in (("plain", "pop3", None), ("TLS", "pop3s", "yes")):
        yield from measure(f"POP3 sessions, USER, PASS, STAT, QUIT, 10 at once, {title}", "logins_per_second",
                           lambda server: load.run("login", server, processor=clients_on, protocol="pop3", port=getattr(server, port), tls=tls, sessions=10,
                                                   count=logins))


def pop3_idle(bench: Bench) -> Iterator[Row]:
    """Memory of POP3 sessions that are logged in and ask for nothing, each of an account of its own. Dovecot a process each."""
    counts = (bench.count(2000), bench.count(10_000))
    for server in (bench.ours, bench.dovecot):
        server.add_users("idle%@mail.test", counts[-1])
    for count, servers in zip(counts, ([bench.ours, bench.dovecot], [bench.ours])):
        for title, port, tls in (("plain", "pop3", None), ("TLS", "pop3s", "yes")):

            def each(server: object) -> float:
                where = dict(port=getattr(server, port), tls=tls, protocol="pop3", address="idle%@mail.test", sessions=10)
                server.restart_pop3()  # memory that connections of before had is not taken for these
                load.run("login", server, protocol="pop3", port=getattr(server, port), tls=tls, address="idle%@mail.test", mailboxes=count, count=count)
                return load.run("idle", server, mailboxes=count, count=count, hold=4, **where)["kib_each"]

            yield bench.measure(Row(f"{count:,} POP3 sessions that wait, {title}, PSS of each", "KiB", False, aim_times=1), servers, each)


def fairness(bench: Bench) -> Iterator[Row]:
    """Deliveries to others while one client changes all flags of a large mailbox again and again."""
    servers = [bench.ours, bench.dovecot]
    for server in servers:
        bench.fill(server)
    count = bench.count(8000)

    def deliver(server: object) -> float:
        return load.run("deliver", server, port=server.lmtp, sessions=20, count=count, size=4 * KIB)["deliveries_per_second"]

    def share(server: object) -> float:
        alone = deliver(server)
        storing = load.start("store", server, port=server.imap, mailbox=LARGE_MAILBOX, seconds=max(2, round(3 * count / alone)), mailboxes=None)
        beside = deliver(server)
        load.finish(storing)
        return 100 * beside / alone

    yield bench.measure(Row(f"LMTP deliveries that go on beside STORE 1:* of {bench.large:,}", "% of alone", True, aim=80), servers, share)


def cpu(bench: Bench) -> Iterator[Row]:
    """Processor time of each of our programs for one delivery, beside the peer's."""
    peer = PostfixWithDovecot(bench.dovecot)
    peer.start()
    try:
        for title, servers, options in (
                ("LMTP", [bench.ours, bench.dovecot], dict(protocol="lmtp")),
                ("SMTP", [bench.ours, peer], dict(protocol="smtp"))):
            count = bench.count(4000)
            row = Row(f"processor time of a delivery by {title}, 4 KiB, 20 sessions", "us", False)
            for _ in range(bench.runs):
                for server in servers:
                    port = server.lmtp if title == "LMTP" else server.smtp
                    result = load.run("deliver", server, port=port, sessions=20, count=count, size=4 * KIB, **options)
                    used = {name: result[f"cpu_us_{name}"] for name in server.watched()}
                    for name, value in used.items():
                        row.add(f"  {name}", value)
                    row.add(server.name, sum(used.values()))
            yield row
    finally:
        peer.stop()


def parser(runs: int, scale: float) -> Iterator[Row]:
    """Reading messages, without a server. What `posthouse-parser --help` names, of a large mail and a small one."""
    steps = {"data": "dots taken off", "mime": "MIME tree", "summary": "tree and summary", "decoded": "tree, parts decoded"}
    for title, size in (("50 MiB with an attachment in base64", 50 * KIB * KIB), ("4 KiB", 4 * KIB)):
        row = Row(f"reading a mail of {title}", "MB/s", True)
        for _ in range(runs):
            result = load.parse(size, max(1, round(500_000_000 * scale)))
            for step, what in steps.items():
                row.add(what, result[step])
            say(f"    {row.title}: " + ", ".join(f"{step} {number(result[step])}" for step in steps) + f" {row.unit}")
        yield row


ALONE = {"parser": parser}  # want no server
SERVED = {"deliveries": deliveries, "smtp": smtp, "push": push, "logins": logins, "checks": checks, "idle": idle, "mailbox": mailbox, "pop3": pop3, "pop3-idle": pop3_idle, "fairness": fairness,
          "cpu": cpu}
ALL = [*ALONE, *SERVED]
