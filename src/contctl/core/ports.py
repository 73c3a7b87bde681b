"""The outbound ports: what the services need of the world. Their docstrings are the specification,
and the contract suites under tests/contracts hold every implementation to it.

Every method may raise ContctlError: an Engine's UNAVAILABLE when the engine cannot be reached, does
not answer in time or answers garbage; everything else STORE. No foreign exception passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from contctl.core.answers import Check
    from contctl.core.api import Duplex, RequestId, Stream
    from contctl.core.domain.accounts import Account, User
    from contctl.core.domain.actions import Update
    from contctl.core.domain.audit import AuditEntry, AuditFilter, AuditRecord
    from contctl.core.domain.audit_chain import ChainState, Link, Segment
    from contctl.core.domain.ci_tokens import CiToken, GivenToken, TokenHolder
    from contctl.core.domain.containers import Container, Json, ListQuery
    from contctl.core.domain.contexts import DockerContext, ListedContext
    from contctl.core.domain.create import Created, CreateSpec
    from contctl.core.domain.credentials import Credential, StoreKind
    from contctl.core.domain.engines import EngineChoice, EngineInfo
    from contctl.core.domain.field_rules import EngineDefaults
    from contctl.core.domain.gateway_plan import EngineSocket, Step, SystemUser
    from contctl.core.domain.grants import Grant
    from contctl.core.domain.host_access import Access, GatewayInfo
    from contctl.core.domain.identities import Identity
    from contctl.core.domain.images import Image, ImageQuery
    from contctl.core.domain.keys import KeyChange, RetiredKey
    from contctl.core.domain.observed import Change, Processes
    from contctl.core.domain.places import Contexts, Situation
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.sessions import Session
    from contctl.core.domain.settings import Settings
    from contctl.core.domain.store import Upgraded
    from contctl.core.domain.streams import (
        AttachSpec,
        Chunk,
        Condition,
        Event,
        EventQuery,
        ExecSpec,
        LogOptions,
        Progress,
        Stats,
    )
    from contctl.core.domain.tokens import Claims, KeySet, TokenKind
    from contctl.core.domain.transfers import CommitSpec, PathStat, PullOptions, PutOptions
    from contctl.core.errors import ContctlError


class Clock(Protocol):
    """The one source of time."""

    def now(self) -> float:
        """Seconds since the epoch."""


class Engine(Protocol):
    """A container engine. Containers are named by their full ID, which the service resolved.

    For an ID that is gone: NOT_FOUND. For a request that the engine finds wrong: USAGE. For a wrong
    state: CONFLICT. For what this engine cannot do: UNSUPPORTED. For all else it refuses: FAILED.
    Streams answer for all of this when they are opened.
    """

    @property
    def name(self) -> str:
        """The name under which the authority knows this engine; grants speak of it."""

    @property
    def socket(self) -> str | None:
        """The path of its socket, where that is on this host; None for an engine elsewhere, whose
        paths cannot be looked at."""

    @property
    def unsupported(self) -> Mapping[str, str]:
        """What it cannot do: names of the methods below, each with the reason that its UNSUPPORTED
        tells."""

    @property
    def remarks(self) -> Mapping[str, str]:
        """What it does otherwise, or only for some containers: names of methods, each with a
        sentence for its readers."""

    def info(self) -> EngineInfo:
        """Which engine answers."""

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        """Containers, without a call for each of them, the newest first. With `query.workloads`
        also the workloads of an engine that has such, before all else."""

    def members(self, container: Container) -> tuple[Container, ...]:
        """The containers that one of a listing stands for: itself; of a workload those that it
        keeps running and that still have the labels that it is listed with, the one to enter in
        front. `exec`, `stat`, `get_archive`, `put_archive`, `top`, and `attach` to what runs, take
        one of these, and raise CONFLICT for a workload: none of them chooses."""

    def inspect(self, container_id: str, size: bool = False) -> Json:
        """The engine's own answer. size: with `SizeRw` and `SizeRootFs`, in bytes."""

    def volume(self, name: str) -> Json | None:
        """The engine's own answer about a volume; None where it has none of that name."""

    def network(self, name: str) -> Json | None:
        """The engine's own answer about the network of that name, ID or beginning of an ID; None
        where it has none such."""

    def defaults(self) -> EngineDefaults:
        """What it gives to containers that ask for nothing else."""

    def start(self, container_id: str) -> None:
        """Running afterwards, also if it was. FAILED with the reason `command-not-found` or
        `command-not-executable` where that is why it could not start."""

    def stop(self, container_id: str, grace: int | None, signal: str | None) -> None:
        """Stopped afterwards, also if it was. grace: seconds before it is killed, -1 for never."""

    def restart(self, container_id: str, grace: int | None, signal: str | None) -> None:
        """Running afterwards, with a new process."""

    def kill(self, container_id: str, signal: str) -> None:
        """Send a signal; CONFLICT if it does not run."""

    def pause(self, container_id: str) -> None:
        """Paused afterwards; CONFLICT if it does not run or is paused."""

    def unpause(self, container_id: str) -> None:
        """Running afterwards; CONFLICT if it is not paused."""

    def update(self, container_id: str, update: Update) -> tuple[str, ...]:
        """With these resources and this restart policy afterwards; the engine's warnings."""

    def remove(self, container_id: str, *, force: bool, volumes: bool) -> None:
        """Gone afterwards; CONFLICT if it runs, unless `force`."""

    def rename(self, container_id: str, name: str) -> None:
        """Named so afterwards; CONFLICT if the name is in use."""

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        """Make a container, labelled with `request`; never tries twice. NOT_FOUND with the reason
        `no-image` where the image is not there. CONFLICT if the name is in use. Where the answer
        was lost the container is looked for by its label; UNAVAILABLE with the reason
        `unknown-outcome` if that does not settle it."""

    def image_labels(self, image: str) -> Mapping[str, str]:
        """The labels that a container of `image` gets from it; NOT_FOUND with the reason `no-image`
        where the image is not there."""

    def list_images(self, query: ImageQuery) -> tuple[Image, ...]:
        """Images, the newest first; USAGE for a filter that it does not know."""

    def logs(self, container_id: str, options: LogOptions) -> Stream[Chunk]:
        """What it wrote. Standard output and error apart, unless it has a terminal."""

    def stats(self, container_id: str, *, stream: bool = True) -> Stream[Stats]:
        """Readings, about one a second, until closed or the container is removed. Without `stream`
        a single one, which tells what was used since the one before it."""

    def events(self, query: EventQuery) -> Stream[Event]:
        """Events of containers, until closed or `query.until`."""

    def wait(self, container_id: str, until: Condition) -> Stream[int]:
        """One exit code. The engine watches from before this returns, so no exit is missed."""

    def top(self, container_id: str, args: Sequence[str]) -> Processes:
        """Its processes as ps(1) shows them with `args`, the engine's own choice if there are none.
        CONFLICT if it does not run; FAILED for arguments that ps or the engine does not take."""

    def changed_files(self, container_id: str) -> tuple[Change, ...]:
        """What differs from its image, in the engine's order."""

    def exec(self, container_id: str, spec: ExecSpec) -> Duplex:
        """Start a process in it; CONFLICT if the container does not run. With the reasons of
        `start` where the command cannot be run (an engine may tell so by `Exit` 126 or 127)."""

    def attach(self, container_id: str, spec: AttachSpec) -> Duplex:
        """Join its main process; it need not run yet: of a workload, that of the one that it will
        start, unless `spec.until` is about what runs. Ends with the `Exit` of `spec.until`."""

    def stat(self, container_id: str, path: str) -> PathStat:
        """What is at `path`; NOT_FOUND with the reason `no-path` if nothing is."""

    def get_archive(self, container_id: str, path: str) -> Stream[bytes]:
        """A tar stream of `path`; NOT_FOUND with the reason `no-path` if it is not there."""

    def put_archive(
        self,
        container_id: str,
        path: str,
        tar: Iterable[bytes],
        options: PutOptions | None = None,
    ) -> None:
        """Unpack `tar` into the folder `path`; NOT_FOUND with the reason `no-path`."""

    def export(self, container_id: str) -> Stream[bytes]:
        """A tar stream of all its files."""

    def commit(self, container_id: str, spec: CommitSpec) -> str:
        """Make an image of it; its ID, `sha256:` and hexadecimal digits. Labels of contctl's own
        have no value in the image. USAGE for a name or a change that is none."""

    def pull(
        self, image: str, auth: Secret | None, options: PullOptions | None = None
    ) -> Stream[Progress]:
        """Fetch an image, the tag `latest` where none is named, unless all are asked for. NOT_FOUND
        with the reason `no-image` where no registry has it."""


