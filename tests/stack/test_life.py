"""How the stack lives: starts again, survives kills, tells how it is, and mailctl answers with the right status."""

import json
import os
import signal
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from .harness import BUILD, ROOT, StackTest, eventually, mail

PROGRAMS = ("accountd", "filterd", "imapd", "lmtp-delivery", "pop3d", "relayd", "smtpd")


class Life(StackTest):
    def get(self, program: str, path: str) -> str:
        port = self.stack.port(f"{program.replace('-', '_')}_admin")
        with urllib.request.urlopen(f"http://{self.stack['HOST']}:{port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def is_ready(self, program: str) -> bool:
        try:
            self.get(program, "/readyz")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def test_every_program_tells_how_it_is(self):
        for program in PROGRAMS:
            with self.subTest(program):
                self.get(program, "/healthz")
                self.get(program, "/readyz")
                metrics = self.get(program, "/metrics")
                for series in ("posthouse_build_info{", "posthouse_ready ", "process_resident_memory_bytes", "process_open_fds"):
                    self.assertIn(series, metrics)

    def test_metrics_count_what_happens(self):
        reader = self.stack.account("reader")
        with self.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [reader.address], mail("someone@elsewhere.test", reader.address))
        self.assertRegex(self.get("smtpd", "/metrics"), r'posthouse_smtp_messages_total\{[^}]*result="accepted"[^}]*\} [1-9]')
        self.assertRegex(self.get("lmtp-delivery", "/metrics"), r'posthouse_lmtp_recipients_total\{[^}]*result="delivered"[^}]*\} [1-9]')
        self.assertRegex(self.get("filterd", "/metrics"), r"posthouse_filter_scans_total\{[^}]*\} [1-9]")

    def test_logs_are_json_lines(self):
        for program in PROGRAMS:
            with self.subTest(program):
                line = (self.stack.data / "log" / f"{program}.log").read_text().splitlines()[0]
                self.assertLessEqual({"ts", "level", "service", "event"}, json.loads(line).keys())

    def test_programs_run_without_privileges(self):
        if os.geteuid() != 0:
            self.skipTest("the programs drop privileges only if they are started with some")
        for program in (*PROGRAMS, "postgres"):
            self.assertNotEqual(os.stat(f"/proc/{self.stack.pid(program)}").st_uid, 0, program)

    def test_only_the_owner_may_administer(self):
        self.assertEqual(os.stat(self.stack.data / "run" / "rpc").st_mode & 0o777, 0o700)

    def test_a_killed_program_is_started_again_and_serves(self):
        for program in (*PROGRAMS, "postgres"):
            with self.subTest(program):
                before = self.stack.pid(program)
                os.kill(before, signal.SIGKILL)
                died = time.monotonic()
                eventually(lambda: self.pid_other_than(program, before))
                self.assertLess(time.monotonic() - died, 10.0)
        for program in PROGRAMS:
            eventually(lambda: self.is_ready(program))
        eventually(lambda: self.stack.mailctl("user", "list").returncode == 0)  # PostgreSQL recovers
        reader = self.stack.account("survivor")
        with self.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [reader.address], mail("someone@elsewhere.test", reader.address))
        self.assertEqual(len(self.stack.wait_for_mail(reader)), 1)
        supervisor = (self.stack.data / "log" / "supervisor.log").read_text()
        for program in (*PROGRAMS, "postgres"):
            self.assertIn(f"{program} ended (signal SIGKILL)", supervisor)

    def pid_other_than(self, program: str, before: int) -> bool:
        try:
            return self.stack.pid(program) not in (before, 0)
        except (FileNotFoundError, ValueError):  # between two lives
            return False

    def test_a_second_start_is_refused_while_the_first_runs(self):
        done = self.stack.up()
        self.assertEqual(done.returncode, 1)
        self.assertIn("scripts/down", done.stderr)
        self.assertTrue((self.stack.data / "stack.env").exists())

    def test_a_later_start_uses_what_the_first_left(self):
        reader = self.stack.account("keeper")
        with self.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [reader.address], mail("someone@elsewhere.test", reader.address))
        before = dict(self.stack.environment)
        messages = self.stack.wait_for_mail(reader)
        pids = [self.stack.pid(program) for program in PROGRAMS]
        self.assertEqual(self.stack.down().returncode, 0)
        self.assertFalse((self.stack.data / "stack.env").exists())
        for pid in pids:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
        done = self.stack.up()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.stack.read_environment()
        self.assertEqual(self.stack.environment, before)
        self.assertEqual(self.stack.messages(reader), messages)

    def test_mailctl_answers_with_the_status_that_scripts_rely_on(self):
        user = self.stack.account("user")
        unknown = "nobody@mail.test"
        for status, arguments in (
            (0, ("domain", "list")),
            (0, ("user", "list")),
            (0, ("quota", "get", user.address)),
            (0, ("doctor",)),
            (2, ("no-such-noun",)),
            (2, ("user", "add")),
            (3, ("quota", "get", unknown)),
            (4, ("domain", "add", "mail.test")),
        ):
            with self.subTest(" ".join(arguments)):
                done = self.stack.mailctl(*arguments)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        again = self.stack.mailctl("user", "add", user.address, "--password-stdin", secret="secret")
        self.assertEqual(again.returncode, 4, again.stderr)
        self.assertIsInstance(json.loads(self.stack.mailctl("-o", "json", "user", "list").stdout), (list, dict))

    def test_a_misspelt_setting_stops_the_start_with_its_line(self):
        broken = self.folder() / "posthouse.toml"
        broken.write_text((self.stack.data / "posthouse.toml").read_text().replace("[smtpd]", "[smtpd]\nmax_mesage_size = \"1MiB\""))
        done = subprocess.run([BUILD / "bin/smtpd", "--config", broken, "--check-config"], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr + done.stdout, r"posthouse\.toml:\d+:\d+: .*max_mesage_size")

    def test_the_configurations_that_we_ship_are_good(self):
        tls = [f"{section}.{key}={self.stack.data}/tls/{key}.pem" for section in ("tls", "grpc") for key in ("certificate", "key")]
        tls.append(f"grpc.ca_file={self.stack['CA_FILE']}")
        for file in ("deploy/posthouse.example.toml", "docker/posthouse.toml"):
            for program in PROGRAMS:
                with self.subTest(f"{program} {file}"):
                    overrides = [word for setting in tls for word in ("-o", setting)]
                    self.run_client(BUILD / "bin" / program, "--config", ROOT / file, *overrides, "--check-config")


if __name__ == "__main__":
    unittest.main()
