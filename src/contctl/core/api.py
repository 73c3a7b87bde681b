"""The inbound port: what contctl can do. Commands and routes see only this.

One object of type `Contctl` serves one caller; its identity is bound when the object is built, so
no method takes a token. Every method may raise ContctlError NOT_AUTHENTICATED, FORBIDDEN and STORE;
what else it raises is said where it stands. A method that opens a stream authorizes and audits
before it returns, so none of them is a generator function.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from contctl.core.answers import (
        AuditQuery,
        Check,
        Issued,
        KeysRotated,
        LoggedIn,
        Login,
        NewToken,
        OwnedToken,
        Refreshed,
        SessionState,
        SessionStatus,
        TokenStatus,
    )
    from contctl.core.domain.accounts import Account, User
    from contctl.core.domain.actions import Action, Outcome
    from contctl.core.domain.audit import AuditFilter, AuditRecord, ChainedRecord
    from contctl.core.domain.audit_chain import Anchor, Segment
    from contctl.core.domain.audit_check import Verification
    from contctl.core.domain.containers import Container, Inspection, ListQuery, Port
    from contctl.core.domain.contexts import ListedContext
    from contctl.core.domain.create import Created, CreateSpec
    from contctl.core.domain.credentials import StoreKind
    from contctl.core.domain.engines import EngineAddress
    from contctl.core.domain.gateway_plan import Installed, InstallOptions, Plan
    from contctl.core.domain.grants import Grant, Scope
    from contctl.core.domain.images import Image, ImageQuery
    from contctl.core.domain.observed import Change, Processes
    from contctl.core.domain.places import Gateway
    from contctl.core.domain.roles import Permission, Role
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.store import Upgraded
    from contctl.core.domain.streams import (
        AttachSpec,
        Chunk,
        Condition,
        Event,
        EventQuery,
        ExecSpec,
        Exited,
        Frame,
        LogOptions,
        Progress,
        Stats,
    )
    from contctl.core.domain.tokens import TokenPair
    from contctl.core.domain.transfers import (
        CommitSpec,
        PathStat,
        Pruned,
        PruneQuery,
        PullOptions,
        PutOptions,
    )
    from contctl.core.errors import ContctlError


T_co = TypeVar("T_co", covariant=True)
Refs = Sequence[str]
RequestId = str


class Stream(Protocol[T_co]):
    """An iterator that can be closed. `close()` wakes a read that another thread is blocked in,
    which then ends the iteration; it may be called more than once. A stream that is cut ends with
    ContctlError UNAVAILABLE, never as if it were complete."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> T_co: ...
    def close(self) -> None: ...


class Duplex(Protocol):
    """A process that one can talk with. The last frame read is an `Exit`, unless it is closed."""

    def read(self) -> Frame | None:
        """The next frame; None once it was closed here, or its `Exit` was read."""

    def write(self, data: bytes) -> None:
        """Send `data` to its standard input; dropped in silence once the process has ended."""

    def close_write(self) -> None:
        """Close its standard input and go on reading."""

    def resize(self, columns: int, rows: int) -> None:
        """Tell its terminal a new size, in character cells."""

    def close(self) -> None:
        """Leave it, and wake a blocked `read`; may be called more than once."""


