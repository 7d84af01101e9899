"""Users in an external directory: Debian's slapd, over TLS. Mail and logins work as for users of our own."""

import imaplib
import json
import poplib
import smtplib
import time
import unittest

from .harness import Account, StackTest, eventually, mail
from .slapd import BASE, READER, SECRET, Slapd
from .troubles import metric, sql

STRANGER = "someone@elsewhere.test"
PASSWORD = "correct horse"


def directory(slapd: Slapd, **more) -> dict:
    return {"name": "staff", "domains": ["ldap.test"], "urls": [f"ldap://127.0.0.1:{slapd.port}"], "ca_file": str(slapd.ca_file),
            "bind_dn": READER, "bind_password": SECRET, "base": f"ou=people,{BASE}",
            "user_filter": "(&(objectClass=inetOrgPerson)(mail=%{address}))", "alias_filter": "(mailAlternateAddress=%{address})",
            "group_filter": "(&(objectClass=groupOfNames)(mail=%{address}))", "enabled_filter": "(!(mailEnabled=FALSE))",
            "quota_attribute": "mailQuota", "timeout": "10s", "negative_cache_age": "0s", **more}


def as_setting(*directories: dict) -> str:
    tables = ["{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in one.items()) + "}" for one in directories]
    return f"accountd.ldap=[{', '.join(tables)}]"


class LdapTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.slapd = Slapd()
        cls.addClassCleanup(cls.slapd.remove)
        cls.settings = cls.choose()
        super().setUpClass()
        cls.must("domain", "add", "ldap.test")

    @classmethod
    def choose(cls) -> tuple[str, ...]:
        return (as_setting(directory(cls.slapd)),)

    @classmethod
    def must(cls, *arguments: str, secret: str = "") -> str:
        done = cls.stack.mailctl(*arguments, secret=secret)
        if done.returncode != 0:
            raise AssertionError(f"mailctl {arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def setUp(self):
        self.uid = f"user{next(self.stack.numbers)}"
        self.user = Account(f"{self.uid}@ldap.test", PASSWORD)

    def person(self, *lines: str) -> str:
        return self.slapd.person(self.uid, PASSWORD, f"mail: {self.user.address}", *lines)

    def deliver(self, *to: str) -> None:
        with self.stack.smtp() as client:
            client.sendmail(STRANGER, to, mail(STRANGER, to[0]))

    def refusal(self, to: str) -> int:
        """0 if the address is taken."""
        with self.stack.smtp() as client:
            client.ehlo()
            client.mail(STRANGER)
            code, _ = client.rcpt(to)
        return 0 if code == 250 else code

    def imap_says(self, account: Account) -> str:
        """What refuses a login; empty if it is let in."""
        with imaplib.IMAP4_SSL(self.stack["HOST"], self.stack.port("imaps"), ssl_context=self.stack.tls(), timeout=30) as client:
            try:
                client.login(account.address, account.password)
            except imaplib.IMAP4.error as error:
                return str(error)
        return ""

    def row(self, address: str) -> str:
        return sql(self.stack, f"SELECT directory FROM posthouse.account WHERE address = '{address}'")


class Ldap(LdapTest):
    def test_who_is_in_the_directory_logs_in_on_every_protocol(self):
        self.person()
        trust = ("--cacert", self.stack["CA_FILE"], "--user", f"{self.user.address}:{PASSWORD}")
        self.run_client("curl", "-sS", *trust, f"imaps://localhost:{self.stack.port('imaps')}/INBOX")
        self.run_client("curl", "-sS", *trust, f"pop3s://localhost:{self.stack.port('pop3s')}/")
        text = self.folder() / "mail"
        text.write_bytes(mail(self.user.address, self.user.address, "from curl"))
        self.run_client("curl", "-sS", *trust, f"smtps://localhost:{self.stack.port('submissions')}", "--mail-from", self.user.address,
                        "--mail-rcpt", self.user.address, "--upload-file", text)
        self.assertIn(b"Subject: from curl", self.stack.wait_for_mail(self.user)[0])
        wrong = ("--cacert", self.stack["CA_FILE"], "--user", f"{self.user.address}:wrong")
        for url in ("imaps", "pop3s"):
            self.run_client("curl", "-sS", *wrong, f"{url}://localhost:{self.stack.port(url)}/", status=67)

    def test_mail_arrives_before_the_first_login(self):
        self.person()
        self.assertEqual(self.row(self.user.address), "")
        self.deliver(self.user.address.upper(), f"{self.uid}+detail@ldap.test")
        self.assertEqual(self.row(self.user.address), "ldap:staff")
        self.assertEqual(len(self.stack.wait_for_mail(self.user)), 1)  # once, for both
        entries = json.loads(self.must("-o", "json", "audit", "list", "--object", self.user.address))
        self.assertEqual([(entry["actor"], entry["action"]) for entry in entries], [("ldap:staff", "user.add")])
        self.assertEqual(json.loads(self.must("-o", "json", "user", "show", self.user.address))["directory"], "ldap:staff")

    def test_aliases_and_groups_of_the_directory_lead_to_mailboxes(self):
        first = self.person(f"mailAlternateAddress: alias-{self.uid}@ldap.test")
        second = self.slapd.person(f"other-{self.uid}", PASSWORD, f"mail: other-{self.uid}@ldap.test")
        self.slapd.add("\n".join([f"dn: cn=team-{self.uid},ou=people,{BASE}", "objectClass: groupOfNames", "objectClass: mailThing",
                                  f"cn: team-{self.uid}", f"mail: team-{self.uid}@ldap.test", f"member: {first}", f"member: {second}",
                                  f"member: uid=nobody,ou=people,{BASE}", ""]))
        self.deliver(f"alias-{self.uid}@ldap.test")
        self.deliver(f"team-{self.uid}@ldap.test")
        self.assertEqual(len(self.stack.wait_for_mail(self.user, 2)), 2)
        self.stack.wait_for_mail(Account(f"other-{self.uid}@ldap.test", PASSWORD))
        reader = self.stack.account("reader")
        with self.stack.smtp(self.user) as client:
            for own in (self.user.address, f"alias-{self.uid}@ldap.test", f"team-{self.uid}@ldap.test"):
                client.sendmail(own, [reader.address], mail(own, reader.address))
            with self.assertRaises(smtplib.SMTPSenderRefused) as caught:
                client.sendmail(f"other-{self.uid}@ldap.test", [reader.address], b"")
            self.assertEqual(caught.exception.smtp_code, 553)
        self.assertEqual(len(self.stack.wait_for_mail(reader, 3)), 3)

    def test_what_is_here_comes_first(self):
        self.person()
        local = Account(self.user.address, "another one")
        self.must("user", "add", local.address, "--password-stdin", secret=local.password)
        self.assertEqual(self.imap_says(local), "")
        self.assertIn("AUTHENTICATIONFAILED", self.imap_says(self.user))
        self.slapd.person(f"x-{self.uid}", PASSWORD, f"mail: x-{self.uid}@ldap.test")
        self.must("alias", "add", f"x-{self.uid}@ldap.test", local.address)
        self.deliver(f"x-{self.uid}@ldap.test")
        self.stack.wait_for_mail(local)
        self.assertEqual(self.row(f"x-{self.uid}@ldap.test"), "")

    def test_wrong_and_empty_passwords_and_names_with_meaning_are_refused_alike(self):
        self.person()
        attempts = [(self.user.address, "wrong"), (f"nobody-{self.uid}@ldap.test", PASSWORD),
                    ("*@ldap.test", PASSWORD), (f"{self.uid}*@ldap.test", PASSWORD), (f"{self.uid}@ldap.test)(uid=*", PASSWORD),
                    (f'"*)(uid={self.uid}"@ldap.test', PASSWORD), (f'"{self.uid})(|(uid=*)"@ldap.test', PASSWORD)]
        answers = set()
        for name, password in attempts:
            client = imaplib.IMAP4_SSL(self.stack["HOST"], self.stack.port("imaps"), ssl_context=self.stack.tls(), timeout=30)
            with self.assertRaises(imaplib.IMAP4.error, msg=name) as caught:
                client.authenticate("PLAIN", lambda _: f"\0{name}\0{password}".encode())
            answers.add(str(caught.exception))
            client.logout()
        self.assertEqual(answers, {"[AUTHENTICATIONFAILED] Wrong name or password"})
        with self.assertRaises(imaplib.IMAP4.error):  # which PLAIN cannot hold
            self.stack.imap(Account(self.user.address, ""))
        for name in (f"{self.uid}*@ldap.test", f'"*)(uid={self.uid}"@ldap.test'):
            self.assertEqual(self.refusal(name), 550, name)

    def test_whoever_is_disabled_or_gone_is_refused_and_the_mail_stays(self):
        name = self.person("mailEnabled: FALSE")
        self.assertIn("CONTACTADMIN", self.imap_says(self.user))
        self.assertIn("AUTHENTICATIONFAILED", self.imap_says(Account(self.user.address, "wrong")))
        self.deliver(self.user.address)
        self.slapd.modify(name, "replace: mailEnabled", "mailEnabled: TRUE")
        self.assertEqual(len(self.stack.wait_for_mail(self.user)), 1)
        self.must("user", "disable", self.user.address)
        self.assertIn("CONTACTADMIN", self.imap_says(self.user))
        self.must("user", "enable", self.user.address)
        self.slapd.delete(name)
        self.assertIn("AUTHENTICATIONFAILED", self.imap_says(self.user))
        self.assertEqual(self.refusal(f"{self.uid}+unheard-of@ldap.test"), 550)  # which smtpd does not remember
        self.person()
        self.assertEqual(len(self.stack.messages(self.user)), 1)

    def test_an_app_password_of_whoever_is_disabled_or_gone_lets_nobody_in(self):
        name = self.person()
        self.assertEqual(self.imap_says(self.user), "")
        made = self.must("-o", "json", "user", "app-password", "add", self.user.address, "--label", "phone")
        phone = Account(self.user.address, json.loads(made)["password"])
        self.assertEqual(self.imap_says(phone), "")
        self.slapd.modify(name, "replace: mailEnabled", "mailEnabled: FALSE")
        self.assertIn("CONTACTADMIN", self.imap_says(phone))
        self.slapd.delete(name)
        self.assertIn("CONTACTADMIN", self.imap_says(phone))

    def test_a_new_password_takes_effect_at_once(self):
        name = self.person()
        self.assertEqual(self.imap_says(self.user), "")
        self.assertEqual(self.imap_says(self.user), "")
        self.slapd.set_password(name, "another one")
        self.assertIn("AUTHENTICATIONFAILED", self.imap_says(self.user))
        self.assertEqual(self.imap_says(Account(self.user.address, "another one")), "")

    def test_a_password_that_matched_needs_no_bind(self):
        self.person()
        self.assertEqual(self.imap_says(self.user), "")
        binds = metric(self.stack, "accountd", "posthouse_ldap_operations_total", 'operation="bind",result="ok"')
        self.assertEqual(self.imap_says(self.user), "")
        self.assertEqual(metric(self.stack, "accountd", "posthouse_ldap_operations_total", 'operation="bind",result="ok"'), binds)

    def test_the_quota_is_the_directorys(self):
        name = self.person("mailQuota: 2M")
        self.deliver(self.user.address)
        self.assertEqual(json.loads(self.must("-o", "json", "quota", "get", self.user.address))["limit_bytes"], 2 * 2**20)
        self.slapd.modify(name, "replace: mailQuota", "mailQuota: 3M")
        self.stack.imap(self.user).logout()
        self.assertEqual(json.loads(self.must("-o", "json", "quota", "get", self.user.address))["limit_bytes"], 3 * 2**20)

    def test_scram_is_not_announced_where_it_could_not_work(self):
        with imaplib.IMAP4_SSL(self.stack["HOST"], self.stack.port("imaps"), ssl_context=self.stack.tls()) as client:
            announced = eventually(lambda: {word for word in client.capability()[1][0].decode().split() if word.startswith("AUTH=")})
        self.assertEqual(announced, {"AUTH=PLAIN", "AUTH=LOGIN"})

    def test_nothing_of_a_password_is_in_a_log(self):
        self.slapd.set_password(self.person(), "unmistakable")
        self.imap_says(Account(self.user.address, "unmistakable"))
        self.imap_says(Account(self.user.address, "unmistakable too"))
        for log in (self.stack.data / "log").iterdir():
            text = log.read_text(errors="replace")
            self.assertNotIn("unmistakable", text, log)
            self.assertNotIn(SECRET, text, log)


class Office(LdapTest):
    """What administrators see of a directory, and do with its users."""

    def test_the_doctor_and_the_list_tell_what_works(self):
        self.person()
        listed = json.loads(self.must("-o", "json", "directory", "list"))
        self.assertEqual([(one["name"], one["domains"]) for one in listed], [("staff", ["ldap.test"])])
        server = listed[0]["servers"][0]
        self.assertEqual((server["url"], server["error"]), (f"ldap://127.0.0.1:{self.slapd.port}", ""))
        self.assertGreater(server["users"], 0)
        findings = json.loads(self.stack.mailctl("-o", "json", "doctor").stdout)["findings"]
        self.assertEqual([one["grade"] for one in findings if one["check"] == "directories"], ["ok"])
        self.slapd.stop()
        try:
            findings = json.loads(self.stack.mailctl("-o", "json", "doctor").stdout)["findings"]
            self.assertEqual([one["grade"] for one in findings if one["check"] == "directories"], ["fail"])
        finally:
            self.slapd.start()

    def test_what_a_directory_has_by_an_address(self):
        name = self.person(f"mailAlternateAddress: alias-{self.uid}@ldap.test", "mailQuota: 5G")
        eventually(lambda: self.stack.mailctl("directory", "show", self.user.address).returncode == 0)
        shown = json.loads(self.must("-o", "json", "directory", "show", self.user.address))
        self.assertEqual((shown["entry"], shown["addresses"], shown["enabled"], shown["quota_bytes"], shown["held_here"]),
                         (name, [self.user.address], True, 5 * 2**30, ""))
        alias = json.loads(self.must("-o", "json", "directory", "show", f"alias-{self.uid}@ldap.test"))
        self.assertEqual((alias["entry"], alias["members"]), ("", [self.user.address]))

    def test_users_move_between_here_and_there(self):
        self.person()
        local = Account(self.user.address, "of this server")
        self.must("user", "add", local.address, "--password-stdin", secret=local.password)
        self.deliver(local.address)
        self.stack.wait_for_mail(local)
        eventually(lambda: self.stack.mailctl("directory", "adopt", local.address).returncode == 0)
        self.assertIn("AUTHENTICATIONFAILED", self.imap_says(local))
        self.assertEqual(len(self.stack.messages(self.user)), 1)
        refused = self.stack.mailctl("user", "passwd", local.address, "--password-stdin", secret="x")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("ldap:staff", refused.stderr)
        self.must("directory", "release", local.address)
        self.must("user", "passwd", local.address, "--password-stdin", secret=local.password)
        self.assertEqual(len(self.stack.messages(local)), 1)
        self.assertIn("AUTHENTICATIONFAILED", self.imap_says(self.user))
        self.assertNotEqual(self.stack.mailctl("directory", "adopt", f"nobody-{self.uid}@ldap.test").returncode, 0)

    def test_a_site_file_leaves_the_directorys_users_alone(self):
        self.person()
        self.deliver(self.user.address)
        exported = self.must("export")
        self.assertNotIn(self.user.address, exported)
        file = self.folder() / "site.toml"
        file.write_text(exported)
        self.must("apply", "-f", str(file), "--prune", "--delete-mail")
        self.assertEqual(len(self.stack.messages(self.user)), 1)

    def test_a_mailbox_can_be_made_before_it_is_needed(self):
        self.person()
        eventually(lambda: self.stack.mailctl("directory", "adopt", self.user.address).returncode == 0)
        self.must("group", "add", f"local-team-{self.uid}@ldap.test", self.user.address)
        self.deliver(f"local-team-{self.uid}@ldap.test")
        self.stack.wait_for_mail(self.user)


class Away(LdapTest):
    """The directory cannot be asked."""

    @classmethod
    def choose(cls):
        return (as_setting(directory(cls.slapd, timeout="2s")),)

    def test_known_recipients_get_mail_and_everything_else_waits(self):
        name = self.person()
        self.deliver(self.user.address)
        unknown = f"late-{self.uid}@ldap.test"
        self.slapd.person(f"late-{self.uid}", PASSWORD, f"mail: {unknown}")
        local = Account(f"local-{self.uid}@ldap.test", "local")
        self.must("user", "add", local.address, "--password-stdin", secret=local.password)
        self.slapd.stop()
        self.deliver(self.user.address)
        self.assertEqual(self.refusal(unknown), 451)
        self.assertIn("UNAVAILABLE", self.imap_says(self.user))
        with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
            self.stack.smtp(self.user)
        self.assertEqual(caught.exception.smtp_code, 454)
        with self.assertRaises(poplib.error_proto) as refused:
            self.stack.pop3(self.user)
        self.assertIn("[SYS/TEMP]", str(refused.exception))
        self.assertEqual(self.imap_says(local), "")
        self.deliver(local.address)
        self.assertEqual(self.imap_says(self.stack.account("elsewhere")), "")
        self.slapd.start()
        eventually(lambda: self.imap_says(self.user) == "")
        self.assertEqual(len(self.stack.messages(self.user)), 2)
        self.deliver(unknown)
        self.slapd.delete(name)
        self.assertIn("AUTHENTICATIONFAILED", self.imap_says(self.user))

    def test_one_that_hangs_holds_up_nobody_else(self):
        self.person()
        self.deliver(self.user.address)
        here = self.stack.account("here")
        self.slapd.hang()
        try:
            begun = time.monotonic()
            self.assertEqual(self.refusal(f"never-{self.uid}@ldap.test"), 451)
            self.assertIn("UNAVAILABLE", self.imap_says(self.user))
            self.assertLess(time.monotonic() - begun, 15)
            self.assertEqual(self.imap_says(here), "")
            self.deliver(here.address)
        finally:
            self.slapd.hang(False)
        eventually(lambda: self.imap_says(self.user) == "")


class ShortMemory(LdapTest):
    """Passwords that matched are remembered for a moment."""

    @classmethod
    def choose(cls):
        return (as_setting(directory(cls.slapd, password_memory="2s")),)

    def test_a_password_is_not_remembered_for_longer_because_it_is_used(self):
        def binds() -> float:
            return metric(self.stack, "accountd", "posthouse_ldap_operations_total", 'operation="bind",result="ok"')

        self.person()
        self.assertEqual(self.imap_says(self.user), "")
        first = binds()
        eventually(lambda: self.imap_says(self.user) or binds() > first)
        self.assertEqual(self.imap_says(self.user), "")


class Servers(LdapTest):
    """Several, TLS of both kinds, and certificates of the wrong authority or name."""

    @classmethod
    def choose(cls):
        cls.second = Slapd()
        cls.addClassCleanup(cls.second.remove)
        cls.strange = Slapd()
        cls.addClassCleanup(cls.strange.remove)
        slapd = cls.slapd
        return (as_setting(directory(slapd, urls=[f"ldaps://127.0.0.1:{cls.second.tls_port}", f"ldaps://127.0.0.1:{slapd.tls_port}"]),
                           directory(slapd, name="socket", domains=["socket.test"], urls=[slapd.socket_url]),
                           directory(slapd, name="strange", domains=["strange.test"], urls=[f"ldaps://127.0.0.1:{cls.strange.tls_port}"]),
                           directory(slapd, name="plain", domains=["plain.test"], urls=[f"ldap://127.0.0.1:{cls.strange.port}"]),
                           directory(slapd, name="misnamed", domains=["misnamed.test"], urls=[f"ldaps://localhost:{slapd.tls_port}"])),)

    def test_the_first_that_works_is_asked(self):
        self.second.stop()  # nobody trusts its certificate anyway
        self.person()
        self.assertEqual(self.imap_says(self.user), "")

    def test_a_socket_needs_no_tls(self):
        self.must("domain", "add", "socket.test")
        self.slapd.person(f"s-{self.uid}", PASSWORD, f"mail: {self.uid}@socket.test")
        self.assertEqual(self.imap_says(Account(f"{self.uid}@socket.test", PASSWORD)), "")

    def test_a_certificate_that_nobody_vouches_for_is_refused(self):
        for name, slapd in (("strange", self.strange), ("plain", self.strange), ("misnamed", self.slapd)):
            with self.subTest(name=name):
                self.must("domain", "add", f"{name}.test")
                slapd.person(f"{name}-{self.uid}", PASSWORD, f"mail: {self.uid}@{name}.test")
                self.assertIn("UNAVAILABLE", self.imap_says(Account(f"{self.uid}@{name}.test", PASSWORD)))
                self.assertEqual(self.refusal(f"{self.uid}@{name}.test"), 451)


class Offered(LdapTest):
    """Where an administrator insists on SCRAM, users of a directory still look like names that nobody has."""

    @classmethod
    def choose(cls):
        return (*super().choose(), 'accountd.mechanisms=["SCRAM-SHA-256", "PLAIN"]')

    def msmtp(self, user: Account, mechanism: str, status: int) -> None:
        self.run_client("msmtp", f"--host={self.stack['HOST']}", f"--port={self.stack.port('submission')}", "--tls=on", "--tls-starttls=on",
                        f"--tls-trust-file={self.stack['CA_FILE']}", f"--auth={mechanism}", f"--user={user.address}",
                        f"--passwordeval=echo '{user.password}'", f"--from={user.address}", user.address, status=status,
                        text=mail(user.address, user.address, mechanism).decode())

    def test_scram_finds_nobody_and_plain_works(self):
        self.person()
        self.msmtp(self.user, "plain", 0)
        self.msmtp(self.user, "scram-sha-256", 77)  # EX_NOPERM
        self.msmtp(self.stack.account("here"), "scram-sha-256", 0)
        self.assertIn("ldap.scram", (self.stack.data / "log" / "accountd.log").read_text())


del LdapTest

if __name__ == "__main__":
    unittest.main()