class Store(Protocol):
    """The database that knows the accounts, as a whole."""

    def identity(self) -> str:
        """The authority's id (`iss`). STORE with the reason `absent` where nothing was initialised;
        STORE where the database is garbage, vanished, newer than this contctl, or not private."""

    def create(self, admin: User, password_hash: str, grant: Grant) -> str:
        """Make the store with its first admin and return its identity; CONFLICT if there is or ever
        was one. Of many at once exactly one succeeds. A crash leaves no store, or a whole one."""

    def upgrade(self) -> Upgraded | None:
        """Bring a store of an older contctl to this version; None where it is none, whatever else
        may be wrong with it. A failure or a crash leaves the store as it was, or upgraded."""

    def examine(self) -> tuple[Check, ...]:
        """Every check of the store, also those that failed; changes nothing."""

    def back_up(self, path: Path) -> None:
        """Copy it into the new file `path`, private to this user, while others go on using it.
        CONFLICT where something is there already. A failure leaves no file."""


class UserRepository(Protocol):
    """Users, their password hashes and their grants. Every write is one transaction."""

    def add(self, user: User, password_hash: str, grants: tuple[Grant, ...]) -> None:
        """CONFLICT if the name is taken."""

    def get(self, user_id: str) -> User | None:
        """The user of that id."""

    def by_name(self, name: str) -> User | None:
        """The user of that name."""

    def page(self, after: str, limit: int) -> tuple[Account, ...]:
        """At most `limit` accounts whose names come after `after`, by name."""

    def grants(self, user_id: str) -> tuple[Grant, ...]:
        """The grants of a user, the oldest first; none for an unknown one."""

    def add_grant(self, user_id: str, grant: Grant) -> None:
        """Give the user a grant; NOT_FOUND for an unknown user."""

    def remove_grant(self, user_id: str, grant_id: str) -> None:
        """Take a grant away; NOT_FOUND for an unknown user or grant, CONFLICT with the reason
        `last-admin`, and no change, if that would leave no enabled admin."""

    def password_hash(self, user_id: str) -> str | None:
        """The stored hash; None for an unknown user."""

    def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace the hash of an unchanged password; NOT_FOUND for an unknown user."""

    def change_password(
        self, user_id: str, password_hash: str, now: int, keep_session: str | None
    ) -> None:
        """Replace the hash and end the user's live sessions but `keep_session`, all or nothing;
        NOT_FOUND for an unknown user."""

    def set_enabled(self, user_id: str, *, enabled: bool) -> None:
        """NOT_FOUND for an unknown user; CONFLICT with the reason `last-admin`, and no change, if
        that would leave no enabled admin."""

    def remove(self, user_id: str) -> None:
        """Delete the user, its grants and sessions; otherwise as `set_enabled`."""


class SessionRepository(Protocol):
    """Sessions. Every write is one transaction that excludes all others."""

    def add(self, session: Session) -> None:
        """Keep a new session of an existing user; NOT_FOUND for an unknown one."""

    def get(self, session_id: str) -> Session | None:
        """The session of that id."""

    def update(self, session_id: str, change: Callable[[Session], Session]) -> Session | None:
        """Read, apply `change`, write, all in one transaction; the session as it stands afterwards,
        None for an unknown one. `change` must be quick and must not use the store."""

    def live(self, user_id: str, now: int) -> tuple[Session, ...]:
        """The user's sessions that are neither revoked nor over, the oldest first."""

    def revoke_all(self, user_id: str, now: int, keep: str | None) -> int:
        """End the user's live sessions but `keep`; how many that were."""

    def prune(self, before: int) -> int:
        """Delete the sessions, anybody's, that were over or revoked before `before`, in seconds
        since the epoch; how many that were."""

    def revoke_everyones(self, now: int) -> int:
        """End all users' live sessions; how many that were."""

    def keys_in_use(self, now: int) -> frozenset[str]:
        """The ids of the keys that signed the current tokens of all live sessions."""


