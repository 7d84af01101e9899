"""A Kerberos realm of a test's own: a KDC on loopback, principals, keytabs and tickets in one folder; and a client of GSS-API that can misbehave."""

import ctypes
import os
import shutil
import socket
import subprocess
import tempfile
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint32, c_void_p
from pathlib import Path

from .harness import eventually
from .ports import free_ports

REALM = "EXAMPLE.TEST"
HOST = "localhost"
PASSWORD = "ticket please"


class Realm:
    def __init__(self, *services: str):
        """services: "imap" and so on, of which the keytab gets keys."""
        self.folder = Path(tempfile.mkdtemp(prefix="posthouse-realm-"))
        self.folder.chmod(0o755)
        self.keytab = self.folder / "mail.keytab"
        self.replays = self.folder / "replays"  # for whoever accepts tickets
        self.replays.mkdir()
        self.replays.chmod(0o1777)
        self.port = free_ports(1)[0]
        self.kdc: subprocess.Popen | None = None
        self.environment = {**os.environ, "KRB5_CONFIG": str(self.folder / "krb5.conf"), "KRB5_KDC_PROFILE": str(self.folder / "kdc.conf")}
        (self.folder / "krb5.conf").write_text(f"""
[libdefaults]
  default_realm = {REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
[realms]
  {REALM} = {{
    kdc = 127.0.0.1:{self.port}
  }}
[domain_realm]
  {HOST} = {REALM}
""")
        (self.folder / "kdc.conf").write_text(f"""
[kdcdefaults]
  kdc_listen = 127.0.0.1:{self.port}
  kdc_tcp_listen = 127.0.0.1:{self.port}
[realms]
  {REALM} = {{
    database_name = {self.folder}/principal
    key_stash_file = {self.folder}/stash
    acl_file = {self.folder}/acl
    max_life = 1h
  }}
[logging]
  kdc = FILE:{self.folder}/kdc.log
""")
        self.run("kdb5_util", "create", "-s", "-P", "master", "-r", REALM)
        for service in services:
            self.add_service(f"{service}/{HOST}")
        self.start()

    def run(self, *command: object) -> None:
        done = subprocess.run(list(map(str, command)), env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode != 0 or " while " in done.stderr:  # kadmin.local fails with status 0
            raise AssertionError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")

    def administer(self, query: str) -> None:
        self.run("kadmin.local", "-r", REALM, "-q", query)

    def add_service(self, principal: str) -> None:
        self.administer(f"addprinc -randkey {principal}")
        self.extract_key(principal)

    def extract_key(self, principal: str) -> None:
        """Into the keytab, as it is in the database now."""
        self.administer(f"ktadd -norandkey -k {self.keytab} {principal}")
        self.keytab.chmod(0o644)  # the programs may run as another user

    def change_key(self, principal: str) -> None:
        """The keytab does not get it."""
        self.administer(f"cpw -randkey {principal}")

    def add_user(self, name: str) -> str:
        self.administer(f'addprinc -pw "{PASSWORD}" {name}')
        return f"{name}@{REALM}"

    def ticket(self, name: str) -> dict[str, str]:
        """The environment of a client that has a fresh ticket of this user's."""
        cache = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder)) / "tickets"
        environment = {**self.environment, "KRB5CCNAME": f"FILE:{cache}"}
        subprocess.run(["kinit", name], input=PASSWORD, env=environment, capture_output=True, text=True, timeout=60, check=True)
        return environment

    def start(self) -> None:
        self.kdc = subprocess.Popen(["krb5kdc", "-n", "-r", REALM], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(self.answers)

    def answers(self) -> bool:
        if self.kdc.poll() is not None:
            raise AssertionError("the KDC does not start: " + (self.folder / "kdc.log").read_text())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.kdc.kill()
        self.kdc.wait()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)


class Buffer(ctypes.Structure):
    _fields_ = [("length", c_size_t), ("value", c_void_p)]

    @classmethod
    def of(cls, octets: bytes) -> "Buffer":
        holder = ctypes.create_string_buffer(octets, len(octets))
        buffer = cls(len(octets), ctypes.cast(holder, c_void_p))
        buffer.holder = holder
        return buffer


class Oid(ctypes.Structure):
    _fields_ = [("length", c_uint32), ("elements", c_void_p)]


class Element(ctypes.Structure):
    _fields_ = [("key", c_char_p), ("value", c_char_p)]


class Store(ctypes.Structure):
    _fields_ = [("count", c_uint32), ("elements", POINTER(Element))]


class Bindings(ctypes.Structure):
    _fields_ = [("initiator_type", c_uint32), ("initiator", Buffer), ("acceptor_type", c_uint32), ("acceptor", Buffer), ("data", Buffer)]


MUTUAL, REPLAY, SEQUENCE, CONFIDENTIALITY, INTEGRITY, DCE_STYLE = 2, 4, 8, 16, 32, 0x1000
INITIATE = 1


class Initiator:
    """A client's security context, step by step."""

    def __init__(self, environment: dict[str, str], service: str, host: str = HOST, flags: int = MUTUAL | INTEGRITY, bindings: bytes = b""):
        os.environ["KRB5_CONFIG"] = environment["KRB5_CONFIG"]  # the library knows no other way
        self.library = ctypes.CDLL("libgssapi_krb5.so.2")
        self.flags = flags
        self.context = c_void_p()
        self.bindings = Bindings(data=Buffer.of(bindings)) if bindings else None
        self.name = c_void_p()
        host_based = c_void_p.in_dll(self.library, "GSS_C_NT_HOSTBASED_SERVICE")
        self.call("gss_import_name", byref(Buffer.of(f"{service}@{host}".encode())), host_based, byref(self.name))
        self.credential = c_void_p()
        store = Store(1, (Element * 1)(Element(b"ccache", environment["KRB5CCNAME"].encode())))
        self.call("gss_acquire_cred_from", None, c_uint32(0), None, c_int(INITIATE), byref(store), byref(self.credential), None, None)

    def call(self, function: str, *arguments) -> int:
        minor = c_uint32()
        getattr(self.library, function).restype = c_uint32
        major = getattr(self.library, function)(byref(minor), *arguments)
        if major >> 16:
            raise AssertionError(f"{function}: {major:#x} {minor.value}")
        return major

    def step(self, token: bytes = b"") -> bytes:
        """The token for the acceptor, who sent this one."""
        output = Buffer()
        kerberos = POINTER(Oid).in_dll(self.library, "gss_mech_krb5")
        bindings = byref(self.bindings) if self.bindings else None
        self.call("gss_init_sec_context", self.credential, byref(self.context), self.name, kerberos, c_uint32(self.flags), c_uint32(0), bindings,
                  byref(Buffer.of(token)), None, byref(output), None, None)
        return self.octets(output)

    def wrap(self, message: bytes) -> bytes:
        output = Buffer()
        self.call("gss_wrap", self.context, c_int(0), c_uint32(0), byref(Buffer.of(message)), None, byref(output))
        return self.octets(output)

    def unwrap(self, token: bytes) -> bytes:
        output = Buffer()
        self.call("gss_unwrap", self.context, byref(Buffer.of(token)), byref(output), None, None)
        return self.octets(output)

    def octets(self, buffer: Buffer) -> bytes:
        octets = ctypes.string_at(buffer.value, buffer.length) if buffer.length else b""
        self.call("gss_release_buffer", byref(buffer))
        return octets
