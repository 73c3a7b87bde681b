"""Whose a token is, as the store knows it at this moment."""

from typing import NamedTuple

from contctl.core.domain.accounts import User
from contctl.core.domain.grants import Grant
from contctl.core.domain.sessions import Session


class Identity(NamedTuple):
    """What the store knows of an access token's holder."""

    user: User
    session: Session
    grants: tuple[Grant, ...]