class IdentityLookup(Protocol):
    """The everyday question of every command; it must be cheap."""

    def find(self, user_id: str, session_id: str) -> Identity | None:
        """User, session and grants in one consistent read; None if user or session is unknown, or
        the session is another user's."""

    def scope_label_keys(self) -> frozenset[str]:
        """The keys of the labels in the scopes of all grants."""

    def mark_used(self, session_id: str, generation: int) -> None:
        """Note that a token of `generation` was accepted, if that is still the current one.
        STORE with the reason `read-only` or `full` where it cannot be noted."""


class CiTokenRepository(Protocol):
    """CI tokens. Every write is one transaction."""

    def add(self, token: CiToken, digest: str) -> None:
        """Keep a new token of an existing user, and its text's digest; NOT_FOUND for an unknown
        user."""

    def get(self, token_id: str) -> CiToken | None:
        """The token of that id."""

    def live(self, user_id: str, now: int) -> tuple[CiToken, ...]:
        """The user's tokens that have neither expired nor been revoked, the oldest first."""

    def revoke(self, token_id: str, now: int) -> None:
        """End a token; one that was revoked keeps its time. An unknown one is no error."""


class CiTokenLookup(Protocol):
    """The everyday question of every command that is given a CI token; it must be cheap."""

    def find(self, token_id: str) -> TokenHolder | None:
        """Token, owner and grants in one consistent read; None for an unknown id."""


