"""POP3 behind a Kerberos ticket (KPOP), from a KDC of the test's own: with fetchmail, and with a client that misbehaves."""

import json
import os
import poplib
import socket
import ssl
import time
import unittest
from pathlib import Path

from . import kerberos, proxied
from .harness import StackTest, eventually, mail
from .kpop import APPLICATION, VERSION, Kpop, Ticket, message
from .test_kerberos import KerberosTest as Kerberos
from .troubles import metric

REPLAY, SKEW, GENERIC = 34, 37, 60  # RFC 4120 §7.5.9


def log_has(stack, program: str, *words: str) -> None:
    """Until a line of the program's has them all."""
    log = stack.data / "log" / f"{program}.log"
    eventually(lambda: any(all(word in line for word in words) for line in log.read_text(errors="replace").splitlines()))


class KpopTest(Kerberos):
    services = ("imap", "pop")

    def deliver(self, subject: str = "for a ticket"):
        with self.stack.smtp() as client:
            client.sendmail("somebody@else.test", [self.user.address], mail("somebody@else.test", self.user.address, subject))
        self.stack.wait_for_mail(self.user)

    def connect(self) -> Kpop:
        client = Kpop(socket.create_connection((self.stack["HOST"], self.stack.port("kpop")), timeout=60))
        self.addCleanup(client.close)
        return client

    def ap_req(self, **options) -> Ticket:
        return Ticket(self.ticket, **options)

    def greeted(self) -> poplib.POP3:
        ticket, client = self.ap_req(), self.connect()
        self.assertEqual(client.show(ticket.request), b"")
        self.assertTrue(ticket.trusts(client.message()))
        return client.pop3()

    def logged_in(self, name: str = "") -> poplib.POP3:
        client = self.greeted()
        client.user(name or self.user.local_part)
        client.pass_("krb_ticket")
        return client

    def refused(self, ticket: Ticket) -> tuple[int, str]:
        client = self.connect()
        reply = client.show(ticket.request)
        self.assertNotEqual(reply, b"")
        self.assertEqual(client.rest(), b"")
        return ticket.error(reply)


class Fetchmail(KpopTest):
    def fetchmail(self, name: str, ticket: dict[str, str], status: int | None = 0):
        """As its manual has it for KPOP, but for the port: it comes from the machine's list of services, where Debian has none for kpop."""
        home = self.folder()
        (home / "services").write_text(f"{Path('/etc/services').read_text()}\nkpop {self.stack.port('kpop')}/tcp\n")
        configuration = home / "fetchmailrc"
        configuration.write_text(f"""poll localhost protocol KPOP auth kerberos_v5 timeout 8
  username "{name}" password "x" sslproto ''
  mda "cat >> {home}/got.eml"
""")
        configuration.chmod(0o700)
        as_root = () if os.geteuid() == 0 else ("--map-root-user",)
        done = self.run_client("unshare", "--mount", *as_root, "sh", "-c", f"mount --bind {home}/services /etc/services && exec \"$@\"", "sh",
                               "fetchmail", "-f", configuration, "--pidfile", home / "pid", "--nosyslog", "--nodetach", "--keep", "-v",
                               env={**ticket, "HOME": str(home), "FETCHMAILHOME": str(home)}, status=status)
        got = home / "got.eml"
        return done, got.read_text() if got.exists() else ""

    def test_it_gets_its_mail(self):
        self.deliver()
        _, got = self.fetchmail(self.user.local_part, self.ticket)
        self.assertIn("Subject: for a ticket", got)
        _, got = self.fetchmail(self.user.address, self.ticket)
        self.assertIn("Subject: for a ticket", got)
        self.assertGreaterEqual(metric(self.stack, "pop3d", "posthouse_auth_attempts_total", 'mechanism="KPOP",protocol="pop3",result="ok"'), 2)

    def test_another_users_maildrop(self):
        self.deliver()
        other = self.stack.account("other")
        thief = self.realm.add_user(other.local_part)
        self.allow(other.address, thief)
        done, got = self.fetchmail(self.user.local_part, self.realm.ticket(other.local_part), status=None)
        self.assertEqual(done.returncode, 3, done.stdout)  # PS_AUTHFAIL
        self.assertIn("-ERR [AUTH] You may not act as that user", done.stdout + done.stderr)
        self.assertEqual(got, "")

    def test_no_ticket(self):
        self.deliver()
        without = {**self.ticket, "KRB5CCNAME": f"FILE:{self.folder()}/none"}
        done, got = self.fetchmail(self.user.local_part, without, status=None)
        self.assertNotIn(done.returncode, (0, 1))
        self.assertEqual(got, "")

    def test_a_principal_that_nobody_has(self):
        self.assertEqual(self.stack.mailctl("user", "principal", "remove", self.user.address, self.principal).returncode, 0)
        done, _ = self.fetchmail(self.user.local_part, self.ticket, status=None)
        self.assertNotIn(done.returncode, (0, 1))
        self.assertIn("No account here has your principal", done.stdout + done.stderr)
        self.wait_for_log(self.principal, "no_user")


