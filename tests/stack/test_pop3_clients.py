"""POP3 with programs that speak to people or to other programs: curl, poplib, Perl's Mail::POP3Client and neomutt."""

import contextlib
import hashlib
import json
import mailbox
import poplib
import unittest

from .harness import eventually, mail
from .pop3_test import SECRET, Pop3Test
from .shapes import LARGE, LONGEST_LINE, append, as_sent, stored

poplib._MAXLINE = 2 << 20  # lines are as long as they were sent


def digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


class Curl(Pop3Test):
    def curl(self, port: str, path: str, *options: object, mechanism: str = "PLAIN", secret: str = "", status: int = 0) -> bytes:
        """Without a mechanism it would choose CRAM-MD5, which most accounts have no secret for."""
        scheme = "pop3s" if port == "pop3s" else "pop3"
        done = self.quietly("curl", "--silent", "--show-error", "--cacert", self.stack["CA_FILE"], "--login-options", f"AUTH={mechanism}", "--user",
                            f"{self.reader.address}:{secret or self.reader.password}", f"{scheme}://{self.host}:{self.stack.port(port)}/{path}", *options)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def test_every_message_comes_as_it_was_sent(self):
        messages = self.fill([*self.shapes.values(), stored("longest line", LONGEST_LINE), stored("large", LARGE)])
        for number, message in enumerate(messages, start=1):
            with self.subTest(message[-200:]):
                self.assertEqual(digest(self.curl("pop3s", str(number))), digest(as_sent(message)))
        self.assertEqual(digest(self.curl("pop3", str(len(messages)), "--ssl-reqd")), digest(as_sent(messages[-1])))

    def test_lists_tops_and_deletes(self):
        self.fill([mail("a@elsewhere.test", self.reader.address, f"Number {number}", "One.\r\nTwo.\r\n") for number in (1, 2, 3)])
        self.assertEqual(len(self.curl("pop3s", "").splitlines()), 3)
        self.assertEqual(self.curl("pop3s", "", "--list-only"), self.curl("pop3s", ""))
        ids = self.curl("pop3s", "", "--request", "UIDL").splitlines()
        self.assertEqual(len({line.split()[1] for line in ids}), 3)
        top = self.curl("pop3s", "", "--request", "TOP 2 1")
        self.assertIn(b"Subject: Number 2\r\n", top)
        self.assertTrue(top.endswith(b"\r\n\r\nOne.\r\n"), top)
        self.curl("pop3s", "2", "--request", "DELE", "--head")  # --head: no lines follow
        left = self.curl("pop3s", "", "--request", "UIDL").splitlines()
        self.assertEqual([line.split()[1] for line in left], [ids[0].split()[1], ids[2].split()[1]])
        self.curl("pop3s", "", "--request", "STAT", "--head")
        self.curl("pop3s", "", "--request", "NOOP", "--head")
        self.curl("pop3s", "7", status=8)  # "weird server reply": -ERR

    def test_every_mechanism_that_is_offered(self):
        self.fill([mail("a@elsewhere.test", self.reader.address, "Here")])
        self.give_secrets()
        for mechanism, secret in (("PLAIN", ""), ("LOGIN", ""), ("CRAM-MD5", SECRET), ("+APOP", SECRET), ("*", SECRET)):
            for options in ((), ("--sasl-ir",)):
                for port, tls in (("pop3", ()), ("pop3", ("--ssl-reqd",)), ("pop3s", ())):
                    if port == "pop3s" and mechanism in ("+APOP", "*"):
                        continue  # no timestamp there
                    with self.subTest(mechanism=mechanism, port=port, options=options + tls):
                        got = self.curl(port, "1", *options, *tls, mechanism=mechanism, secret=secret)
                        self.assertIn(b"Subject: Here", got)
            self.curl("pop3", "1", mechanism=mechanism, secret="wrong", status=67)  # "login denied"


