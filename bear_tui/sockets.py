"""Open sockets that any thread can cut, and that refuse private networks on request."""

import contextlib
import ipaddress
import socket
import ssl
import threading


class PrivateAddress(Exception):
    """A name whose address is this computer's or lies in a private network."""


class Sockets:
    """Open sockets, which `cut` shuts down while they connect, shake hands, wait or read."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def connect(
        self, host: str, port: int, timeout: float | None, public: bool = False
    ) -> socket.socket:
        """Return a socket that is connected to the first address of `host` that answers.

        `public`: raise PrivateAddress if any address is private. The name is looked up once, so
        a DNS server cannot answer the check and the connection differently. Raises OSError.
        """
        addresses = socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        if public:
            require_public(host, [str(address[0]) for *_, address in addresses])
        failure: OSError = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in addresses:
            connection = socket.socket(family, kind, protocol)
            try:
                self.add(connection)
                connection.settimeout(timeout)
                connection.connect(address)
                return connection
            except OSError as error:
                connection.close()
                # A cut makes `connect` raise BrokenPipeError, which urllib3 would ignore.
                failure = ConnectionAbortedError("stopped") if self.ended.is_set() else error
        raise failure

    def add(self, connection: socket.socket) -> None:
        """Let `cut` shut this socket down too. Raises ConnectionAbortedError after a cut."""
        with self._lock:
            if self.ended.is_set():
                raise ConnectionAbortedError("stopped")
            self._open = [known for known in self._open if known.fileno() >= 0]
            self._open.append(connection)

    def cut(self) -> None:
        """Shut all sockets down, and open no more."""
        with self._lock:
            self.ended.set()
            for connection in self._open:
                # Some were closed meanwhile. The `shutdown` of a TLS socket would first drop its
                # session, and a reading thread would get encrypted bytes.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def tls_context(self) -> ssl.SSLContext:
        """Return the system's TLS settings; `cut` ends a handshake too."""
        add = self.add

        class Socket(ssl.SSLSocket):
            def do_handshake(self, block: bool = False) -> None:
                add(self)
                super().do_handshake(block)

        context = ssl.create_default_context()
        context.sslsocket_class = Socket
        return context


def require_public(host: str, addresses: list[str]) -> None:
    """Raise PrivateAddress(host) unless all `addresses` are public."""
    for text in addresses:
        address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address):
            address = address.ipv4_mapped or address.sixtofour or address
        if not address.is_global or address.is_multicast:
            raise PrivateAddress(host)
