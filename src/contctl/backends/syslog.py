"""A copy of every audit record for syslog, for where the log is kept out of reach of this machine's
users: a Unix datagram socket such as /dev/log, which journald reads too, or UDP.

The standard library's SysLogHandler is not used: where the receiver does not keep up it would wait
for it, and importing logging takes longer than sending.
"""

import json
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict

from contctl.core.domain.audit import AuditEntry
from contctl.core.domain.settings import SyslogAddress
from contctl.core.ports import AuditLog

PRIORITY = 10 * 8 + 6
"""Facility authpriv, severity informational (RFC 5424, section 6.2.1; syslog.h)."""


class SyslogAuditLog:
    """Another AuditLog whose appended records are copied to `address`. A copy that fails changes
    nothing, and none is waited for."""

    def __init__(self, log: AuditLog, address: SyslogAddress) -> None:
        self._log = log
        self._address = address
        self.page = log.page
        self.last = log.last
        self.chain = log.chain
        self.links = log.links
        self.rotate = log.rotate

    def append(self, entry: AuditEntry) -> int:
        """Write `entry` to the log, and then its copy."""
        number = self._log.append(entry)
        self._copy([number], [entry])
        return number

    def append_all(self, entries: Sequence[AuditEntry]) -> Sequence[int]:
        """Write `entries` to the log, and then their copies."""
        numbers = self._log.append_all(entries)
        self._copy(numbers, entries)
        return numbers

    def _copy(self, numbers: Sequence[int], entries: Sequence[AuditEntry]) -> None:
        with suppress(OSError):
            for number, entry in zip(numbers, entries, strict=True):
                self._send(message(number, entry))

    def _send(self, data: bytes) -> None:
        with socket.socket(self._family(), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
            sender.sendto(data, self._address)

    def _family(self) -> int:
        if isinstance(self._address, str):
            return socket.AF_UNIX
        return socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET


def message(number: int, entry: AuditEntry) -> bytes:
    """A record as a BSD syslog message (RFC 3164): one line of printable ASCII."""
    text = json.dumps({"number": number, **asdict(entry)}, separators=(",", ":"))
    return f"<{PRIORITY}>contctl[{os.getpid()}]: {text}".encode("ascii")
