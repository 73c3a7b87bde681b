"""The composition root: the one module that sees all layers. It builds each part on first use."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from contctl.commands.app import App, GlobalOptions
from contctl.commands.output.terminal import system_terminal
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.places import PlacesOfThisUser
    from contctl.backends.sqlite.connection import Database
    from contctl.core.api import Contctl, Contexts, GatewayInstaller
    from contctl.core.domain.ci_tokens import GivenToken
    from contctl.core.domain.gateway_settings import GatewaySettings
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.settings import Settings
    from contctl.core.ports import (
        AuditLog,
        CiTokenLookup,
        CiTokenRepository,
        Clock,
        CredentialStores,
        Engine,
        FileModes,
        HostPaths,
        IdentityLookup,
        KeyStore,
        LoginThrottle,
        PasswordBlocklist,
        PasswordHasher,
        SessionRepository,
        Store,
        Supervision,
        TokenCodec,
        UserRepository,
    )
    from contctl.core.services.embedded import EmbeddedContctl
    from contctl.gateway.app import Gateway
    from contctl.gateway.callers import Caller


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one OS user's contctl: configuration, data, state."""

    config: Path
    data: Path
    state: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Places:
        """From `CONTCTL_HOME`, or the XDG base directories."""
        home = environ.get("CONTCTL_HOME")
        if home:
            folder = _absolute_home(home)
            return cls(folder, folder, folder)
        from platformdirs import PlatformDirs

        folders = PlatformDirs("contctl", appauthor=False)
        return cls(folders.user_config_path, folders.user_data_path, folders.user_state_path)


def _absolute_home(text: str) -> Path:
    """The folder. ContctlError STORE for a relative one, which would be another folder wherever
    contctl is run: a cron job would find no store, or make a second one."""
    if text.startswith("/"):
        return Path(text)
    raise ContctlError(
        ErrorCode.STORE,
        f"CONTCTL_HOME is not an absolute path: {text!r}",
        hint="write the whole path, from / on",
    )


class AuthorityPorts(ABC):
    """The outbound ports of an authority whose data lie in a folder of this machine. Nothing of
    them is held open, so threads may share them."""

    clock: Clock

    @property
    @abstractmethod
    def data(self) -> Path:
        """The data folder."""

    @property
    @abstractmethod
    def settings(self) -> Settings:
        """What this installation has decided."""

    @cached_property
    def _database(self) -> Database:
        from contctl.backends.sqlite.connection import Database

        return Database(self.data)

    @cached_property
    def store(self) -> Store:
        from contctl.backends.sqlite.store import SqliteStore

        return SqliteStore(self._database, self.clock)

    @cached_property
    def users(self) -> UserRepository:
        from contctl.backends.sqlite.users import SqliteUserRepository

        return SqliteUserRepository(self._database)

    @cached_property
    def sessions(self) -> SessionRepository:
        from contctl.backends.sqlite.sessions import SqliteSessionRepository

        return SqliteSessionRepository(self._database)

    @cached_property
    def ci_tokens(self) -> CiTokenRepository:
        from contctl.backends.sqlite.ci_tokens import SqliteCiTokenRepository

        return SqliteCiTokenRepository(self._database)

    @cached_property
    def ci_token_lookup(self) -> CiTokenLookup:
        from contctl.backends.sqlite.ci_token_lookup import SqliteCiTokenLookup

        return SqliteCiTokenLookup(self._database)

    @cached_property
    def audit(self) -> AuditLog:
        from contctl.backends.sqlite.audit_log import SqliteAuditLog

        log = SqliteAuditLog(self._database, self.audit_keys)
        syslog = self.settings.syslog
        if syslog is None:
            return log
        from contctl.backends.syslog import SyslogAuditLog

        return SyslogAuditLog(log, syslog)

    @cached_property
    def audit_keys(self) -> KeyStore:
        from contctl.backends.signing_keys import SigningKeyFile

        return SigningKeyFile(self.data / "keys", self.clock, "audit.json")

    @cached_property
    def keys(self) -> KeyStore:
        from contctl.backends.signing_keys import SigningKeyFile

        return SigningKeyFile(self.data / "keys", self.clock)

    @cached_property
    def codec(self) -> TokenCodec:
        from contctl.backends.jwt import JwtCodec

        return JwtCodec(self.keys.load, self.clock)

    @cached_property
    def hasher(self) -> PasswordHasher:
        from contctl.backends.argon2 import Argon2Hasher

        return Argon2Hasher()

    @cached_property
    def blocklist(self) -> PasswordBlocklist:
        from contctl.backends.password_blocklist import CommonPasswords

        return CommonPasswords()

    @cached_property
    def throttle(self) -> LoginThrottle:
        from contctl.backends.sqlite.throttle import SqliteLoginThrottle

        return SqliteLoginThrottle(self._database)

    @cached_property
    def identities(self) -> IdentityLookup:
        from contctl.backends.sqlite.everyday import SqliteIdentityLookup

        return SqliteIdentityLookup(self._database)

    @cached_property
    def host_paths(self) -> HostPaths:
        from contctl.backends.host_paths import LocalPaths

        return LocalPaths()