class Containers(Protocol):
    """The containers of one engine. References resolve as docker's do, among those in scope;
    NOT_FOUND or CONFLICT (an ambiguous prefix) otherwise. UNAVAILABLE when the engine is silent."""

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        """The containers that `query` asks for, the newest first."""

    def inspect(self, refs: Refs, size: bool = False) -> tuple[Inspection, ...]:
        """What the engine knows of each, in the order of `refs`; errors stand beside their refs.
        size: also how much disk they take, which takes the engine a while."""

    def act(self, action: Action, refs: Refs) -> Stream[Outcome]:
        """Do `action` to each, side by side; every target is tried, outcomes come as they end."""

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        """Make a container; UNAVAILABLE, reason `unknown-outcome`, where the answer was lost."""

    def logs(self, refs: Refs, options: LogOptions) -> Stream[Chunk]:
        """What they have written so far, and with `follow` go on to write."""

    def stats(self, refs: Refs, *, stream: bool = True) -> Stream[Stats]:
        """Readings of each, about one a second; without `stream` one of each, then it ends."""

    def events(self, query: EventQuery) -> Stream[Event]:
        """What happens to containers."""

    def wait(self, refs: Refs, until: Condition) -> Stream[Exited]:
        """The exit code of each, or why there is none, as they come; every target is tried. The
        waits have begun when this returns."""

    def top(self, ref: str, args: tuple[str, ...]) -> Processes:
        """Its processes; CONFLICT where it does not run. args: ps(1)'s own, with which more can be
        seen, so that they need the permission for an `exec` in it."""

    def ports(self, ref: str) -> tuple[Port, ...]:
        """Its ports, those that are not published too."""

    def changes(self, ref: str) -> tuple[Change, ...]:
        """What differs from its image, in the engine's order."""

    def exec(self, ref: str, spec: ExecSpec) -> Duplex:
        """Start a process in a running container; CONFLICT where it does not run."""

    def attach(self, ref: str, spec: AttachSpec) -> Duplex:
        """Join the main process; it may be opened before the container is started."""

    def stat(self, ref: str, path: str) -> PathStat:
        """What is at `path`, a last link not followed; NOT_FOUND with the reason `no-path`."""

    def get_archive(self, ref: str, path: str) -> Stream[bytes]:
        """The file or folder at `path` as a tar stream."""

    def put_archive(
        self, ref: str, path: str, tar: Iterable[bytes], options: PutOptions | None = None
    ) -> None:
        """Unpack a tar stream into the folder `path`."""

    def export(self, ref: str) -> Stream[bytes]:
        """All files of a container, without those of its volumes, as a tar stream."""

    def commit(self, ref: str, spec: CommitSpec) -> str:
        """Make an image of a container; its full ID. USAGE for a change that is none."""

    def prune(self, query: PruneQuery) -> Pruned:
        """Remove the stopped containers in scope that `query` asks for, on each of which the caller
        may; every one is tried."""

    def images(self, query: ImageQuery) -> tuple[Image, ...]:
        """The engine's images, the newest first. For any caller whose grants reach the engine with
        `image:list`, whatever the scope on containers."""

    def pull(
        self, image: str, auth: Secret | None, options: PullOptions | None = None
    ) -> Stream[Progress]:
        """Fetch an image. auth: the caller's credentials for the registry, as docker's JSON."""


class Sessions(Protocol):
    """The caller's own session on this machine."""

    def initialise(self, username: str, password: Secret) -> User:
        """Make the store and its first admin. CONFLICT where there is one; USAGE for a bad name
        or password."""

    def check_uninitialised(self) -> None:
        """CONFLICT where there is a store already; asked before a password is."""

    def prepare_login(self, store: StoreKind | None) -> None:
        """Probe the credential store that a login would use; STORE where it cannot be used."""

    def login(self, username: str, password: Secret, store: StoreKind | None) -> LoggedIn:
        """Begin a session and keep its tokens, in place of those of an earlier one, which ends.
        NOT_AUTHENTICATED, in the same words and at the same cost, for an unknown or disabled
        user, a wrong password, and after too many of them."""

    def refresh(self, if_expiring: int | None) -> Refreshed:
        """Renew the tokens; with `if_expiring` only if the access token has fewer seconds left."""

    def logout(self, *, everywhere: bool) -> User | None:
        """End this session, or all of the user's, and forget its tokens; None if there was none."""

    def status(self) -> SessionStatus:
        """The stored session, also where a CI token speaks for the caller."""

    def access_token(self) -> Secret:
        """The access token of the stored session, good now, for programs that take one;
        NOT_AUTHENTICATED where a CI token speaks for the caller."""


class SessionAuthority(Protocol):
    """The authority's side of the caller's session: tokens go in and out, and to keep them is the
    client's part."""

    def identity(self) -> str:
        """What a client keeps this authority's tokens under; NOT_AUTHENTICATED where it has no
        store yet."""

    def check_uninitialised(self) -> None:
        """As `Sessions.check_uninitialised`."""

    def initialise(self, username: str, password: Secret) -> User:
        """As `Sessions.initialise`; FORBIDDEN to a peer that is neither root nor the store's own
        operating-system user."""

    def login(self, username: str, password: Secret) -> Issued:
        """Begin a session; NOT_AUTHENTICATED as `Sessions.login`."""

    def refresh(self, token: Secret) -> TokenPair:
        """The successors of a refresh token; NOT_AUTHENTICATED where it is not good any more."""

    def logout(self, token: Secret, *, everywhere: bool) -> User | None:
        """End the session of a refresh token, or all of its user's; None if it has ended."""

    def status(self) -> SessionState:
        """The session of the access token that the caller shows."""

    def note_printing(self) -> None:
        """Record that this access token is about to be shown to a person or a program."""


