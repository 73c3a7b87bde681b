"""Standard input on its way to a process."""

import threading
from io import BufferedIOBase

from contctl.commands.container.detach_keys import DEFAULT, DetachKeys, parse_detach_keys
from contctl.core.api import Duplex
from contctl.core.errors import ContctlError

_READ = 65536
_LAST_SECONDS = 5.0
"""How long leaving may take: the audit log is told of it."""


class Typed:
    """Sends standard input on a thread of its own, since a read of it cannot be ended.

    keys: those that leave a process with a terminal; None and empty for docker's own.
    ContctlError USAGE for keys that are none.
    """

    def __init__(
        self, stdin: BufferedIOBase, duplex: Duplex, keys: str | None, *, tty: bool
    ) -> None:
        self._stdin = stdin
        self._duplex = duplex
        self._keys = DetachKeys(parse_detach_keys(keys or DEFAULT)) if tty else None
        self._left = False
        self._error: ContctlError | None = None
        self._thread = threading.Thread(target=self._send, daemon=True)

    def start(self) -> None:
        """Begin to send, until the end of the input or the detach keys."""
        self._thread.start()

    @property
    def left(self) -> bool:
        """Whether the detach keys were typed; the duplex is closed then, which wakes its reader.
        Raises the error of closing it."""
        if self._left:
            self._thread.join(_LAST_SECONDS)
        if self._error is not None:
            raise self._error
        return self._left

    def _send(self) -> None:
        try:
            self._pass_on()
        except ContctlError as error:
            # A connection that is cut is the reader's to tell.
            self._error = error if self._left else None

    def _pass_on(self) -> None:
        while data := self._read():
            if self._keys is not None:
                data, self._left = self._keys.feed(data)
            self._duplex.write(data)
            if self._left:
                self._duplex.close()
                return
        self._duplex.close_write()

    def _read(self) -> bytes:
        try:
            return self._stdin.read1(_READ)
        except OSError:  # a terminal that has vanished has nothing more to say
            return b""