class SystemPorts(AuthorityPorts):
    """The outbound ports of embedded mode on this machine."""

    uid = os.getuid()
    supervision: Supervision | None = None

    def __init__(
        self, environ: Mapping[str, str], clock: Clock, *, context: str | None, interactive: bool
    ) -> None:
        self.clock = clock
        self._environ = environ
        self._context = context or environ.get("CONTCTL_CONTEXT") or None
        self._interactive = interactive

    @property
    def peer(self) -> str:
        return f"uid {self.uid}"

    may_initialise = True

    @cached_property
    def environment_token(self) -> GivenToken | None:
        if not (self._environ.get("CONTCTL_TOKEN") or self._environ.get("CONTCTL_TOKEN_FILE")):
            return None
        from contctl.backends.environment_token import read_environment_token

        return read_environment_token(self._environ)

    @cached_property
    def places(self) -> Places:
        return Places.of(self._environ)

    @property
    def data(self) -> Path:
        return self.places.data

    @cached_property
    def settings(self) -> Settings:
        from contctl.backends.config_file import load_settings

        return load_settings(self.places.config / "config.toml")

    @cached_property
    def stores(self) -> CredentialStores:
        from contctl.backends.credential_stores import CredentialStoreChoice

        return CredentialStoreChoice(
            self._environ,
            self.places.data,
            self.places.state,
            self.settings.credential_store,
            interactive=self._interactive,
        )

    @cached_property
    def engine(self) -> Engine:
        from contctl.backends.docker.endpoint import choose_endpoint
        from contctl.backends.docker.engine import DockerEngine

        return DockerEngine(choose_endpoint(self._environ, self._context), self.clock)

    @cached_property
    def modes(self) -> FileModes:
        from contctl.backends.file_modes import OwnFiles

        places = self.places
        return OwnFiles([places.data, places.state], shared=[places.config / "config.toml"])


class GatewayPorts(AuthorityPorts):
    """The outbound ports of a gateway, for one caller."""

    uid = -1
    peer = ""
    may_initialise = False
    environment_token: GivenToken | None = None

    def __init__(
        self,
        data: Path,
        settings: Settings,
        engine: Engine,
        supervision: Supervision,
        clock: Clock,
    ) -> None:
        self._folder = data
        self._settings = settings
        self.engine = engine
        self.supervision = supervision
        self.clock = clock

    @property
    def data(self) -> Path:
        return self._folder

    @property
    def settings(self) -> Settings:
        return self._settings

    def of(self, uid: int, peer: str, given: GivenToken | None) -> GatewayPorts:
        """Those of a caller. uid: the peer's, -1 for one who comes over a network."""
        ports = copy(self)
        ports.uid, ports.peer, ports.environment_token = uid, peer, given
        ports.may_initialise = uid in (0, os.geteuid())
        return ports


