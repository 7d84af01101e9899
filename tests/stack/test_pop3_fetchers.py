"""POP3 with programs that fetch mail and leave it, or take it away: fetchmail, getmail6 and mpop."""

import time
import unittest

from .harness import mail
from .pop3_test import SECRET, Pop3Test
from .shapes import LARGE, SHAPES, append, stored


class Fetcher(Pop3Test):
    # One that is not mail at all is mended by each of them in its own way.
    shapes = {name: stored(name, rest) for name, rest in SHAPES.items() if name != "header-alone"}

    def setUp(self):
        super().setUp()
        self.home = self.folder()
        self.maildir = self.home / "mail"
        for part in ("cur", "new", "tmp"):
            (self.maildir / part).mkdir(parents=True)
        self.environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "SSL_CERT_FILE": self.stack["CA_FILE"]}

    def fetched(self) -> list[bytes]:
        """What came since the last look."""
        found = []
        for path in list((self.maildir / "new").iterdir()):
            found.append(path.read_bytes())
            path.unlink()
        return found

    def more(self, *subjects: str) -> list[bytes]:
        return self.fill([mail("a@elsewhere.test", self.reader.address, subject) for subject in subjects])


class Fetchmail(Fetcher):
    shapes = {name: message for name, message in Fetcher.shapes.items() if name != "line-of-70000"}  # it breaks long lines

    def fetchmail(self, port: str, *options: str, protocol: str = "POP3", secret: str = "", status: int = 0) -> list[bytes]:
        configuration = self.home / "fetchmailrc"
        configuration.touch(mode=0o600)
        tls = {"pop3s": "ssl", "pop3": "sslproto 'TLS1.2+'"}[port]
        configuration.write_text(f"poll localhost protocol {protocol} port {self.stack.port(port)} {'uidl' if 'keep' in options else ''} no dns\n"
                                 f"  user '{self.reader.address}' password '{secret or self.reader.password}'\n"
                                 f"  {tls} sslcertck sslcertfile '{self.stack['CA_FILE']}' no rewrite no mimedecode {' '.join(options)}\n"
                                 f"  mda 'cat > $(mktemp {self.maildir}/new/XXXXXX)'\n")
        done = self.quietly("fetchmail", "-f", configuration, "--pidfile", self.home / "pid", "--nosyslog", "--nodetach", "--invisible", "-v",
                            env={**self.environment, "FETCHMAILHOME": str(self.home)})
        self.assertEqual(done.returncode, status, done.stdout[-2000:] + done.stderr)
        return self.fetched()

    def test_it_takes_everything_away(self):
        for port in ("pop3s", "pop3"):
            with self.subTest(port):
                messages = self.fill()
                self.assert_kept(self.fetchmail(port), messages)
                self.assertEqual(self.left(), 0)
                self.fetchmail(port, status=1)  # "there was no mail"

    def test_it_keeps_mail_and_knows_it_by_its_unique_id(self):
        messages = self.more("One", "Two", "Three")
        self.assert_kept(self.fetchmail("pop3s", "keep"), messages)
        self.assertEqual(self.fetchmail("pop3s", "keep", status=1), [])
        messages = self.more("Four")
        self.assert_kept(self.fetchmail("pop3s", "keep"), messages)
        self.assert_kept(self.fetchmail("pop3s", "keep", "fetchall"), self.stack.messages(self.reader))
        self.assertEqual(self.left(), 4)


