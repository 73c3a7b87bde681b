"""The outbound ports on this machine, each built when it is first asked for."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.places import PlacesOfThisUser
    from contctl.backends.sqlite.connection import Database
    from contctl.core.domain.ci_tokens import GivenToken
    from contctl.core.domain.engines import EngineChoice
    from contctl.core.domain.places import Place
    from contctl.core.domain.settings import Settings
    from contctl.core.ports import (
        AuditLog,
        CiTokenLookup,
        CiTokenRepository,
        Clock,
        ContextProbe,
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


_USUAL_ENGINE = "unix:///var/run/docker.sock"


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
    engine_choice: EngineChoice | None = None

    def __init__(
        self,
        environ: Mapping[str, str],
        clock: Clock,
        *,
        context: str | None,
        interactive: bool,
        place: Place | None = None,
    ) -> None:
        self.clock = clock
        self._place = place
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
        from contctl.backends.configured_store import configured_store
        from contctl.backends.credential_stores import CredentialStoreChoice

        return CredentialStoreChoice(
            self._environ,
            self.places.data,
            self.places.state,
            configured_store(self.places.config / "config.toml"),
            interactive=self._interactive,
        )

    @cached_property
    def engine(self) -> Engine:
        from contctl.bootstrap.engines import ChosenEngine, build, dockers_choice

        place = self._place
        if place is None or place.engine is None:
            return dockers_choice(self._environ, self._context, self.clock)
        return build(ChosenEngine(place.engine, place.reason), self._environ, self.clock)

    @cached_property
    def recorded_engine(self) -> str:
        try:
            name = self.engine.name
        except ContctlError:
            # Nothing is done on it, but what was refused is told.
            return f"of the context {self._context}" if self._context else ""
        return "" if name == _USUAL_ENGINE else name

    @cached_property
    def context_probe(self) -> ContextProbe:
        from contctl.backends.docker.contexts import DockersOwnContexts
        from contctl.bootstrap.probing import SystemContextProbe
        from contctl.core.services.contexts import ContextService

        environ = self._environ
        contexts = ContextService(places_of(environ), DockersOwnContexts(environ))
        return SystemContextProbe(contexts, self._context, environ, self.clock)

    @cached_property
    def modes(self) -> FileModes:
        from contctl.backends.file_modes import OwnFiles

        places = self.places
        return OwnFiles([places.data, places.state], shared=[places.config / "config.toml"])


class GatewayPorts(AuthorityPorts):
    """The outbound ports of a gateway, for one caller.

    engines: by the names that grants speak of.  default_engine: the name of the one for requests
    that name none; None where there is no such.
    """

    uid = -1
    peer = ""
    may_initialise = False
    environment_token: GivenToken | None = None

    def __init__(
        self,
        data: Path,
        settings: Settings,
        engines: Mapping[str, Engine],
        default_engine: str | None,
        supervision: Supervision,
        clock: Clock,
    ) -> None:
        from contctl.core.domain.engines import EngineChoice

        self._folder = data
        self._settings = settings
        self._engines = engines
        self.engine_choice = EngineChoice(None, tuple(engines), default_engine)
        self.supervision = supervision
        self.clock = clock

    @property
    def engine(self) -> Engine:
        name = self.engine_choice.asked or self.engine_choice.default or ""
        if name not in self._engines:
            raise ContctlError(ErrorCode.NOT_FOUND, f"no such engine: {name}")
        return self._engines[name]

    @property
    def recorded_engine(self) -> str:
        choice = self.engine_choice
        return (choice.asked or choice.default or "") if len(choice.names) > 1 else ""

    @property
    def data(self) -> Path:
        return self._folder

    @property
    def settings(self) -> Settings:
        return self._settings

    def build(self) -> None:
        """Build all that callers share, before there is one. Of each part there is one only, for
        its threads take turns."""
        for name, part in vars(AuthorityPorts).items():
            if isinstance(part, cached_property):
                getattr(self, name)

    def of(
        self, uid: int, peer: str, given: GivenToken | None, engine: str | None = None
    ) -> GatewayPorts:
        """Those of a caller. uid: the peer's, -1 for one who comes over a network. engine: the name
        of that one which the caller asks for, None for the default."""
        ports = copy(self)
        ports.uid, ports.peer, ports.environment_token = uid, peer, given
        ports.may_initialise = uid in (0, os.geteuid())
        ports.engine_choice = self.engine_choice._replace(asked=engine)
        return ports


def places_of(environ: Mapping[str, str]) -> PlacesOfThisUser:
    """What the choice of a place is made from."""
    from contctl.backends.places import PlacesOfThisUser

    return PlacesOfThisUser(Places.of(environ).config, environ)
