"""Mail for elsewhere: by way of the queue, an MX from a DNS server of the test's own, to Postfix's smtp-sink."""

import email
import os
import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from .dns_server import DnsServer
from .harness import StackTest, eventually, mail
from .ports import port_is_free
from .troubles import metric

TAKES, REFUSES = "127.0.0.1", "127.0.0.2"


def port_free_on_both() -> int:
    while True:
        with socket.socket() as probe:
            probe.bind((REFUSES, 0))
            port = probe.getsockname()[1]
        if port_is_free(port):
            return port


class Remote(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.dns = DnsServer(
            mail_hosts={"takes.test": "mx.takes.test", "refuses.test": "mx.refuses.test"},
            addresses={"mx.takes.test": TAKES, "mx.refuses.test": REFUSES})
        cls.addClassCleanup(cls.dns.close)
        cls.smtp_port = port_free_on_both()
        cls.settings = (f'dns.servers=["127.0.0.1:{cls.dns.port}"]', f"relayd.smtp_port={cls.smtp_port}", 'relayd.retry_schedule=["1s"]')
        cls.taken = Path(tempfile.mkdtemp(prefix="posthouse-sink-"))
        cls.taken.chmod(0o777)  # smtp-sink writes there as another user
        cls.addClassCleanup(shutil.rmtree, cls.taken)
        super().setUpClass()

    def setUp(self):
        self.sender = self.stack.account("sender")

    def sink(self, address: str, *options: str):
        as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = ["/usr/sbin/smtp-sink", *as_nobody, *options, f"{address}:{self.smtp_port}", "64"]
        process = subprocess.Popen(command, cwd=self.taken, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        eventually(lambda: self.listens(address))

    def listens(self, address: str) -> bool:
        try:
            socket.create_connection((address, self.smtp_port), timeout=1).close()
        except OSError:
            return False
        return True

    def send(self, *recipients: str, subject: str = "For elsewhere") -> bytes:
        octets = mail(self.sender.address, recipients[0], subject)
        with self.stack.smtp(self.sender) as client:
            client.sendmail(self.sender.address, list(recipients), octets)
        return octets

    def taken_with(self, subject: str) -> str:
        for file in self.taken.iterdir():
            if f"Subject: {subject}\n" in (text := file.read_text().replace("\r\n", "\n")):
                return text
        return ""

    def test_reaches_the_mail_exchanger(self):
        self.sink(TAKES, "-d", "%M.")
        octets = self.send("friend@takes.test", subject="Reaches")
        text = eventually(lambda: self.taken_with("Reaches"))
        self.assertIn("X-Rcpt-Args: <friend@takes.test>", text)
        self.assertIn(f"X-Mail-Args: <{self.sender.address}>", text)
        self.assertIn("A body.\n", text)
        self.assertIn(octets.decode().replace("\r\n", "\n").splitlines()[4], text)
        self.assertIn(("takes.test", 15), self.dns.questions)

    def test_local_and_remote_recipients_of_one_mail(self):
        self.sink(TAKES, "-d", "%M.")
        reader = self.stack.account("reader")
        self.send(reader.address, "friend@takes.test", subject="Both ways")
        eventually(lambda: self.taken_with("Both ways"))
        self.assertEqual(len(self.stack.wait_for_mail(reader)), 1)

    def test_a_refused_recipient_comes_back_as_a_report(self):
        self.sink(REFUSES, "-f", "RCPT")
        self.send("stranger@refuses.test", subject="Comes back")
        self.check_report("stranger@refuses.test")

    def test_a_domain_that_does_not_exist_comes_back_as_a_report(self):
        self.send("stranger@nowhere.test", subject="Comes back")
        self.check_report("stranger@nowhere.test")

    def check_report(self, recipient: str):
        (octets,) = self.stack.wait_for_mail(self.sender)
        self.assertTrue(octets.startswith(b"Return-Path: <>\r\n"), octets[:100])
        report = email.message_from_bytes(octets)
        self.assertEqual(report.get_content_type(), "multipart/report")
        self.assertEqual(report.get_param("report-type"), "delivery-status")
        status = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status").as_string()
        self.assertIn("Action: failed", status)
        self.assertRegex(status, r"Status: 5\.\d+\.\d+")
        self.assertIn(f"rfc822;{recipient}", status.replace("; ", ";"))
        self.assertIn("Subject: Comes back", octets.decode())

    def test_waits_in_the_queue_while_the_other_side_is_down(self):
        before = self.refused_connections()
        self.send("friend@takes.test", subject="Waits")
        eventually(lambda: self.refused_connections() > before)
        self.assertEqual(self.taken_with("Waits"), "")
        self.sink(TAKES, "-d", "%M.")
        eventually(lambda: self.taken_with("Waits"))

    def refused_connections(self) -> float:
        return metric(self.stack, "relayd", "posthouse_delivery_attempts_total", 'result="connect_error"')


if __name__ == "__main__":
    unittest.main()
