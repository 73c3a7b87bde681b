"""Keyring backends that misbehave, each in one way, named to keyring by PYTHON_KEYRING_BACKEND.

Their priority keeps keyring's scan from choosing them.
"""

import time

from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.compat import properties
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordSetError
from secretstorage.exceptions import ItemNotFoundException

SECRET = "a token that must not be shown"


class Sound(KeyringBackend):
    """Keeps items in memory, as it should."""

    priority = 0.1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.items: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.items[service, username]


class Raising(Sound):
    """Raises `error` from every call."""

    error: Exception = RuntimeError(SECRET)

    def get_password(self, _service: str, _username: str) -> str | None:
        raise self.error

    def set_password(self, _service: str, _username: str, _password: str) -> None:
        raise self.error

    def delete_password(self, _service: str, _username: str) -> None:
        raise self.error


class Absent(Raising):
    error = NoKeyringError(SECRET)


class Locked(Raising):
    error = KeyringLocked(SECRET)


class Unready(Raising):
    error = InitError(SECRET)


class Refusing(Raising):
    error = PasswordSetError(SECRET)


class Failing(Raising):
    error = OSError(5, SECRET)


class Late(Raising):
    error = TimeoutError(SECRET)


class Dying(Raising):
    error = ConnectionResetError(SECRET)


class Losing(Raising):
    error = ItemNotFoundException(SECRET)


class Strange(Raising):
    error = Exception(SECRET, "\ud800\n\x1b[31m")


class Hanging(Sound):
    """Does not answer before the test is over."""

    def get_password(self, _service: str, _username: str) -> str | None:
        time.sleep(60)
        return None


class Flaky(Sound):
    """Does not do what it is asked for the first `failures` times."""

    error: Exception = BrokenPipeError()
    failures = 1

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error

    def get_password(self, service: str, username: str) -> str | None:
        self._fail()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password)
        self._fail()

    def delete_password(self, service: str, username: str) -> None:
        super().delete_password(service, username)
        self._fail()


class Contended(Flaky):
    """Does not find what other writers are replacing, twice."""

    error = ItemNotFoundException(SECRET)
    failures = 2


class Vanishing(Sound):
    """Loses its connection at the first call, and has no service afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def get_password(self, _service: str, _username: str) -> str | None:
        self.calls += 1
        raise BrokenPipeError if self.calls == 1 else NoKeyringError


class Forgetful(Sound):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Small(Sound):
    """Keeps the first 1,000 characters."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:1000])


class Clinging(Sound):
    """Deletes nothing."""

    def delete_password(self, service: str, username: str) -> None:
        pass


class Repeating(Sound):
    """Deletes at the third time only, as if there were three items."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 3

    def delete_password(self, service: str, username: str) -> None:
        self.left -= 1
        if self.left == 0:
            super().delete_password(service, username)


class Unviable(Sound):
    """Cannot be used here."""

    @properties.classproperty
    def priority(cls) -> float:
        raise RuntimeError(SECRET)


class DerivedNull(null.Keyring):
    """keyring's null backend by another name."""


class DerivedFail(fail.Keyring):
    """keyring's fail backend by another name."""


class DerivedChainer(chainer.ChainerBackend):
    """keyring's chainer by another name."""

    viable = False