class AuditLog(Protocol):
    """The audit log, append-only, chained as `core.domain.audit_chain` says.

    Text is kept as UTF-8; what has no form in it is kept, and looked for, with backslash escapes.
    """

    def append(self, entry: AuditEntry) -> int:
        """Write `entry` durably, chained to the record before it, and return its number; safe from
        several threads and processes. Opens the first segment where there is none. STORE with the
        reason `no-audit-key`, and no change, where the open segment's key cannot be had."""

    def append_all(self, entries: Sequence[AuditEntry]) -> Sequence[int]:
        """As `append` for each of `entries`, all of them or none."""

    def page(
        self, after: int, limit: int, wanted: AuditFilter | None = None
    ) -> tuple[AuditRecord, ...]:
        """At most `limit` of the `wanted` records whose numbers come after `after`, the oldest
        first. None: all are wanted."""

    def last(self, count: int, wanted: AuditFilter | None = None) -> int:
        """A number after which at most `count` of the `wanted` records follow."""

    def chain(self) -> ChainState:
        """The segments and the newest record's number, in one consistent read."""

    def links(self, after: int | None, last: int, limit: int) -> Sequence[Link]:
        """At most `limit` records as they are kept, with numbers after `after` up to `last`, the
        oldest first; a damaged one too, its values then being of any type."""

    def rotate(self, now: int) -> Segment:
        """Seal the open segment, open the next one under the current key, and return the sealed
        one. now: seconds since the epoch. CONFLICT where no record is in the open segment;
        `no-audit-key` as for `append`."""


