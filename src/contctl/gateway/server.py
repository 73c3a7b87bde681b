"""The process that serves: connections accepted and counted, signals, an end in good order."""

from __future__ import annotations

import asyncio
import logging
import select
import signal
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from email.utils import formatdate
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.callers import UNKNOWN_UID, Peer
from contctl.gateway.limits import Limits, peer_key
from contctl.gateway.listening import Listener, notify
from contctl.gateway.protocol import HttpProtocol, Link, WebSocketProtocol, refusal

_LOGGER = logging.getLogger("contctl.gateway.server")
_SWEEP = 0.5
"""Seconds between two looks at all connections."""
_LAST = 5.0
"""Seconds that streams have to send their last frame, and the application to end."""
_TLS_SHUTDOWN = 5.0
_BACKLOG_PAUSE = 0.1

_FULL = ContctlError(
    ErrorCode.UNAVAILABLE,
    "the gateway has no connection left for you",
    hint="end some of your commands, or try again later",
    details={"reason": "busy"},
)


class Server:
    """Serves one ASGI application on listeners until it is stopped.

    end_streams: tells the application to end every running stream with an error; any thread.
    """

    def __init__(
        self,
        app: Any,
        limits: Limits,
        listeners: Sequence[Listener],
        end_streams: Callable[[ContctlError], None],
    ) -> None:
        self._limits = limits
        self._listeners = listeners
        self._end_streams = end_streams
        self._config = Config(
            app,
            http=HttpProtocol,
            ws=WebSocketProtocol,
            ws_max_size=limits.body_bytes + 5,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="auto",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=limits.idle_seconds,
            h11_max_incomplete_event_size=limits.head_bytes,
        )
        self._state = ServerState()
        self._peers: Counter[str] = Counter()
        self._refused = 0
        self._beginning: set[asyncio.Task[None]] = set()
        self._signalled: int | None = None
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._at_once = False

    def run(self) -> int:
        """Serve until SIGTERM, SIGINT or `stop`; the exit code of the process: 0, or 128 and the
        number of a second signal, which ends at once what still runs."""
        asyncio.set_event_loop(self._loop)
        try:
            return self._loop.run_until_complete(self._serve())
        finally:
            asyncio.set_event_loop(None)
            self._loop.close()

    def stop(self) -> None:
        """Begin to stop, from any thread; nothing where it has stopped."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _serve(self) -> int:
        self._listen_to_signals()
        self._config.load()
        lifespan = self._config.lifespan_class(self._config)
        await lifespan.startup()
        if lifespan.should_exit:
            raise ContctlError(ErrorCode.FAILED, "the gateway's application could not begin")
        running = [
            self._loop.create_task(coroutine)
            for coroutine in (
                self._sweep(),
                *(self._accept(listener, lifespan.state) for listener in self._listeners),
            )
        ]
        where = [listener.address for listener in self._listeners]
        _LOGGER.info("serving", extra={"addresses": where})
        notify("READY=1")
        await self._stopping.wait()
        notify("STOPPING=1")
        _LOGGER.info("stopping", extra={"connections": len(self._state.connections)})
        for listener, task in zip(self._listeners, running[1:], strict=True):
            task.cancel()
            listener.close()
        await self._end()
        running[0].cancel()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(lifespan.shutdown(), 0 if self._at_once else _LAST)
        _LOGGER.info("stopped")
        return 128 + self._signalled if self._at_once and self._signalled else 0

    def _listen_to_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._on_signal, number)
        self._loop.add_signal_handler(
            signal.SIGHUP, _LOGGER.info, "ignored SIGHUP: a restart reads the configuration anew"
        )

    def _on_signal(self, number: int) -> None:
        self._at_once = self._stopping.is_set()
        self._signalled = number
        self._stopping.set()

    async def _end(self) -> None:
        """Let answers and streams end; then make them."""
        for connection in list(self._state.connections):
            # A WebSocket's own shutdown would cut a running process off at once.
            if isinstance(connection, HttpProtocol):
                connection.shutdown()
        if not await self._all_ended(self._limits.stop_seconds):
            self._end_streams(ContctlError(ErrorCode.UNAVAILABLE, "the gateway is stopping"))
            await self._all_ended(_LAST)
        for connection in list(self._state.connections):
            connection.transport.abort()
        left = [*self._state.tasks, *self._beginning]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=0.1 if self._at_once else 1)

    async def _all_ended(self, seconds: float) -> bool:
        deadline = self._loop.time() + seconds
        while self._state.connections or self._state.tasks:
            if self._at_once or self._loop.time() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def _accept(self, listener: Listener, app_state: dict[str, Any]) -> None:
        listener.socket.setblocking(False)
        while True:
            try:
                accepted, _ = await self._loop.sock_accept(listener.socket)
                peer = peer_of(accepted)
            except OSError as error:
                # It is gone already, or this process has no descriptor left.
                _LOGGER.warning("cannot accept", extra={"reason": error.strerror})
                await asyncio.sleep(_BACKLOG_PAUSE)
                continue
            link = self._admit(peer)
            if link is None:
                _turn_away(accepted, listener.tls)
            else:
                task = self._loop.create_task(self._begin(accepted, link, listener.tls, app_state))
                self._beginning.add(task)
                task.add_done_callback(self._beginning.discard)
            await asyncio.sleep(0)

    def _admit(self, peer: Peer) -> Link | None:
        """Count a connection; None where it is one too many."""
        key = peer_key(peer)
        limits = self._limits
        all_of_them = self._peers.total()
        if all_of_them >= limits.connections or self._peers[key] >= limits.connections_per_peer:
            self._refused += 1
            return None
        self._peers[key] += 1

        def forget() -> None:
            self._peers[key] -= 1
            if not self._peers[key]:
                del self._peers[key]

        return Link(peer, limits, forget)

    async def _begin(
        self,
        accepted: socket.socket,
        link: Link,
        tls: ssl.SSLContext | None,
        app_state: dict[str, Any],
    ) -> None:
        try:
            await self._loop.connect_accepted_socket(
                lambda: HttpProtocol(self._config, self._state, app_state, link),
                accepted,
                ssl=tls,
                ssl_handshake_timeout=self._limits.head_seconds if tls else None,
                ssl_shutdown_timeout=_TLS_SHUTDOWN if tls else None,
            )
        except (OSError, asyncio.CancelledError):
            # Among them SSLError and the time-out of a handshake.
            accepted.close()
            link.gone()

    async def _sweep(self) -> None:
        """End what has taken too long, again and again."""
        while True:
            date = formatdate(usegmt=True).encode("ascii")
            self._state.default_headers = [(b"date", date)]
            for connection in list(self._state.connections):
                if isinstance(connection, HttpProtocol | WebSocketProtocol):
                    try:
                        connection.sweep()
                    except Exception:
                        # One connection's trouble must not keep the deadlines of the others.
                        _LOGGER.exception("bug")
                        connection.transport.abort()
            self._end_vanished()
            if self._refused:
                _LOGGER.warning("refused connections", extra={"refused": self._refused})
                self._refused = 0
            await asyncio.sleep(_SWEEP)

    def _end_vanished(self) -> None:
        """End connections whose peer has gone while nothing was read from it, which nobody else
        would notice before something is written."""
        poll = select.poll()
        unread: dict[int, Any] = {}
        for connection in self._state.connections:
            transport = connection.transport
            if not transport.is_closing() and not transport.is_reading():
                descriptor = transport.get_extra_info("socket").fileno()
                unread[descriptor] = transport
                poll.register(descriptor, select.POLLRDHUP)
        for descriptor, _ in poll.poll(0) if unread else ():
            unread[descriptor].abort()


def peer_of(accepted: socket.socket) -> Peer:
    """Who connected: by SO_PEERCRED on a Unix socket (unix(7)), elsewhere the address. OSError if
    it is gone already."""
    if accepted.family == socket.AF_UNIX:
        format_ = "3i"
        found = accepted.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize(format_))
        return Peer(struct.unpack(format_, found)[1], "unix")
    address = str(accepted.getpeername()[0])
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)
    return Peer(UNKNOWN_UID, address)


def _turn_away(accepted: socket.socket, tls: ssl.SSLContext | None) -> None:
    """Say why where that costs nothing: with TLS it would take a handshake."""
    with accepted, suppress(OSError):
        if tls is None:
            accepted.send(refusal(_FULL))