class Tickets(KpopTest):
    more = ("pop3d.kpop_timeout=5s",)

    def test_the_session_is_pop3(self):
        self.deliver("by hand")
        client = self.logged_in(self.user.address.upper())
        self.assertEqual(client.stat()[0], 1)
        self.assertIn(b"Subject: by hand", client.retr(1)[1])
        client.dele(1)
        client.quit()
        self.assertEqual(self.stack.messages(self.user), [])

    def test_without_mutual_authentication(self):
        client = self.connect()
        self.assertEqual(client.show(self.ap_req(options=0).request), b"")
        client.pop3().user(self.user.local_part)

    def test_another_name(self):
        other = self.stack.account("other")
        client = self.greeted()
        for name in (other.address, other.local_part, "nobody"):
            with self.assertRaisesRegex(poplib.error_proto, r"-ERR \[AUTH\]"):
                client.user(name)
        with self.assertRaises((poplib.error_proto, OSError)):  # that was once too often
            client.user(self.user.local_part)

    def test_an_alias_is_no_name(self):
        self.assertEqual(self.stack.mailctl("alias", "add", f"alias.{self.user.address}", self.user.address).returncode, 0)
        with self.assertRaisesRegex(poplib.error_proto, r"-ERR \[AUTH\]"):
            self.greeted().user(f"alias.{self.user.address}")

    def test_a_ticket_that_was_seen(self):
        ticket = self.ap_req()
        self.assertEqual(self.connect().show(ticket.request), b"")
        self.assertEqual(self.refused(ticket), (REPLAY, "Request is a replay"))
        self.wait_for_log("bad_ticket", "replay")

    def test_a_ticket_that_was_seen_in_another_dress(self):
        ticket = self.ap_req()
        options = b"\xa2\x07\x03\x05\0\x20\0\0\0"  # sealed by nothing
        self.assertIn(options, ticket.request)
        self.assertEqual(self.connect().show(ticket.request), b"")
        ticket.request = ticket.request.replace(options, b"\xa2\x07\x03\x05\0\0\0\0\0")
        self.assertEqual(self.refused(ticket)[0], REPLAY)

    def test_a_ticket_that_gssapi_showed(self):
        token = kerberos.Initiator(self.ticket, "pop").step()
        heard = self.ap_req()
        heard.request = token[token.index(b"\x01\0\x6e") + 2:]
        self.assertEqual(self.refused(heard), (GENERIC, "An AP-REQ of GSS-API"))

    def test_a_clock_that_is_wrong(self):
        self.ap_req()  # the KDC gives no ticket for such a time: it has to be there
        self.assertEqual(self.refused(self.ap_req(ahead=1200))[0], SKEW)
        self.wait_for_log("bad_ticket", "skew")

    def test_a_ticket_for_another_service(self):
        self.assertNotEqual(self.refused(self.ap_req(service="imap"))[0], 0)
        self.wait_for_log("bad_ticket", "imap/localhost")

    def test_a_key_that_was_changed(self):
        service = "pop/other.test"
        self.realm.add_service(service)
        self.assertEqual(self.connect().show(self.ap_req(host="other.test").request), b"")
        self.realm.change_key(service)
        self.ticket = self.realm.ticket(self.user.local_part)
        self.assertNotEqual(self.refused(self.ap_req(host="other.test"))[0], 0)
        self.wait_for_log("bad_ticket", "pop/other.test", "kvno 2")
        self.realm.extract_key(service)
        self.assertEqual(self.connect().show(self.ap_req(host="other.test").request), b"")

    def test_a_disabled_account(self):
        self.assertEqual(self.stack.mailctl("user", "disable", self.user.address).returncode, 0)
        self.assertEqual(self.refused(self.ap_req()), (GENERIC, "This account is disabled"))

    def test_a_keytab_that_is_gone(self):
        aside = self.realm.keytab.rename(self.realm.folder / "aside")
        try:
            client = self.connect()
            client.versions()
            client.send(message(self.ap_req().request))
            self.assertEqual(client.rest(), b"")
        finally:
            aside.rename(self.realm.keytab)
        self.wait_for_log("auth.unavailable", "KPOP", str(self.realm.keytab))
        self.logged_in().quit()

    def test_other_versions(self):
        for versions, answer in (((b"KRB5_SENDAUTH_V9.9\0",), b"\1"), ((b"",), b"\1"), ((VERSION, b"KPOPV0.1\0"), b"\2"), ((VERSION, b"x" * 64), b"\2")):
            with self.subTest(versions):
                client = self.connect()
                self.assertEqual(client.versions(*versions), answer)
                self.assertEqual(client.rest(), b"")

    def test_lengths_that_cannot_be(self):
        versions = message(VERSION) + message(APPLICATION)
        begun = time.monotonic()
        for octets, answer in ((b"\0\0\0\x41", b""), (b"\xff\xff\xff\xff", b""), (message(VERSION) + b"\x7f\xff\xff\xff", b""),
                               (versions + b"\0\1\0\1", b"\0"), (versions + b"\xff\xff\xff\xff", b"\0")):
            with self.subTest(octets):
                client = self.connect()
                client.send(octets)
                self.assertEqual(client.rest(), answer)
        self.assertLess(time.monotonic() - begun, 5)  # nobody waited for what was announced

    def test_what_is_no_ticket(self):
        request = self.ap_req().request
        for octets in (b"", b"rubbish", request[:40], request[:-1], b"\0" * 65536, b"\x6e\x84\xff\xff\xff\xff"):
            with self.subTest(octets[:20]):
                client = self.connect()
                error = self.ap_req()
                self.assertNotEqual(error.error(client.show(octets))[1], "")
                self.assertEqual(client.rest(), b"")
        self.logged_in().quit()

    def test_pop3_without_a_ticket(self):
        client = self.connect()
        client.send(b"USER alice\r\nPASS secret\r\n")
        self.assertTrue(client.rest().startswith(b"-ERR "))

    def test_silence(self):
        begun = time.monotonic()
        silent = [self.connect() for _ in range(3)]
        silent[1].send(message(VERSION)[:11])
        silent[2].versions()
        self.logged_in().quit()  # others are served
        for client in silent:
            self.assertEqual(client.rest(), b"")
        self.assertGreater(time.monotonic() - begun, 4.5)
        self.assertLess(time.monotonic() - begun, 30)

    def test_without_the_kdc(self):
        self.logged_in().quit()  # the ticket for pop is in the cache
        self.realm.stop()
        self.addCleanup(self.realm.start)
        client = self.stack.pop3(self.user)
        client.quit()
        client = poplib.POP3(self.stack["HOST"], self.stack.port("pop3"), timeout=30)
        client.user(self.user.address)
        client.pass_(self.user.password)
        client.quit()
        self.logged_in().quit()  # and tickets are good while they last

    def test_an_administrator_ends_the_session(self):
        client = self.logged_in()
        sessions = eventually(lambda: json.loads(self.stack.mailctl("-o", "json", "user", "sessions", self.user.address).stdout))
        self.assertEqual([one["mechanism"] for one in sessions], ["KPOP"])
        self.assertEqual(self.stack.mailctl("user", "logout", self.user.address).returncode, 0)
        self.assertIn(b"-ERR [SYS/TEMP] Logged out by an administrator", client.file.readline())
        self.assertEqual(client.file.readline(), b"")

    def test_nothing_of_a_ticket_is_in_a_log(self):
        ticket = self.ap_req()
        self.connect().show(ticket.request)
        self.refused(ticket)
        for log in (self.stack.data / "log").iterdir():
            octets = log.read_bytes()
            for secret in (ticket.request[60:90], ticket.request[60:90].hex().encode(), b"krb_ticket"):
                self.assertNotIn(secret, octets, log)