class LocalClient:
    """Implements what commands need of the caller's own machine."""

    def __init__(self, environ: Mapping[str, str], clock: Clock) -> None:
        self._environ = environ
        self._clock = clock

    def registry_auth(self, image: str) -> Secret | None:
        """The caller's credentials for the image's registry, as docker's JSON."""
        from contctl.backends.docker.registry import DockerRegistryCredentials

        return DockerRegistryCredentials(self._environ).find(image)

    @property
    def contexts(self) -> Contexts:
        """The places that commands can go to."""
        from contctl.backends.docker.contexts import DockersOwnContexts
        from contctl.core.services.contexts import ContextService

        return ContextService(_places(self._environ), DockersOwnContexts(self._environ))

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock.now()

    def default_username(self) -> str:
        """The name of the operating system's user, where it may be a user name here too."""
        import pwd

        from contctl.core.domain.accounts import check_username

        try:
            return check_username(pwd.getpwuid(os.getuid()).pw_name)
        except (KeyError, ContctlError):
            return "admin"

    def serve_gateway(self, config: Path | None) -> int:
        """Be a gateway until a signal ends it."""
        from contctl.serving import serve

        return serve(config, lambda settings: _gateway_app(settings, self._clock))


def _gateway_app(
    settings: GatewaySettings, clock: Clock
) -> tuple[Gateway, Callable[[ContctlError], None]]:
    """The application of a gateway, and what ends its streams. A store of an older version is
    brought to this one; where there is none yet, callers are told so."""
    from contctl.backends.docker.endpoint import Endpoint
    from contctl.backends.docker.engine import DockerEngine
    from contctl.core.domain.ci_tokens import PREFIX, VARIABLE, GivenToken
    from contctl.core.services.served import ServedAuthority
    from contctl.core.services.shared import Shared
    from contctl.core.services.store import upgrade_store
    from contctl.core.services.supervision import NoSupervision
    from contctl.gateway.app import build
    from contctl.gateway.callers import Peer
    from contctl.gateway.limits import peer_key

    endpoint = Endpoint(settings.engine.address, "the gateway's configuration")
    engine = DockerEngine(endpoint, clock, name=settings.engine.name)
    every = GatewayPorts(settings.data, settings.settings, engine, NoSupervision(), clock)
    upgrade_store(Shared(every, lambda: None))

    def authority(caller: Caller) -> ServedAuthority:
        shown, peer = caller.token, peer_key(Peer(caller.uid, caller.address))
        if shown is not None and shown.reveal().startswith(PREFIX):
            ports = every.of(caller.uid, peer, GivenToken(VARIABLE, shown))
            return ServedAuthority(ports, lambda: None)
        return ServedAuthority(every.of(caller.uid, peer, None), lambda: shown)

    app = build(authority, settings.limits)
    return app, app.running.end


def system_app() -> App:
    """The application of this process, on its own streams and environment."""
    terminal = system_terminal()

    def build(options: GlobalOptions) -> Contctl:
        from contctl.core.domain.places import decide

        place = decide(_places(os.environ).situation(options.context))
        if place.ignored:
            names = " and ".join(place.ignored)
            terminal.note(f"warning: ignoring {names}: commands go to the gateway {place.name}")
        interactive = terminal.stdin_is_tty and not options.no_input
        ports = SystemPorts(os.environ, _clock(), context=place.name, interactive=interactive)
        if place.gateway is not None:
            from contctl.client import gateway_contctl

            return gateway_contctl(os.environ, ports, place, place.gateway)
        from contctl.core.services.embedded import EmbeddedContctl

        return EmbeddedContctl(ports)

    return App(terminal, build, lambda: LocalClient(os.environ, _clock()))


def _places(environ: Mapping[str, str]) -> PlacesOfThisUser:
    from contctl.backends.places import PlacesOfThisUser

    return PlacesOfThisUser(Places.of(environ).config, environ)


def _clock() -> Clock:
    from contctl.backends.clock import SystemClock

    return SystemClock()