class CredentialStore(Protocol):
    """Where a client keeps one credential per authority.

    Every call ends within a deadline. STORE, with a hint, where the store is absent, locked, frozen
    or dies midway.
    """

    @property
    def kind(self) -> StoreKind:
        """Which of the stores this is."""

    @property
    def location(self) -> str:
        """Where it keeps them, in a few words for people."""

    def probe(self) -> None:
        """Write, read back and delete a throw-away item; STORE if any of it fails."""

    def read(self, authority: str) -> Credential | None:
        """What is kept for `authority`."""

    def write(self, authority: str, credential: Credential) -> None:
        """Keep `credential`, in place of what was kept."""

    def delete(self, authority: str) -> None:
        """Forget it; nothing to forget is no error."""


class CredentialStores(Protocol):
    """The credential stores of this machine's user, and which one is in use."""

    def choose(self, kind: StoreKind | None, authority: str) -> CredentialStore:
        """The one to use: `kind` if given, else what the environment says, else the record of the
        last login to `authority`, else the configuration."""

    def recorded(self, authority: str) -> CredentialStore | None:
        """The one that the last login to `authority` used; None where there was none."""

    def record(self, authority: str, store: CredentialStore) -> None:
        """Note that a login to `authority` used `store`."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep every other process of this user from changing credentials; STORE if the other one
        does not let go in time."""


class PasswordHasher(Protocol):
    """Slow hashes of passwords (argon2id, RFC 9106)."""

    def hash(self, password: Secret) -> str:
        """The encoded hash, with its own parameters and salt."""

    def verify(self, password_hash: str, password: Secret) -> bool:
        """Whether it fits. STORE for a hash that is not one, or whose parameters cost too much."""

    def decoy(self) -> str:
        """A hash that no password fits, as costly to verify as a new one's."""

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than are used now."""


class PasswordBlocklist(Protocol):
    """Passwords that so many people choose that they are guessed first."""

    def contains(self, text: str) -> bool:
        """Whether `text`, in lower case, is one of them. STORE where the list cannot be read."""


class LoginThrottle(Protocol):
    """Failed logins in a row, counted for each account and peer by the rule of `domain.throttle`.

    account: a user's name, or any other text. peer: where the attempt comes from, any text. What
    nobody has tried for a day is forgotten.
    """

    def attempt(self, account: str, peer: str, now: int) -> bool:
        """Whether an attempt at `now`, in seconds since the epoch, may be judged. It is counted as
        a failure in one transaction that excludes all others, and costs one write in any case."""

    def clear(self, account: str, peer: str) -> None:
        """Forget the failures of an account from one peer."""

    def clear_account(self, account: str) -> None:
        """Forget the failures of an account from everywhere."""


class KeyStore(Protocol):
    """Keys outside the database: those that sign tokens, or those that chain the audit log."""

    def load(self) -> KeySet:
        """All keys. STORE where they are absent, damaged or not private."""

    def ensure(self) -> KeySet:
        """All keys; a first one is made where there is none."""

    def rotate(self, keep: Callable[[RetiredKey], bool]) -> KeyChange:
        """Make a new current key, and drop the older ones that `keep` says no to, at once for all
        who load them. STORE as `load`, and then nothing has changed."""


class TokenCodec(Protocol):
    """Tokens as JWTs (RFC 7519) under the rules of RFC 8725."""

    def encode(self, claims: Claims, key_id: str) -> Secret:
        """The signed token; the same claims and key always give the same text."""

    def decode(self, token: Secret, kind: TokenKind, issuer: str) -> Claims:
        """The claims of a genuine token of `kind` by `issuer`, also of an expired one. Otherwise
        NOT_AUTHENTICATED, in words that tell nothing of the token."""

    def current_key(self) -> str:
        """The id of the key that signs new tokens."""


class FileModes(Protocol):
    """contctl's own folders and files as the file system has them."""

    def problems(self) -> tuple[str, ...]:
        """One line for each that is a link, another user's, or open to others."""

    def repair(self) -> tuple[str, ...]:
        """Take the access of others away where that is all that is wrong; one line for each."""


