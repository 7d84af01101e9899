"""Clients that keep a copy of a mailbox, as real ones do: by what they are told, or by asking when they come back."""

import random

from .harness import Account, Stack
from .wire import FETCHED, FLAGS, UID, Wire, flags_of, uid_of


class Listener:
    """Stays in one session and believes what it is told: EXISTS, EXPUNGE, FETCH. Asks only for what is new."""

    def __init__(self, stack: Stack, account: Account, mailbox: str):
        self.mailbox = mailbox
        self.wire = Wire(stack, account)
        self.messages: list[list] = []  # by sequence number: UID, flags
        self.hear(self.wire.ask(f"SELECT {mailbox}"))
        self.ask_for_new()

    def hear(self, untagged: list[bytes], numbers_stay: bool = False):
        for line in untagged:
            words = line.split(b" ", 3)
            if words[2:3] == [b"EXISTS"]:
                count = int(words[1])
                assert count >= len(self.messages), f"{line} while {len(self.messages)} are known"
                self.messages += [[None, None] for _ in range(count - len(self.messages))]
            elif words[2:3] == [b"EXPUNGE"]:
                assert not numbers_stay, f"{line} in answer to a command that names sequence numbers"
                del self.messages[int(words[1]) - 1]
            elif fetched := FETCHED.match(line):
                message = self.messages[int(fetched[1]) - 1]
                if uid := UID.search(fetched[2]):
                    assert message[0] in (None, int(uid[1])), f"{line}, which was UID {message[0]}"
                    message[0] = int(uid[1])
                if FLAGS.search(fetched[2]):
                    message[1] = flags_of(fetched[2])

    def ask_for_new(self):
        while unknown := [number for number, (uid, _) in enumerate(self.messages, 1) if uid is None]:
            said, untagged = self.wire.try_(f"FETCH {unknown[0]}:{unknown[-1]} (UID FLAGS)")
            self.hear(untagged, numbers_stay=True)
            assert said.startswith((b"OK", b"NO [EXPUNGEISSUED]")), said
        uids = [uid for uid, _ in self.messages]
        assert uids == sorted(set(uids)), f"UIDs are not in order: {uids}"

    def turn(self, chance: random.Random):
        match chance.randrange(4):
            case 0:
                self.idle(chance)
            case 1 if self.messages:
                number = chance.randrange(len(self.messages)) + 1
                self.hear(self.wire.try_(rf"STORE {number} +FLAGS (\Answered)")[1], numbers_stay=True)
            case _:
                self.hear(self.wire.ask("NOOP"))
        self.ask_for_new()

    def idle(self, chance: random.Random):
        tag = self.wire.send("IDLE")
        heard = [self.wire.line()]
        for _ in range(chance.randrange(10)):
            if self.wire.has_news(within=0.2):
                heard.append(self.wire.line())
        self.wire.socket.sendall(b"DONE\r\n")
        heard += self.wire.answer(tag)[1]
        self.hear(heard)

    def copy(self) -> dict[int, frozenset[bytes]]:
        self.hear(self.wire.ask("NOOP"))
        self.ask_for_new()
        return {uid: flags for uid, flags in self.messages}

    def close(self):
        self.wire.close()


class Returner:
    """Comes back now and then, and asks what became of what it knows (RFC 4549 §4.3)."""

    def __init__(self, mailbox: str):
        self.mailbox = mailbox
        self.messages: dict[int, frozenset[bytes]] = {}

    def synchronise(self, stack: Stack, account: Account):
        with Wire(stack, account) as wire:
            wire.ask(f"EXAMINE {self.mailbox}")
            highest = max(self.messages, default=0)
            new = self.fetch(wire, f"{highest + 1}:*")
            new = {uid: flags for uid, flags in new.items() if uid > highest}  # "*" is the last one, whatever its UID
            known = self.fetch(wire, f"1:{highest}") if highest else {}
            appeared = known.keys() - self.messages.keys()
            assert not appeared, f"UIDs {sorted(appeared)} appeared below {highest}"
            self.messages = known | new

    @staticmethod
    def fetch(wire: Wire, uids: str) -> dict[int, frozenset[bytes]]:
        """What comes unasked beside it has no UID."""
        return {uid_of(line): flags_of(line) for line in wire.ask(f"UID FETCH {uids} (FLAGS)") if b"(UID " in line or b" UID " in line}
