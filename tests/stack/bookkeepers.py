"""Clients that keep books of what they were told: what was answered is so, and where an answer was lost they look before they do it again,
as real clients do."""

import poplib
import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass

from .harness import Account, Stack, eventually
from .stubborn import BACKOFF, GIVE_UP
from .troubles import sql
from .wire import Refused, Wire, flags_of, uid_of

APPENDED = re.compile(rb"\[APPENDUID \d+ (\d+)\]")
COPIED = re.compile(rb"\[COPYUID \d+ \d+ (\d+)\]")
NUMBER = re.compile(rb"Message-ID: <(\d+)\.", re.IGNORECASE)
NOT_DONE = (b"NO [UNAVAILABLE]", b"NO [INUSE]", b"NO [LIMIT]")  # a client that is told so may do it again without a look


class Bookkeeper(threading.Thread):
    """Turn after turn until it is told to finish. `troubles` are those that it got over, `failures` must not be."""

    def __init__(self, stack: Stack, account: Account, seed: int):
        super().__init__(daemon=True)
        self.stack = stack
        self.account = account
        self.chance = random.Random(seed)
        self.done = Counter()
        self.troubles: list[str] = []
        self.cuts: list[str] = []  # of them: an answer was due, and no farewell came instead
        self.failures: list[str] = []
        self.is_last = threading.Event()
        self.paces = threading.Semaphore(0)

    def allow(self, turns: int = 1) -> None:
        self.paces.release(turns)

    def run(self) -> None:
        try:
            while not self.is_last.is_set():
                if self.paces.acquire(timeout=BACKOFF):
                    self.turn()
            self.close()
        except Exception as failure:  # a thread has nobody to throw to
            self.failures.append(f"{type(self).__name__}: {type(failure).__name__}: {failure}")

    def turn(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """At the end, when all is well again."""

    def finish(self) -> None:
        self.is_last.set()
        self.join()
        if self.failures:
            raise AssertionError("\n".join(self.failures))

    def got_into(self, trouble: Exception, since: float) -> None:
        self.troubles.append(repr(trouble))
        if time.monotonic() - since > GIVE_UP:
            raise AssertionError(f"no answer for {GIVE_UP:.0f} s, last trouble: {trouble!r}")
        time.sleep(BACKOFF)


@dataclass
class Entry:
    mailbox: str
    uid: int
    flags: frozenset[bytes]


class ImapBookkeeper(Bookkeeper):
    """Appends numbered messages, sets and takes flags, moves and copies to and fro between two mailboxes."""

    FLAGS = (rb"\Seen", rb"\Flagged", rb"\Answered", b"Work")

    def __init__(self, stack: Stack, account: Account, seed: int, mailboxes: tuple[str, str], numbers: range, copies: bool = False):
        super().__init__(stack, account, seed)
        self.mailboxes = mailboxes
        self.numbers = iter(numbers)
        self.books: dict[int, list[Entry]] = {}  # more than one entry: copies
        self.kinds = ("append", "append", "store", "store", "move", *(["copy"] if copies else []))
        self.wire: Wire | None = None
        self.selected = ""
        self.was_farewell = False  # the last trouble: then nothing may have been done
        self.start()

    def turn(self) -> None:
        kind = self.chance.choice(self.kinds) if self.books else "append"
        if kind == "append" and (number := next(self.numbers, None)) is not None:
            self.append(number)
        elif kind != "append":
            number = self.chance.choice(list(self.books))
            getattr(self, kind)(number, self.chance.choice(self.books[number]))
        self.done[kind] += 1

    def until_told(self, ask, look=None):
        """What `ask` gives, or where its answer was lost what `look` finds: then it was done."""
        since = time.monotonic()
        in_doubt = False
        while True:
            try:
                if self.wire is None:
                    self.wire, self.selected = Wire(self.stack, self.account), ""
                if in_doubt and look and (found := self.look_after_all(look)):
                    return found
            except (OSError, Refused) as trouble:  # nothing was asked
                self.leave(trouble)
                self.got_into(trouble, since)
                continue
            try:
                return ask()
            except Refused as refusal:
                in_doubt = not refusal.said.startswith(NOT_DONE)
                self.was_farewell = False
                self.got_into(refusal, since)
            except OSError as lost:
                in_doubt = True
                self.was_farewell = getattr(lost, "is_farewell", False)
                if not self.was_farewell:
                    self.cuts.append(repr(lost))
                self.leave(lost)
                self.got_into(lost, since)

    def leave(self, trouble: Exception) -> None:
        """A connection that has ended; one that was only refused something stays."""
        if self.wire and isinstance(trouble, OSError):
            self.wire.close()
            self.wire = None

    def look_after_all(self, look):
        """A transaction of a process that was killed may still be at its commit; those that began later are other clients'."""
        now = eventually(self.clock, within=GIVE_UP)
        earlier = f"usename = 'posthouse_imapd' AND state <> 'idle' AND xact_start <= '{now}'"
        eventually(lambda: sql(self.stack, f"SELECT count(*) FROM pg_stat_activity WHERE {earlier}") == "0", within=GIVE_UP)
        found = look()
        if found and self.was_farewell:
            raise AssertionError(f"{found} was done, and answered with a farewell")
        return found

    def clock(self) -> str:
        """PostgreSQL's, as soon as it answers."""
        said = sql(self.stack, "SELECT clock_timestamp()")
        return "" if said.startswith("ERROR") else said

    def select(self, mailbox: str) -> None:
        if self.selected != mailbox:
            self.selected = ""
            self.wire.ask(f"SELECT {mailbox}")
            self.selected = mailbox

    def find(self, number: int, mailbox: str) -> list[int]:
        self.selected = ""  # a new view: what others have done meanwhile is in it
        self.select(mailbox)
        lines = self.wire.ask(f'UID SEARCH HEADER Message-ID "<{number}.{self.account.local_part}@"')
        return [int(uid) for uid in next(line for line in lines if line.startswith(b"* SEARCH")).split()[2:]]

    def octets(self, number: int) -> bytes:
        return (f"From: <me@mail.test>\r\nSubject: kept {number}\r\nMessage-ID: <{number}.{self.account.local_part}@client.test>\r\n\r\n"
                "A body.\r\n").encode()

    def append(self, number: int) -> None:
        mailbox = self.mailboxes[0]
        flags = frozenset(self.chance.sample(self.FLAGS, self.chance.randrange(3)))

        def ask() -> int:
            return int(APPENDED.search(self.wire.append(mailbox, self.octets(number), b" ".join(flags).decode()))[1])

        def look() -> int | None:
            found = self.find(number, mailbox)
            assert len(found) < 2, f"number {number} was appended as {found}"
            return found[0] if found else None

        self.books[number] = [Entry(mailbox, self.until_told(ask, look), flags)]

    def store(self, number: int, entry: Entry) -> None:
        """To be done again is no harm."""
        flags = frozenset(self.chance.sample(self.FLAGS, self.chance.randint(1, 2)))
        sign = self.chance.choice("+-")

        def ask() -> None:
            self.select(entry.mailbox)
            self.wire.ask(f"UID STORE {entry.uid} {sign}FLAGS.SILENT ({b' '.join(flags).decode()})")

        self.until_told(ask)
        entry.flags = entry.flags | flags if sign == "+" else entry.flags - flags

    def move(self, number: int, entry: Entry) -> None:
        target = next(mailbox for mailbox in self.mailboxes if mailbox != entry.mailbox)
        known = {other.uid for other in self.books[number] if other.mailbox == target}

        def ask() -> int:
            self.select(entry.mailbox)
            said, untagged = self.wire.try_(f"UID MOVE {entry.uid} {target}")
            copied = COPIED.search(b"\n".join([*untagged, said]))
            if copied:  # what it tells is so, even where a NO follows that is about the rest
                return int(copied[1])
            if not said.startswith(b"OK"):
                raise Refused("MOVE", said)
            raise AssertionError(f"UID {entry.uid}, number {number}, was not in {entry.mailbox}: {untagged} {said}")

        def look() -> int | None:
            moved = set(self.find(number, target)) - known
            stayed = entry.uid in self.find(number, entry.mailbox)
            assert len(moved) + stayed == 1, f"number {number} was moved by half: {moved} in {target}, {stayed} in {entry.mailbox}"
            return moved.pop() if moved else None

        entry.uid = self.until_told(ask, look)
        entry.mailbox = target

    def copy(self, number: int, entry: Entry) -> None:
        target = next(mailbox for mailbox in self.mailboxes if mailbox != entry.mailbox)
        known = {other.uid for other in self.books[number] if other.mailbox == target}

        def ask() -> int:
            self.select(entry.mailbox)
            said, _ = self.wire.try_(f"UID COPY {entry.uid} {target}")
            if not said.startswith(b"OK"):
                raise Refused("COPY", said)
            return int(COPIED.search(said)[1])

        def look() -> int | None:
            copied = set(self.find(number, target)) - known
            assert len(copied) < 2, f"number {number} was copied as {copied}"
            return copied.pop() if copied else None

        self.books[number].append(Entry(target, self.until_told(ask, look), entry.flags))

    def close(self) -> None:
        if self.wire:
            self.wire.close()

    def check(self, test, *others: "ImapBookkeeper") -> None:
        """Both mailboxes hold exactly what this one, and the others who work on them, were told."""
        for mailbox in self.mailboxes:
            told = {entry.uid: (number, entry.flags) for books in (self.books, *(other.books for other in others))
                    for number, entries in books.items() for entry in entries if entry.mailbox == mailbox}
            with Wire(self.stack, self.account) as wire:
                wire.ask(f"EXAMINE {mailbox}")
                lines = wire.ask("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
            held = {uid_of(line): (int(NUMBER.search(line)[1]), flags_of(line)) for line in lines if b"Message-ID" in line}
            wrong = {uid: (told.get(uid), held.get(uid)) for uid in told.keys() | held.keys() if told.get(uid) != held.get(uid)}
            test.assertFalse(wrong, f"{mailbox}: by UID what was told, and what is there, of {len(told)}")


class Pop3Bookkeeper(Bookkeeper):
    """Fetches what is new, by its unique id, and deletes what it has. A message that it has not asked to delete stays."""

    def __init__(self, stack: Stack, account: Account, seed: int):
        super().__init__(stack, account, seed)
        self.subjects: dict[str, str] = {}  # by unique id: of all that were fetched
        self.asked: set[str] = set()  # to be deleted at a QUIT that was sent
        self.gone: set[str] = set()  # and was answered
        self.start()

    def turn(self) -> None:
        self.patiently(most=8, stays_away=self.chance.randrange(4) == 0)

    def patiently(self, most: int, stays_away: bool = False) -> int:
        since = time.monotonic()
        while True:
            try:
                return self.session(most, stays_away)
            except (OSError, EOFError, poplib.error_proto) as trouble:
                self.got_into(trouble, since)

    def session(self, most: int, stays_away: bool = False) -> int:
        """How many there were."""
        client = poplib.POP3(self.stack["HOST"], self.stack.port("pop3"), timeout=60)
        try:
            return self.converse(client, most, stays_away)
        except (OSError, EOFError, poplib.error_proto) as lost:
            if not isinstance(lost, poplib.error_proto) or "EOF" in str(lost):
                self.cuts.append(repr(lost))
            raise
        finally:
            client.close()

    def converse(self, client: poplib.POP3, most: int, stays_away: bool) -> int:
        client.user(self.account.address)
        client.pass_(self.account.password)
        there = {uid: int(number) for number, uid in (line.decode().split() for line in client.uidl()[1])}
        self.check(set(there))
        marked = set()
        for uid, number in list(there.items())[:most]:
            if uid not in self.subjects:
                lines = client.retr(number)[1]
                self.subjects[uid] = next(line for line in lines if line.startswith(b"Subject: ")).decode().removeprefix("Subject: ")
            if self.chance.randrange(8):
                client.dele(number)
                marked.add(uid)
        if stays_away:
            self.done["left without QUIT"] += 1
            return len(there)
        self.asked |= marked
        client.quit()
        self.gone |= marked
        self.done["QUIT"] += 1
        return len(there)

    def check(self, there: set[str]) -> None:
        back, lost = there & self.gone, self.subjects.keys() - self.asked - there
        assert not back, f"deleted and there again: {back}"
        assert not lost, f"fetched, never deleted, and not there: {lost}"

    def fetch_all(self, expected: list[str], test) -> None:
        """When all is well: what is left, and then each of them was fetched once."""
        while self.patiently(most=1000):
            pass
        fetched = Counter(self.subjects.values())
        doubled = {subject: count for subject, count in fetched.items() if count > 1}
        missing = [subject for subject in expected if subject not in fetched]
        test.assertFalse(doubled or missing or len(fetched) != len(expected), f"missing: {missing[:20]}; doubled: {doubled}; {len(fetched)} in all")
