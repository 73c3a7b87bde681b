"""Who asks, and for what: the words that decisions and records share."""

from typing import NamedTuple

from contctl.core.domain.accounts import User
from contctl.core.domain.grants import Grant


class Caller(NamedTuple):
    """Who is asking: a user in a session or by a CI token, with the grants held at this moment.

    session_id, token_id: empty where there is none.
    """

    user: User
    session_id: str
    grants: tuple[Grant, ...]
    token_id: str = ""

    @property
    def title(self) -> str:
        """Who it is, for the line of an error."""
        return f"the CI token of {self.user.name}" if self.token_id else self.user.name


class Deed(NamedTuple):
    """What a record is about: the action, and the container or account that it is done to."""

    action: str
    target: str = ""
    target_name: str = ""
    detail: str = ""
