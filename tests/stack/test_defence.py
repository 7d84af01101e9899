"""Against those who guess passwords: delays, bans and their end, over IMAP, POP3 and submission, from networks of all kinds."""

import itertools
import json
import time
import unittest

from .harness import eventually
from .proxied import ProxiedTest
from .troubles import is_ready, kill, metric

THROTTLED = "UNAVAILABLE"  # not what makes a client ask for another password
WRONG = "AUTHENTICATIONFAILED"


class Defence(ProxiedTest):
    # A delay is there, but short; a ban is over soon enough to wait for its end, and late enough to see it everywhere before.
    settings = ('accountd.longest_delay="600ms"', 'accountd.ban_time="20s"', 'accountd.longest_ban="1h"')
    networks = (f"198.51.{number}.9" for number in itertools.count(1))
    passwords = (f"guess {number}" for number in itertools.count(1))

    def setUp(self):
        self.user = self.stack.account("user")
        self.elsewhere = next(self.networks)

    def guess(self, address: str, user: str) -> str:
        return self.imap_login(address, user, next(self.passwords))

    def guess_until_banned(self, address: str, user: str) -> int:
        for number in range(30):
            if self.guess(address, user) == THROTTLED:
                return number
        self.fail("no ban came")

    def listed(self) -> dict:
        done = self.stack.mailctl("-o", "json", "auth", "list")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_guesses_are_slowed_then_banned_on_every_protocol_and_the_ban_ends(self):
        home = next(self.networks)
        self.assertTrue(self.is_in(home, self.user))
        times = []
        for _ in range(6):
            began = time.monotonic()
            self.assertEqual(self.guess(self.elsewhere, self.user.address), WRONG)
            times.append(time.monotonic() - began)
        self.assertGreater(min(times[4:]), 0.5)
        self.assertLessEqual(self.guess_until_banned(self.elsewhere, self.user.address), 6)
        self.assertEqual(self.imap_login(self.elsewhere, self.user.address, self.user.password), THROTTLED)
        self.assertEqual(self.smtp_login(self.elsewhere, self.user.address, self.user.password), 454)
        self.assertEqual(self.pop3_login(self.elsewhere, self.user.address, self.user.password), "SYS/TEMP")
        self.assertTrue(self.is_in(home, self.user))
        bans = eventually(lambda: [ban for ban in self.listed()["bans"] if ban["network"] == self.elsewhere], within=10)
        self.assertTrue(bans[0]["automatic"])
        eventually(lambda: self.is_in(self.elsewhere, self.user), within=60)

    def test_a_ban_outlives_accountd_and_is_lifted(self):
        self.assertEqual(self.stack.mailctl("auth", "ban", self.elsewhere, "--for", "1h", "--reason", "a test").returncode, 0)
        eventually(lambda: not self.is_in(self.elsewhere, self.user), within=10)
        kill(self.stack, "accountd")
        eventually(lambda: is_ready(self.stack, "accountd"))
        eventually(lambda: self.imap_login(self.elsewhere, self.user.address, self.user.password) == THROTTLED, within=30)
        eventually(lambda: metric(self.stack, "accountd", "posthouse_auth_bans ") >= 1, within=10)
        self.assertEqual(self.imap_login(self.elsewhere, self.user.address, self.user.password), THROTTLED)
        self.assertIn("a test", self.stack.mailctl("auth", "list").stdout)
        self.assertEqual(self.stack.mailctl("auth", "unban", self.elsewhere).returncode, 0)
        eventually(lambda: self.is_in(self.elsewhere, self.user), within=10)
        self.assertEqual(self.stack.mailctl("auth", "unban", self.elsewhere).returncode, 3)
        self.assertEqual(self.stack.mailctl("auth", "ban", "127.0.0.1").returncode, 2)

    def test_the_same_wrong_password_a_thousand_times_bans_nobody(self):
        for _ in range(50):
            self.assertEqual(self.imap_login(self.elsewhere, self.user.address, "an old password"), WRONG)
            self.assertEqual(self.pop3_login(self.elsewhere, self.user.address, "an old password"), "AUTH")
        counted = metric(self.stack, "accountd", "posthouse_auth_failures_total", 'counts="yes"')
        for _ in range(900):
            self.assertEqual(self.smtp_login(self.elsewhere, self.user.address, "an old password"), 535)
        self.assertEqual(metric(self.stack, "accountd", "posthouse_auth_failures_total", 'counts="yes"'), counted)
        self.assertTrue(self.is_in(self.elsewhere, self.user))

    def test_a_network_of_many_users_is_not_banned_whole(self):
        users = [self.stack.account("many") for _ in range(6)]
        for user in users:
            self.assertTrue(self.is_in(self.elsewhere, user))
        self.guess_until_banned(self.elsewhere, self.user.address)
        for user in users:
            self.assertTrue(self.is_in(self.elsewhere, user))
        networks = [ban for ban in self.listed()["bans"] if ban["network"] == self.elsewhere and not ban["address"]]
        self.assertEqual(networks, [])

    def test_an_account_is_banned_by_hand_and_a_login_is_tried(self):
        def trial(password: str, *more: str) -> tuple[int, dict]:
            done = self.stack.mailctl("-o", "json", "auth", "test", self.user.address, *more, secret=password)
            return done.returncode, json.loads(done.stdout)

        status, report = trial(self.user.password, "--address", self.elsewhere)
        self.assertEqual((status, report["succeeds"]), (0, True))
        self.assertEqual([step["step"] for step in report["steps"]], ["account", "credentials", "password", "mechanisms", "defence"])
        self.assertEqual(trial("wrong")[0], 6)
        self.assertEqual(self.stack.mailctl("auth", "ban", self.user.address, "--for", "1h").returncode, 0)
        eventually(lambda: trial(self.user.password)[0] == 6, within=10)
        self.assertFalse(self.is_in(next(self.networks), self.user))
        self.assertEqual(self.stack.mailctl("auth", "unban", self.user.address).returncode, 0)
        eventually(lambda: trial(self.user.password)[0] == 0, within=10)
        self.assertIn("auth.unban", self.stack.mailctl("audit", "list", "--object", self.user.address).stdout)

    def test_on_loopback_nothing_is_held_against_anybody(self):
        for _ in range(30):
            self.assertEqual(self.guess("127.0.0.1", self.user.address), WRONG)
        self.assertTrue(self.is_in("127.0.0.1", self.user))


if __name__ == "__main__":
    unittest.main()
