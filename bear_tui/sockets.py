"""Sockets that another thread may cut, and that refuse private networks where they are told to."""

import contextlib
import ipaddress
import socket
import ssl
import threading


class PrivateAddress(Exception):
    """A name leads to this computer or into its network."""


class Sockets:
    """Open sockets, which `cut` shuts down while they connect, greet, wait or read."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def connect(
        self, host: str, port: int, timeout: float | None, public: bool = False
    ) -> socket.socket:
        """Return a socket to the first address of `host` that answers.

        `public`: raise PrivateAddress where any address is private. The name is looked up once, so
        that no later answer of its DNS server leads elsewhere. Raises OSError as sockets do.
        """
        addresses = socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        if public:
            require_public(host, [str(address[0]) for *_, address in addresses])
        failure: OSError = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in addresses:
            made = socket.socket(family, kind, protocol)
            try:
                self.add(made)
                made.settimeout(timeout)
                made.connect(address)
                return made
            except OSError as error:
                made.close()
                # A cut breaks the pipe of a connect, which urllib3 takes for an answer.
                failure = ConnectionAbortedError("stopped") if self.ended.is_set() else error
        raise failure

    def add(self, added: socket.socket) -> None:
        """Have `cut` end this one too. Raises ConnectionAbortedError after a cut."""
        with self._lock:
            if self.ended.is_set():
                raise ConnectionAbortedError("stopped")
            self._open = [known for known in self._open if known.fileno() >= 0]
            self._open.append(added)

    def cut(self) -> None:
        """Shut all of them down; no new one will open."""
        with self._lock:
            self.ended.set()
            for known in self._open:
                # Some closed meanwhile. A TLS socket's own `shutdown` first forgets its session,
                # and a thread that reads would get encrypted bytes.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(known, socket.SHUT_RDWR)

    def tls_context(self) -> ssl.SSLContext:
        """Return the system's rules for TLS; sockets are known before the server greets them."""
        add = self.add

        class Socket(ssl.SSLSocket):
            def do_handshake(self, block: bool = False) -> None:
                add(self)
                super().do_handshake(block)

        context = ssl.create_default_context()
        context.sslsocket_class = Socket
        return context


def require_public(host: str, addresses: list[str]) -> None:
    """Raise PrivateAddress, with `host`, unless the whole web can reach all `addresses`."""
    for text in addresses:
        address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address):
            address = address.ipv4_mapped or address.sixtofour or address
        if not address.is_global or address.is_multicast:
            raise PrivateAddress(host)
