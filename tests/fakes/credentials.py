"""Credential stores in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from contctl.core.domain.credentials import Credential, StoreKind
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import CredentialStore


class FakeCredentialStore:
    """CredentialStore in a dictionary.

    broken: raised by every call from then on, as a real store raises where it is locked or gone.
    texts: what is kept, by authority, as the text that a real store would hold.
    probes: how many probes succeeded.
    """

    def __init__(self, kind: StoreKind = StoreKind.KEYRING) -> None:
        self._kind = kind
        self.texts: dict[str, str] = {}
        self.broken: ContctlError | None = None
        self.probes = 0

    @property
    def kind(self) -> StoreKind:
        """As given to the constructor."""
        return self._kind

    @property
    def location(self) -> str:
        """Some text."""
        return f"the fake {self._kind}"

    def probe(self) -> None:
        """Raise `broken`, or count."""
        self._check()
        self.probes += 1

    def read(self, authority: str) -> Credential | None:
        """What is kept."""
        self._check()
        text = self.texts.get(authority)
        return None if text is None else Credential.from_json(text)

    def write(self, authority: str, credential: Credential) -> None:
        """Keep it."""
        self._check()
        self.texts[authority] = credential.to_json()

    def delete(self, authority: str) -> None:
        """Forget it."""
        self._check()
        self.texts.pop(authority, None)

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken


class FakeCredentialStores:
    """CredentialStores of one FakeCredentialStore of each kind.

    keyring, file: the stores. recorded_kinds: the kind of store of the last login, by authority.
    default: what is chosen without a record. held: whether `exclusive` is entered. busy: whether
    another process seems to hold it.
    """

    def __init__(self, default: StoreKind = StoreKind.KEYRING) -> None:
        self.keyring = FakeCredentialStore(StoreKind.KEYRING)
        self.file = FakeCredentialStore(StoreKind.FILE)
        self.recorded_kinds: dict[str, StoreKind] = {}
        self.default = default
        self.held = False
        self.busy = False

    def choose(self, kind: StoreKind | None, authority: str) -> CredentialStore:
        """The store of `kind`, else of the record, else the default one."""
        chosen = kind or self.recorded_kinds.get(authority, self.default)
        return self.keyring if chosen is StoreKind.KEYRING else self.file

    def recorded(self, authority: str) -> CredentialStore | None:
        """The store of the record."""
        kind = self.recorded_kinds.get(authority)
        return None if kind is None else self.choose(kind, authority)

    def record(self, authority: str, store: CredentialStore) -> None:
        """Note the kind of `store`."""
        self.recorded_kinds[authority] = store.kind

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Set `held` inside; STORE if it is held already, or `busy`."""
        if self.held or self.busy:
            raise ContctlError(
                ErrorCode.STORE,
                "another contctl is changing the credentials",
                details={"reason": "credentials-busy"},
            )
        self.held = True
        try:
            yield
        finally:
            self.held = False