class HostPaths(Protocol):
    """The file system of the engine's host."""

    def trusted(self, path: str) -> bool:
        """Whether nobody but root could put something else in the place of `path`: it is absolute
        and without `..`, and everything on the way, itself included, is a folder (itself may be a
        plain file) of root's that neither group nor others may write; no link. What cannot be
        examined is not trusted; nothing is raised."""


class ContextStore(Protocol):
    """contctl's own contexts of this machine's user, and what else the choice of a place depends
    on. STORE where they are damaged, or others can change them."""

    def situation(self, option: str | None) -> Situation:
        """All that the choice depends on now. option: what `--context` names."""

    def change(self, change: Callable[[Contexts], Contexts]) -> None:
        """Replace the contexts by `change` of them, with no other writer between; what it raises is
        raised, and then nothing is changed."""


class DockerContexts(Protocol):
    """Docker's own contexts, which are only read. STORE where its configuration is damaged."""

    def list(self) -> tuple[DockerContext, ...]:
        """All of them, `default` too, which is always there, by name."""

    def current(self) -> str:
        """The name of the one that docker would use, `DOCKER_HOST` apart."""


class ContextProbe(Protocol):
    """The contexts that commands do not go to now, and whether they could."""

    def others(self) -> tuple[ListedContext, ...]:
        """All but the current one, by name. STORE where docker's or contctl's own are damaged."""

    def ask(self, context: ListedContext) -> str:
        """What answers there, in a few words; any ContctlError where nothing does. Sends no token,
        changes nothing, and may be called by several threads."""


class HostAccess(Protocol):
    """What the user of this process can reach on this host. Everything is tried, nothing guessed;
    only `engine_addresses` raises."""

    @property
    def uid(self) -> int:
        """The effective user id."""

    def groups(self) -> Mapping[int, str]:
        """The groups of this process, and those that the group database has for its user, for a
        new login is in these: names by id, the number where there is no name."""

    def open_socket(self, path: str) -> Access:
        """Connect to the Unix socket at `path` and leave at once. OPEN also where nobody listens
        but this user would be let in."""

    def group_of(self, path: str) -> int | None:
        """The id of the group of what is at `path`, links followed; None where it is not to be
        seen."""

    def read(self, path: str) -> Access:
        """Open the file or folder at `path` for reading."""

    def engine_addresses(self) -> tuple[str, ...]:
        """The addresses, such as `unix:///run/docker.sock`, of the engines that this user's
        environment, docker's configuration and contctl's contexts name; STORE where one of them is
        damaged."""


class GatewayProbe(Protocol):
    """A gateway, asked without a caller."""

    def info(self) -> GatewayInfo:
        """What it is; UNAVAILABLE where it does not answer, or is no gateway."""

    def certificate_ends(self) -> float | None:
        """When its certificate is valid no more, in seconds since the epoch; None over a socket,
        where there is none. UNAVAILABLE as for `info`."""