class WithoutKeytab(StackTest):
    def test_the_listener_says_what_is_missing(self):
        client = Kpop(socket.create_connection((self.stack["HOST"], self.stack.port("kpop")), timeout=60))
        self.addCleanup(client.close)
        self.assertEqual(client.versions(), b"\0")
        client.send(message(b"a ticket"))
        self.assertEqual(client.rest(), b"")
        log_has(self.stack, "pop3d", "pop3.kpop.unavailable", "accountd.keytab")


class KpopStack(proxied.ProxiedStack):
    """KPOP behind a proxy, and within TLS."""

    def listeners(self, name: str) -> list[dict]:
        usual = super().listeners(name)
        if name != "pop3":
            return usual
        at = [f"127.0.0.1:{port + self.offset.number}" for port in (2109, 4190)]
        return [*usual[:2], {"name": "kpop", "address": at[0], "kpop": True, "proxy_protocol": "required", "proxy_trusted": ["127.0.0.0/8"]},
                {"name": "kpops", "address": at[1], "kpop": True, "tls": "implicit"}]


class Listeners(KpopTest):
    @classmethod
    def start_stack(cls):
        cls.stack = KpopStack("test_kpop.Listeners", *cls.settings)
        cls.addClassCleanup(cls.stack.remove)
        cls.stack.start()

    @classmethod
    def setUpClass(cls):
        cls.realm = kerberos.Realm(*cls.services)
        cls.addClassCleanup(cls.realm.remove)
        cls.settings = (f"accountd.keytab={cls.realm.keytab}", f"accountd.kerberos_replay_cache={cls.realm.replays}/accountd")
        cls.start_stack()

    def test_a_proxy_says_who_the_client_is(self):
        connection = socket.create_connection((self.stack["HOST"], self.stack.port("kpop")), timeout=60)
        connection.sendall(b"PROXY TCP4 192.0.2.77 192.0.2.1 40000 1109\r\n")
        client, ticket = Kpop(connection), self.ap_req()
        self.addCleanup(client.close)
        self.assertEqual(client.show(ticket.request), b"")
        self.assertTrue(ticket.trusts(client.message()))
        pop3 = client.pop3()
        pop3.user(self.user.local_part)
        pop3.pass_("krb_ticket")
        log_has(self.stack, "pop3d", "pop3.login", "192.0.2.77", "KPOP")

    def test_within_tls(self):
        port = 4190 + self.stack.offset.number
        connection = self.stack.tls().wrap_socket(socket.create_connection((self.stack["HOST"], port), timeout=60), server_hostname="localhost")
        client, ticket = Kpop(connection), self.ap_req()
        self.addCleanup(client.close)
        self.assertEqual(client.show(ticket.request), b"")
        self.assertTrue(ticket.trusts(client.message()))
        pop3 = client.pop3()
        pop3.user(self.user.local_part)
        pop3.pass_("krb_ticket")
        self.assertNotIn("STLS", pop3.capa())
        self.assertIsInstance(connection, ssl.SSLSocket)
        pop3.quit()


if __name__ == "__main__":
    unittest.main()
