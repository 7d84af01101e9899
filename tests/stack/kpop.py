"""A client of KPOP that can misbehave: libkrb5's AP-REQ, and the framing of krb5_sendauth by hand."""

import ctypes
import os
import poplib
import socket
from ctypes import POINTER, byref, c_char_p, c_int32, c_uint, c_uint32, c_void_p

from . import kerberos

VERSION = b"KRB5_SENDAUTH_V1.0\0"
APPLICATION = b"KPOPV1.0\0"
MUTUAL = 0x20000000


class Data(ctypes.Structure):
    _fields_ = [("magic", c_int32), ("length", c_uint), ("data", c_void_p)]

    @property
    def octets(self) -> bytes:
        return ctypes.string_at(self.data, self.length) if self.length else b""


class Error(ctypes.Structure):
    """krb5_error"""

    _fields_ = [("magic", c_int32), ("ctime", c_int32), ("cusec", c_int32), ("susec", c_int32), ("stime", c_int32), ("error", c_uint32),
                ("client", c_void_p), ("server", c_void_p), ("text", Data), ("e_data", Data)]


class Ticket:
    """One AP-REQ of a client's, and what it knows to check the answer by."""

    def __init__(self, environment: dict[str, str], service: str = "pop", host: str = kerberos.HOST, options: int = MUTUAL, ahead: int = 0):
        """ahead: seconds that the client's clock is."""
        os.environ["KRB5_CONFIG"] = environment["KRB5_CONFIG"]  # the library knows no other way
        self.library = ctypes.CDLL("libkrb5.so.3")
        self.context = c_void_p()
        self.call("krb5_init_context", byref(self.context), first=())
        cache = c_void_p()
        self.call("krb5_cc_resolve", environment["KRB5CCNAME"].encode(), byref(cache))
        if ahead:
            seconds, microseconds = c_int32(), c_int32()
            self.call("krb5_us_timeofday", byref(seconds), byref(microseconds))
            self.call("krb5_set_real_time", c_int32(seconds.value + ahead), microseconds)
        self.exchange = c_void_p()
        request = Data()
        self.call("krb5_mk_req", byref(self.exchange), c_int32(options), c_char_p(service.encode()), c_char_p(host.encode()), None, cache, byref(request))
        self.request = request.octets

    def call(self, function: str, *arguments, first: tuple | None = None) -> None:
        if code := self.attempt(function, *arguments, first=first):
            raise AssertionError(f"{function}: {code}")

    def attempt(self, function: str, *arguments, first: tuple | None = None) -> int:
        called = getattr(self.library, function)
        called.restype = c_int32
        return called(*((self.context,) if first is None else first), *arguments)

    def data(self, octets: bytes) -> Data:
        self.held = ctypes.create_string_buffer(octets, len(octets))
        return Data(0, len(octets), ctypes.cast(self.held, c_void_p))

    def trusts(self, reply: bytes) -> bool:
        """Whether this AP-REP is of who could read the AP-REQ."""
        return self.attempt("krb5_rd_rep", self.exchange, byref(self.data(reply)), byref(c_void_p())) == 0

    def error(self, reply: bytes) -> tuple[int, str]:
        """The code and the text of a KRB-ERROR."""
        error = POINTER(Error)()
        self.call("krb5_rd_error", byref(self.data(reply)), byref(error))
        return error.contents.error, error.contents.text.octets.rstrip(b"\0").decode()


def message(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets


class Kpop:
    """One connection, before POP3 begins."""

    def __init__(self, connection: socket.socket):
        self.socket = connection
        self.file = connection.makefile("rb")

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def versions(self, version: bytes = VERSION, application: bytes = APPLICATION) -> bytes:
        """The server's answer to them."""
        self.send(message(version) + message(application))
        return self.file.read(1)

    def message(self) -> bytes:
        length = self.file.read(4)
        return self.file.read(int.from_bytes(length, "big"))

    def show(self, request: bytes) -> bytes:
        """A KRB-ERROR, or nothing if the ticket was good."""
        if self.versions() != b"\0":
            raise AssertionError("the versions were refused")
        self.send(message(request))
        return self.message()

    def rest(self) -> bytes:
        """All that comes until the server hangs up."""
        try:
            return self.file.read()
        except ConnectionResetError:
            return b""

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def pop3(self) -> poplib.POP3:
        """From the greeting on."""

        class Client(poplib.POP3):
            def __init__(client):  # noqa: N805: what POP3 does after it has connected
                client.host, client.port = "", 0
                client.sock, client.file = self.socket, self.file
                client._tls_established = False
                client._debugging = 0
                client.welcome = client._getresp()

        return Client()