class Logins(Protocol):
    """Live sessions wherever they began: the caller's, with `session:manage` also others'. A caller
    who uses a CI token needs the permission for its owner's too."""

    def list(self, user: str | None) -> tuple[Login, ...]:
        """A user's sessions, the oldest first; None: the caller's. NOT_FOUND for an unknown one."""

    def revoke(self, session_ids: Refs) -> tuple[ContctlError | None, ...]:
        """End each at once; every one is tried, and its error or None stands in its place. One that
        is not there, or over, or another's without the permission, is NOT_FOUND."""


class CiTokens(Protocol):
    """Tokens for jobs and scripts: the caller's, with `token:manage` also others'. A caller who
    uses one needs the permission for its owner's too."""

    def create(self, name: str, role: Role, scope: Scope, lifetime: int) -> NewToken:
        """Make a token of the caller's, good for `lifetime` seconds. At each use it may do what
        `role` may in `scope`, as far as its owner may. USAGE for a bad name, an impossible scope,
        or more than 90 days; FORBIDDEN with a CI token."""

    def list(self, user: str | None) -> tuple[OwnedToken, ...]:
        """A user's tokens that are good, the oldest first; None: the caller's. NOT_FOUND for an
        unknown user."""

    def revoke(self, token_ids: Refs) -> tuple[ContctlError | None, ...]:
        """As `Logins.revoke`."""

    def current(self) -> TokenStatus | None:
        """The token that speaks for the caller; None where the stored session does."""


class Users(Protocol):
    """Accounts. All but the caller's own `show` and `set_password` need `user:manage`.

    NOT_FOUND for an unknown name. CONFLICT where no enabled admin would be left.
    """

    def add(self, name: str, password: Secret, role: Role | None) -> Account:
        """Make a user; CONFLICT where the name is taken, USAGE for a bad name or password,
        FORBIDDEN with a CI token."""

    def check_new(self, name: str) -> None:
        """USAGE or CONFLICT where no user of that name can be made; asked before a password is."""

    def list(self) -> Stream[Account]:
        """All accounts by name, read in pages."""

    def show(self, name: str | None) -> Account:
        """One account; None for the caller's own."""

    def grant(self, name: str, role: Role, scope: Scope) -> Grant:
        """Give a user a role on the containers in `scope`; USAGE for an impossible one."""

    def revoke(self, name: str, grant_id: str) -> Account:
        """Take a grant away; NOT_FOUND for an unknown one."""

    def set_password(self, name: str | None, password: Secret) -> User:
        """Set a password, and end the user's other sessions; FORBIDDEN with a CI token."""

    def set_enabled(self, name: str, *, enabled: bool) -> User:
        """Let a user in again, or out at once."""

    def unlock(self, name: str) -> User:
        """Forget the failed logins of a user, so that the next one need not wait."""

    def remove(self, name: str) -> User:
        """Delete an account with its grants and sessions; its audit records stay."""


class PasswordRules(Protocol):
    """What a new password has to be; needs no session."""

    @property
    def min_length(self) -> int:
        """Characters that it has at least."""

    def check(self, username: str, password: Secret) -> None:
        """USAGE, saying why, where `password` may not be that of the user named `username`, whether
        there is such a user or not. Whoever sets one checks it anyway."""


class Recovery(Protocol):
    """Getting in again where no admin can; for the store's own operating-system user, so it needs
    no session, and is recorded with that user's id."""

    def admin(self, name: str | None) -> User:
        """The enabled admin whose password would be reset; None: the only one. USAGE where there
        are several, NOT_FOUND for an unknown one, CONFLICT for who is no enabled admin."""

    def reset(self, name: str, password: Secret) -> User:
        """Set the password of an enabled admin, end its sessions, and forget its failed logins; as
        `admin`, and USAGE for a bad password."""


class Rights(Protocol):
    """What the caller, or for a holder of `user:manage` another user, may do."""

    def can(self, permission: Permission, ref: str | None, user: str | None) -> bool:
        """Whether `permission` is held: on the container `ref`, or without one on anything at all.
        NOT_FOUND for a container that is not in scope, and for an unknown user."""

    def all(self, ref: str | None, user: str | None) -> tuple[Permission, ...]:
        """Every permission that `can` says yes to."""