class Getmail(Fetcher):
    def getmail(self, port: str, *options: str, retriever: str = "", secret: str = "", status: int = 0) -> list[bytes]:
        kind, tls = ("SimplePOP3SSLRetriever", f"ca_certs = {self.stack['CA_FILE']}\n") if port == "pop3s" else ("SimplePOP3Retriever", "")
        (self.home / "getmailrc").write_text(f"[retriever]\ntype = {kind}\nserver = {self.host}\nport = {self.stack.port(port)}\n{tls}"
                                             f"username = {self.reader.address}\npassword = {secret or self.reader.password}\n{retriever}"
                                             f"[destination]\ntype = MDA_external\npath = /bin/sh\nallow_root_commands = true\n"
                                             f"arguments = ('-c', 'cat > $(mktemp {self.maildir}/new/XXXXXX)')\n"
                                             "[options]\ndelivered_to = false\nreceived = false\n" + "".join(option + "\n" for option in options))
        done = self.quietly("getmail", f"--getmaildir={self.home}", "--rcfile=getmailrc", env=self.environment)
        self.assertEqual(done.returncode, status, done.stdout[-2000:] + done.stderr)
        return [message.removeprefix(b"Return-Path: <unknown>\n") for message in self.fetched()]

    def test_it_takes_everything_away(self):
        for port in ("pop3s", "pop3"):
            with self.subTest(port):
                messages = self.fill()
                self.assert_kept(self.getmail(port, "delete = true"), messages)
                self.assertEqual(self.left(), 0)

    def test_it_goes_on_where_it_was_by_unique_ids(self):
        messages = self.more("One", "Two", "Three", "Four")
        found = []
        for count in (3, 1, 0):
            some = self.getmail("pop3s", "read_all = false", "max_messages_per_session = 3")
            self.assertEqual(len(some), count)
            found += some
        self.assert_kept(found, messages)
        self.assert_kept(self.getmail("pop3s", "read_all = true"), messages)
        self.assertEqual(self.left(), 4)

    def test_it_deletes_after_days(self):
        messages = self.more("One", "Two")
        self.assert_kept(self.getmail("pop3s", "read_all = false", "delete_after = 7"), messages)
        self.assertEqual(self.left(), 2)
        (known,) = self.home.glob("oldmail-*")
        aged = [b"%b\0%d" % (line.partition(b"\0")[0], time.time() - 8 * 86_400) for line in known.read_bytes().splitlines()]
        self.assertEqual(len(aged), 2)
        known.write_bytes(b"\n".join(aged) + b"\n")
        messages = self.more("Three")
        self.assert_kept(self.getmail("pop3s", "read_all = false", "delete_after = 7"), messages)
        self.assertEqual([b"Subject: Three" in message for message in self.stack.messages(self.reader)], [True])

    def test_apop(self):
        self.give_secrets()
        messages = self.more("One")
        self.assert_kept(self.getmail("pop3", "delete = true", retriever="use_apop = true\n", secret=SECRET), messages)


class Mpop(Fetcher):
    def mpop(self, port: str, *options: str, auth: str = "plain", secret: str = "", status: int = 0) -> list[bytes]:
        configuration = self.home / "mpoprc"
        configuration.touch(mode=0o600)
        starttls = "off" if port == "pop3s" else "on"
        configuration.write_text(f"account here\nhost {self.host}\nport {self.stack.port(port)}\ntls on\ntls_starttls {starttls}\n"
                                 f"tls_trust_file {self.stack['CA_FILE']}\nauth {auth}\nuser {self.reader.address}\n"
                                 f"passwordeval echo '{secret or self.reader.password}'\nuidls_file {self.home}/uidls\nreceived_header off\n"
                                 f"delivery maildir {self.maildir}\n" + "".join(option + "\n" for option in options))
        done = self.quietly("mpop", f"--file={configuration}", "here", env=self.environment)
        self.assertEqual(done.returncode, status, done.stdout[-2000:] + done.stderr)
        return self.fetched()

    def test_it_takes_everything_away_pipelined_or_not(self):
        for port, pipelining in (("pop3s", "on"), ("pop3", "auto"), ("pop3s", "off")):
            with self.subTest(port=port, pipelining=pipelining):
                messages = self.fill([*self.shapes.values(), stored("large", LARGE)])
                self.assert_kept(self.mpop(port, f"pipelining {pipelining}", "keep off"), messages)
                self.assertEqual(self.left(), 0)

    def test_it_keeps_mail_and_knows_it_by_its_unique_id(self):
        messages = self.more("One", "Two")
        self.assert_kept(self.mpop("pop3s", "keep on"), messages)
        self.assertEqual(self.mpop("pop3s", "keep on"), [])
        messages = self.more("Three")
        self.assert_kept(self.mpop("pop3s", "keep on"), messages)
        self.assertEqual(self.left(), 3)
        self.assertEqual(self.mpop("pop3s", "keep off"), [])  # what it has, it deletes now
        self.assertEqual(self.left(), 0)

    def test_it_logs_in_by_each_of_its_mechanisms(self):
        self.give_secrets()
        messages = self.more("One")
        for auth, port, secret in (("user", "pop3", ""), ("user", "pop3s", ""), ("plain", "pop3", ""), ("login", "pop3", ""), ("scram-sha-256", "pop3s", ""),
                                   ("apop", "pop3", SECRET), ("cram-md5", "pop3s", SECRET)):
            with self.subTest(auth=auth, port=port):
                self.assert_kept(self.mpop(port, "keep on", "only_new off", auth=auth, secret=secret), messages)
        self.assertEqual(self.mpop("pop3s", auth="user", secret="wrong", status=77), [])  # EX_NOPERM

    def test_1000_messages_pipelined(self):
        messages = [stored(f"n{number}", b"\r\n.%d\r\n" % number) for number in range(1000)]
        append(self.stack, self.reader, messages)
        self.assert_kept(self.mpop("pop3s", "pipelining on", "keep off"), messages)
        self.assertEqual(self.left(), 0)


if __name__ == "__main__":
    unittest.main()