class ServiceHost(Protocol):
    """This machine, as far as a service is installed on it."""

    @property
    def uid(self) -> int:
        """The effective ID of the operating-system user."""

    def has_systemd(self) -> bool:
        """Whether systemd runs this machine (sd_booted(3))."""

    def program_parts(self) -> tuple[str, ...]:
        """The absolute paths, without links, of this contctl's command, its interpreter and its
        modules, in this order."""

    def weakness(self) -> str | None:
        """What lets others than root change one of `program_parts`, or keeps others from using it;
        None where nothing does."""

    def has_modules(self, names: Sequence[str]) -> bool:
        """Whether this contctl has all these Python modules."""

    def user(self, name: str) -> SystemUser | None:
        """The user of that name."""

    def group_id(self, name: str) -> int | None:
        """The ID of the group of that name."""

    def engine_socket(self, path: str) -> EngineSocket | None:
        """Who may open the socket at `path`; None where there is none."""

    def perform(self, step: Step) -> bool:
        """Do a step, as root; whether it changed anything. Doing it again changes nothing more.
        CONFLICT where a link, or a folder of another user's, is in its place; FAILED where a
        program of the system's fails, or does not end."""


class RegistryCredentials(Protocol):
    """The caller's own credentials for image registries."""

    def find(self, image: str) -> Secret | None:
        """Docker's JSON for the registry that `image` names; None for an anonymous pull."""


class Supervision(Protocol):
    """What ends streams whose caller's rights have ended since."""

    def watch(
        self, check: Callable[[], None], end: Callable[[ContctlError], None]
    ) -> Callable[[], None]:
        """Call `check` every few seconds until it raises, then `end` with the error, once, from any
        thread; until the returned function is called, which may be at any time.

        A check that raises STORE has decided nothing, and is asked again. One that raises anything
        but a ContctlError ends it too, with FAILED and the reason `bug`. Neither may block for
        long; one that does holds up no others.
        """


class Ports(Protocol):
    """All outbound ports of an authority. Each is built when it is first asked for, so asking may
    raise too.

    uid: the caller's id as a user of the operating system, for the audit log; -1 for one who comes
    over a network.
    peer: where the caller comes from, in words that tell peers apart.
    supervision: None where a caller runs the authority's own process, and could go on without it.
    may_initialise: whether the caller is the store's own operating-system user, or root.
    environment_token: the CI token that the caller shows, None for none.
    NOT_AUTHENTICATED where there are two; STORE for a file that cannot be read or trusted.
    engine_choice: which of its engines a gateway is asked for; None in embedded mode. What a caller
    is told of it depends on the caller's grants (`core/services/engine_access.py`).
    engine: the one that was chosen; NOT_FOUND where there is none.
    recorded_engine: the name by which records tell it from the authority's others; empty for the
    only one, and in embedded mode for the usual Docker engine. Nothing is raised.
    """

    @property
    def uid(self) -> int: ...
    @property
    def peer(self) -> str: ...
    @property
    def may_initialise(self) -> bool: ...
    @property
    def environment_token(self) -> GivenToken | None: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...
    @property
    def users(self) -> UserRepository: ...
    @property
    def sessions(self) -> SessionRepository: ...
    @property
    def identities(self) -> IdentityLookup: ...
    @property
    def ci_tokens(self) -> CiTokenRepository: ...
    @property
    def ci_token_lookup(self) -> CiTokenLookup: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def audit_keys(self) -> KeyStore: ...
    @property
    def keys(self) -> KeyStore: ...
    @property
    def codec(self) -> TokenCodec: ...
    @property
    def hasher(self) -> PasswordHasher: ...
    @property
    def blocklist(self) -> PasswordBlocklist: ...
    @property
    def throttle(self) -> LoginThrottle: ...
    @property
    def engine_choice(self) -> EngineChoice | None: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def recorded_engine(self) -> str: ...
    @property
    def host_paths(self) -> HostPaths: ...
    @property
    def supervision(self) -> Supervision | None: ...


class EmbeddedPorts(Ports, Protocol):
    """Those of a process that is the authority and its client in one.

    stores: where the client keeps its tokens.  modes: the files of both.  context_probe: what its
    other contexts lead to.
    """

    @property
    def stores(self) -> CredentialStores: ...
    @property
    def modes(self) -> FileModes: ...
    @property
    def context_probe(self) -> ContextProbe: ...