class AuditTrail(Protocol):
    """The audit log; needs `audit:read`, and `rotate` `store:manage`."""

    def list(self, query: AuditQuery) -> Stream[AuditRecord]:
        """Records, the oldest first, read in pages."""

    def follow(self, query: AuditQuery) -> Stream[AuditRecord]:
        """As `list`, and then those that are added, until closed. An intent's outcome comes after
        it, so a new one is unfinished."""

    def export(self, wanted: AuditFilter | None) -> Stream[ChainedRecord]:
        """All records, or the `wanted` ones, with their places in the chain, the oldest first."""

    def verify(self, anchor: Anchor | None) -> Verification:
        """Whether the log is as it was written, and holds the anchored record. USAGE for an anchor
        of another authority."""

    def head(self) -> Anchor:
        """An anchor of the newest record; CONFLICT where none is in the chain yet."""

    def rotate(self) -> Segment:
        """Seal the open segment and begin the next; the sealed one. CONFLICT for an empty log."""


class Doctor(Protocol):
    """A diagnosis of this installation; needs no session."""

    def examine(self) -> tuple[Check, ...]:
        """Every check, also those that failed; changes nothing."""

    def repair_modes(self) -> tuple[str, ...]:
        """Take the access of other users to contctl's own files and folders away; a line for each.
        What is a link, another user's or has a second name is left."""


class Contexts(Protocol):
    """The places that a user of this machine has names for: contctl's own contexts, docker's,
    `default`, `local-gateway` and `container-host`. Needs no session. option: what `--context`
    names."""

    def list(self, option: str | None) -> tuple[ListedContext, ...]:
        """All of them by name; the current one says why it is that."""

    def current(self, option: str | None) -> ListedContext:
        """Where commands go; NOT_FOUND where what was chosen is not there."""

    def inspect(self, name: str, option: str | None) -> ListedContext:
        """The one of that name; NOT_FOUND for an unknown one."""

    def create(self, name: str, target: Gateway | EngineAddress) -> bool:
        """Name a gateway or an engine, as its user wrote it. Whether docker has a context of that
        name too, which is then hidden. CONFLICT where the name is in use; USAGE for a bad name or
        address."""

    def use(self, name: str) -> str | None:
        """Choose the context of commands that name none. Why they go elsewhere all the same, where
        the environment comes first; NOT_FOUND for an unknown one."""

    def remove(self, names: tuple[str, ...]) -> tuple[ContctlError | None, ...]:
        """Forget contctl's own contexts; every one is tried, and its error or None stands in its
        place. CONFLICT for the chosen one, USAGE for docker's."""


class Maintenance(Protocol):
    """The store as a whole. Only `back_up` needs a session, and `store:manage`: a damaged store
    could not tell who calls."""

    def examine(self) -> tuple[Check, ...]:
        """Every check of the store, its files and its keys, also those that failed; changes
        nothing."""

    def upgrade(self) -> Upgraded | None:
        """Bring a store of an older contctl to this version; None where it is none. A failure
        leaves it as it was."""

    def back_up(self, path: Path) -> None:
        """Copy the database into the new file `path`, private to this user. CONFLICT where
        something is there already; a failure leaves no file."""


class Keys(Protocol):
    """The keys that sign tokens; needs `key:manage`."""

    def rotate(self, *, emergency: bool) -> KeysRotated:
        """Sign with a new key from now on. Older ones verify as long as a refresh token of theirs
        may be good; in an emergency all of them go at once, and every session of every user ends,
        the caller's too."""


class GatewayInstaller(Protocol):
    """Installing the gateway on this machine; needs no session. USAGE for options that are
    impossible anywhere."""

    def plan(self, options: InstallOptions) -> Plan:
        """What would be done, and what is in the way; changes nothing."""

    def apply(self, options: InstallOptions) -> Stream[Installed]:
        """Do each step, in order, until one fails; those that were done stay, and may be done
        again. FORBIDDEN for all but root; the first problem of the plan, before anything is
        done."""


class Authority(Protocol):
    """What an authority does for one caller, who may be elsewhere: a gateway offers this. Each part
    is built when it is first asked for."""

    @property
    def session(self) -> SessionAuthority: ...
    @property
    def logins(self) -> Logins: ...
    @property
    def ci_tokens(self) -> CiTokens: ...
    @property
    def users(self) -> Users: ...
    @property
    def password_rules(self) -> PasswordRules: ...
    @property
    def rights(self) -> Rights: ...
    @property
    def containers(self) -> Containers: ...
    @property
    def audit(self) -> AuditTrail: ...
    @property
    def keys(self) -> Keys: ...


class Contctl(Authority, Protocol):
    """All of it, for the caller of this process: an authority's parts and this machine's."""

    @property
    def sessions(self) -> Sessions: ...
    @property
    def recovery(self) -> Recovery: ...
    @property
    def doctor(self) -> Doctor: ...
    @property
    def maintenance(self) -> Maintenance: ...
