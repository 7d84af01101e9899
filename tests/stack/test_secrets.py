"""What is stored of secrets is in accountd's memory and nowhere else: other programs are searched for it while they serve logins."""

import subprocess
import unittest
from pathlib import Path

from .harness import MEMORY_IS_OURS, StackTest, mail

PROGRAMS = ("smtpd", "imapd", "pop3d", "filterd", "lmtp-delivery", "relayd")
CHUNK = 1 << 24


def finds(pid: int, needles: list[bytes]) -> set[bytes]:
    """Those that are in a process's memory, whether in use or not."""
    found = set()
    longest = max(map(len, needles))
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(bound, 16) for bound in line.split()[0].split("-"))
            if " rw" not in line:
                continue
            for at in range(start, end, CHUNK):
                try:
                    memory.seek(at)
                    octets = memory.read(min(CHUNK + longest, end - at))
                except OSError:  # a page that is only reserved
                    continue
                found |= {needle for needle in needles if needle in octets}
    return found


@unittest.skipUnless(MEMORY_IS_OURS, "a sanitizer's shadow of all memory is too large to search")
class Secrets(StackTest):
    def stored(self, query: str) -> list[str]:
        asked = ["psql", "-h", self.stack.data / "run/postgres", "-U", "postgres", "-d", "posthouse", "-qAt", "-c", query]
        return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout.split()

    def test_what_is_stored_is_in_no_other_programs_memory(self):
        account = self.stack.account("secretive")
        self.stack.mailctl("user", "apop", account.address, "--secret-stdin", secret="a secret of its own")
        for _ in range(3):
            self.stack.messages(account)
            self.stack.pop3(account).quit()
            with self.stack.smtp(account) as client:
                client.sendmail(account.address, [account.address], mail(account.address, account.address))
        login = f"FROM posthouse.login WHERE login_norm = '{account.address}'"
        needles = [*self.stored(f"SELECT credential {login}"), *self.stored(f"SELECT split_part(scram, ' ', 1) {login}")]
        sealing = (self.stack.data / "keys/sealing").read_text().split()
        self.assertTrue(len(needles) == 2 and needles[0].startswith("$argon2id$") and sealing)
        secrets = [text.encode() for text in (*needles, *sealing)]
        for program in PROGRAMS:
            self.assertEqual(finds(self.stack.pid(program), secrets), set(), program)
        self.assertIn(account.address.encode(), finds(self.stack.pid("imapd"), [account.address.encode()]), "nothing would have been found")


if __name__ == "__main__":
    unittest.main()
