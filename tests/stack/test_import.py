"""Users of another server: their rows are imported, their passwords still work, and their hashes are replaced as they log in."""

import imaplib
import json
import random
import unittest

from .harness import Account, StackTest

# Of "correct horse": doveadm pw -s BLF-CRYPT (SHA512-CRYPT, SSHA, PBKDF2) -p "correct horse"; mkpasswd -m yescrypt "correct horse"
HASHES = {
    "bcrypt": "{BLF-CRYPT}$2y$05$YKtvdy4e6rcGdgrMI6cxAOVyaI4XWHGKilcZKh835aa6MlbNl8PI6",
    "sha512crypt": "{SHA512-CRYPT}$6$yLPaP/K/RJwP4ny6$Rl.Gje7mHg6/r3sHyMRoD5502xWp9XNpDGmdeRcWXAYNBtg9KorL4BvI91GCp77os0s8PzVwOyDuSiVu7Qj24/",
    "ssha": "{SSHA}2TcQyw6760iyTLb17zs6J55bwVpa+1P/",
    "pbkdf2": "{PBKDF2}$1$YLfkS.qArl2njFtE$5000$c4664754603d655ecac79a42b19a455b94c3e589",
    "yescrypt": "$y$j9T$eiquTT0SLt61k28UTEDvP1$IC5NELMRBIttZNTnC0iooR9rZ5jx4A78J1Od43OSVq.",
}


class Import(StackTest):
    def stored(self, account: Account) -> str:
        statement = f"SELECT credential FROM posthouse.login WHERE login_norm = '{account.address}'"
        return self.run_client("psql", "-XAt", self.stack["DATABASE_URL"], "-c", statement).stdout.strip()

    def import_rows(self, *rows: str, status: int = 0) -> dict:
        done = self.stack.mailctl("-o", "json", "user", "import", "-", secret="\n".join(rows) + "\n")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_a_user_with_a_hash_logs_in_and_has_argon2id_from_then_on(self):
        users = {Account(f"{scheme}@mail.test", "correct horse"): made for scheme, made in HASHES.items()}
        told = self.import_rows("address,password_hash,quota", *(f'{user.address},"{made}",1GiB' for user, made in users.items()))
        self.assertEqual((told["added"], told["failed"]), (len(users), 0))
        for user, made in users.items():
            with self.subTest(made):
                self.assertEqual(self.stored(user), made)
                with imaplib.IMAP4_SSL(self.stack["HOST"], self.stack.port("imaps"), ssl_context=self.stack.tls()) as stranger:
                    with self.assertRaises(imaplib.IMAP4.error):
                        stranger.login(user.address, "wrong horse")
                self.assertEqual(self.stored(user), made)
                for _ in range(2):
                    with self.stack.imap(user) as client:
                        self.assertEqual(client.select("Sent")[0], "OK")
                    self.assertRegex(self.stored(user), r"^\$argon2id\$v=19\$")

    def test_what_was_imported_may_be_imported_again_beside_more(self):
        first, second = (f"again{number}@mail.test" for number in random.sample(range(10**9), 2))
        made = HASHES["ssha"]
        self.assertEqual(self.import_rows("address,password_hash", f"{first},{made}")["added"], 1)
        self.assertEqual(self.import_rows("address,password_hash", f"{first},{made}", status=4)["existed"], 1)
        told = self.import_rows("address,password_hash", f"{first},{made}", f"{second},{made}", f"x{second},{{DES-CRYPT}}x", status=5)
        self.assertEqual((told["added"], told["existed"], told["failed"]), (1, 1, 1))
        self.assertEqual([row["line"] for row in told["refused"] if not row["exists"]], [4])


if __name__ == "__main__":
    unittest.main()
