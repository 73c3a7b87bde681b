"""What a password has to be (NIST SP 800-63B-4, section 3.1.1.2)."""

from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

MAX_BYTES = 1024


def fits(password: Secret) -> bool:
    """Whether `password` may be hashed at all: UTF-8, no NUL, at most 1,024 bytes."""
    text = password.reveal()
    if len(text) > MAX_BYTES or "\0" in text:
        return False
    try:
        return len(text.encode("utf-8")) <= MAX_BYTES
    except UnicodeEncodeError:
        return False


def check_new_password(password: Secret, min_length: int) -> None:
    """ContctlError USAGE unless `password` has `min_length` characters or more and fits."""
    if not fits(password):
        raise ContctlError(
            ErrorCode.USAGE,
            f"a password is UTF-8 text without NUL of at most {MAX_BYTES} bytes",
        )
    if len(password.reveal()) < min_length:
        raise ContctlError(
            ErrorCode.USAGE,
            f"the password is too short: at least {min_length} characters are needed",
            hint="a few unrelated words make a long password that is easy to keep",
        )