class Poplib(Pop3Test):
    def test_every_method(self):
        messages = self.fill()
        client = poplib.POP3(self.host, self.stack.port("pop3"), timeout=30)
        self.assertTrue(client.getwelcome().startswith(b"+OK "))
        self.assertIn("STLS", client.capa())
        self.assertTrue(client.stls(self.stack.tls()).startswith(b"+OK"))
        capabilities = client.capa()
        self.assertNotIn("STLS", capabilities)
        self.assertTrue({"TOP", "UIDL", "USER", "SASL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE"} <= set(capabilities))
        with self.assertRaises(poplib.error_proto):
            client.rpop(self.reader.address)  # of RFC 1460, and gone
        client.user(self.reader.address)
        client.pass_(self.reader.password)
        self.assertEqual(client.stat()[0], len(messages))
        _, sizes, _ = client.list()
        self.assertEqual(len(sizes), len(messages))
        self.assertEqual(client.list(3), b"+OK " + sizes[2])
        _, ids, _ = client.uidl()
        self.assertEqual(client.uidl(3), b"+OK " + ids[2])
        for number, (name, message) in enumerate(self.shapes.items(), start=1):
            with self.subTest(name):
                self.assertEqual(b"\r\n".join(client.retr(number)[1]) + b"\r\n", as_sent(message))
                header = as_sent(message).partition(b"\r\n\r\n")[0].rstrip(b"\r\n")
                self.assertEqual(b"\r\n".join(client.top(number, 0)[1]).rstrip(b"\r\n"), header)
        client.dele(1)
        client.dele(2)
        with self.assertRaises(poplib.error_proto):
            client.dele(2)
        for ask in (client.retr, client.list, client.uidl, lambda number: client.top(number, 1)):
            with self.assertRaises(poplib.error_proto):
                ask(1)
        self.assertEqual(client.stat()[0], len(messages) - 2)
        self.assertEqual([line.split()[0] for line in client.list()[1]], [b"%d" % n for n in range(3, len(messages) + 1)])
        self.assertEqual(client.uidl()[1], ids[2:])
        client.rset()
        self.assertEqual(client.uidl()[1], ids)
        client.noop()
        client.dele(4)
        client.quit()
        log = self.stack.data / "log" / "pop3d.log"
        closed = eventually(lambda: [line for line in log.read_text().splitlines() if "session.closed" in line and self.reader.address in line])
        self.assertLessEqual({"end": "quit", "messages": len(messages), "retrieved": len(messages), "deleted": 1}.items(), json.loads(closed[0]).items())
        client = self.stack.pop3(self.reader)
        self.assertEqual([line.split()[1] for line in client.uidl()[1]], [line.split()[1] for line in ids if not line.startswith(b"4 ")])
        client.dele(1)
        client.close()  # without QUIT
        self.assertEqual(self.left(), len(messages) - 1)

    def test_sizes_are_those_that_are_sent(self):
        """Of messages whose lines end in CRLF, as all that come by SMTP."""
        self.fill([message for message in self.shapes.values() if as_sent(message) == message])
        client = self.stack.pop3(self.reader)
        total = 0
        for line in client.list()[1]:
            number, size = map(int, line.split())
            self.assertEqual(len(b"\r\n".join(client.retr(number)[1]) + b"\r\n"), size)
            total += size
        self.assertEqual(client.stat()[1], total)
        client.quit()

    def test_1000_messages_are_fetched_and_deleted(self):
        messages = [stored(f"n{number}", b"\r\n.%d\r\n" % number) for number in range(1000)]
        append(self.stack, self.reader, messages)
        client = self.stack.pop3(self.reader)
        for number, message in enumerate(messages, start=1):
            self.assertEqual(b"\r\n".join(client.retr(number)[1]) + b"\r\n", message)
            client.dele(number)
        client.quit()
        self.assertEqual(self.left(), 0)


SCRIPT = r"""
use Mail::POP3Client;
my ($host, $port, $user, $mode, $tls, $folder) = @ARGV;
chomp(my $password = <STDIN>);
my $client = Mail::POP3Client->new(HOST => $host, PORT => $port, USER => $user, PASSWORD => $password, AUTH_MODE => $mode, USESSL => $tls);
die "login: " . $client->Message . "\n" unless $client->State eq "TRANSACTION";
my $count = $client->Count;
my @sizes = $client->ListArray;
my @ids = $client->Uidl;
die "lists: $#sizes, $#ids of $count\n" unless $#sizes == $count && $#ids == $count;
$client->NOOP or die $client->Message;
for my $number (1 .. $count) {
  open(my $file, ">", "$folder/$number") or die;
  $client->HeadAndBodyToFile($file, $number) or die $client->Message;
  close($file);
  die "Head: " . $client->Message unless $client->Head($number);
  $client->Delete($number) or die $client->Message;
}
$client->Reset or die $client->Message;
$client->Delete(1) or die $client->Message;
$client->Close or die "close\n";
"""


class Perl(Pop3Test):
    def perl(self, port: str, mode: str, secret: str) -> list[bytes]:
        folder = self.folder()
        done = self.quietly("perl", "-e", SCRIPT, self.host, self.stack.port(port), self.reader.address, mode, "1" if port == "pop3s" else "0", folder,
                            input=secret.encode() + b"\n", env={"PATH": "/usr/bin:/bin", "SSL_CERT_FILE": self.stack["CA_FILE"]})
        self.assertEqual(done.returncode, 0, done.stderr)
        return [path.read_bytes() for path in folder.iterdir()]

    def test_mail_pop3client_by_each_of_its_ways_to_log_in(self):
        self.give_secrets()
        messages = self.fill()
        for port, mode, secret in (("pop3", "PASS", self.reader.password), ("pop3s", "PASS", self.reader.password), ("pop3", "APOP", SECRET),
                                   ("pop3s", "CRAM-MD5", SECRET), ("pop3", "BEST", SECRET)):
            with self.subTest(port=port, mode=mode):
                self.assert_kept(self.perl(port, mode, secret), messages)
                messages.pop(0)
                self.assertEqual(self.left(), len(messages))


class Neomutt(Pop3Test):
    def test_it_copies_one_and_deletes_another(self):
        self.fill([mail("a@elsewhere.test", self.reader.address, f"Number {number}") for number in (1, 2, 3)])
        home = self.folder()
        configuration = home / "neomuttrc"
        configuration.write_text(f"""set pop_user = "{self.reader.address}"
set pop_pass = "{self.reader.password}"
set certificate_file = "{self.stack['CA_FILE']}"
set header_cache = ""
set spoolfile = "pops://{self.host}:{self.stack.port('pop3s')}/"
set folder = "{home}"
set mbox_type = mbox
set confirmappend = no
set confirmcreate = no
set copy = no
set delete = yes
set pop_delete = no
set quit = yes
set resolve = no
push "<first-entry><copy-message>{home}/kept<enter><last-entry><delete-message><sync-mailbox><quit>"
""")
        self.run_client("script", "-qec", f"neomutt -n -F {configuration}", "/dev/null",
                        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "xterm"})
        with contextlib.closing(mailbox.mbox(home / "kept", create=False)) as box:
            self.assertEqual([message["Subject"] for message in box], ["Number 1"])
        self.assertEqual(sorted(line for message in self.stack.messages(self.reader) for line in message.split(b"\r\n") if line.startswith(b"Subject")),
                         [b"Subject: Number 1", b"Subject: Number 2"])


if __name__ == "__main__":
    unittest.main()
