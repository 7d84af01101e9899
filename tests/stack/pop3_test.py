"""What the tests with clients of POP3 share: a stack that offers what they speak, an account with awkward mails, and what must come of them."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable

from .harness import StackTest
from .shapes import SHAPES, append, as_kept, stored

SECRET = "unmistakable tanstaaf"  # of APOP and CRAM-MD5


class Pop3Test(StackTest):
    settings = (f"accountd.mechanisms={json.dumps(['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'CRAM-MD5'])}",)
    shapes = {name: stored(name, rest) for name, rest in SHAPES.items()}

    def setUp(self):
        self.host = self.stack["HOST"]
        self.reader = self.stack.account("reader")

    def fill(self, messages: Iterable[bytes] | None = None) -> list[bytes]:
        messages = list(self.shapes.values() if messages is None else messages)
        append(self.stack, self.reader, messages)
        return messages

    def give_secrets(self) -> None:
        for mechanism in ("apop", "cram-md5"):
            done = self.stack.mailctl("user", mechanism, self.reader.address, "--secret-stdin", secret=SECRET)
            self.assertEqual(done.returncode, 0, done.stderr)

    def left(self) -> int:
        return len(self.stack.messages(self.reader))

    def assert_kept(self, found: Iterable[bytes], messages: Iterable[bytes]) -> None:
        """Each message once, in any order, but for how lines end."""
        expected = Counter(map(as_kept, messages))
        have = Counter(map(as_kept, found))
        missing = [message[:200] for message in (expected - have).elements()]
        wrong = [message[:400] for message in (have - expected).elements()]
        self.assertFalse(missing or wrong, f"missing: {missing[:3]}\nnot expected: {wrong[:3]}")

    def quietly(self, *command: object, **options) -> subprocess.CompletedProcess:
        """A client that has octets for output."""
        return subprocess.run(list(map(str, command)), capture_output=True, timeout=120, **options)
