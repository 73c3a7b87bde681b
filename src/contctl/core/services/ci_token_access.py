"""Whose a CI token is, and whether it is good: the everyday question of a job's commands."""

from hmac import compare_digest

from contctl.core.domain.ci_tokens import GivenToken, TokenHolder, digest, is_live, token_id
from contctl.core.errors import ContctlError
from contctl.core.ports import CiTokenLookup
from contctl.core.services.authority import not_authenticated


def accept_token(given: GivenToken, lookup: CiTokenLookup, now: int) -> TokenHolder:
    """Owner, token and grants of a token that is good at `now` (seconds since the epoch).

    Otherwise NOT_AUTHENTICATED, in the same words for a text that is no token, a token that is not
    known, has expired or was revoked, and a disabled owner.
    """
    known = token_id(given.text)
    holder = lookup.find(known) if known is not None else None
    if (
        holder is None
        or not compare_digest(holder.digest.encode(), digest(given.text).encode())
        or not is_live(holder.token, now)
        or not holder.owner.enabled
    ):
        raise not_valid(given.variable)
    return holder


def not_valid(variable: str) -> ContctlError:
    """The one error of every CI token that is not good."""
    return not_authenticated(
        f"the CI token in {variable} is not valid",
        f"make a new one with 'contctl token create', or unset {variable}",
    )
