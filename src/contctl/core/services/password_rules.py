"""What a new password has to be."""

from contctl.core.domain.passwords import check_new_password, normalised
from contctl.core.domain.secret import Secret
from contctl.core.domain.weak_passwords import check_guessable
from contctl.core.ports import Ports


class PasswordRuleService:
    """Implements the inbound port `PasswordRules`."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    @property
    def min_length(self) -> int:
        return self._ports.settings.min_password_length

    def check(self, username: str, password: Secret) -> None:
        password = normalised(password)
        check_new_password(password, self.min_length)
        check_guessable(password, username, self._ports.blocklist.contains)
