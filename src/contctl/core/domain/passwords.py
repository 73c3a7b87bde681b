"""What a password has to be (NIST SP 800-63B-4, section 3.1.1.2)."""

import unicodedata

from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

MAX_BYTES = 1024
CHOOSE_WELL = "a few unrelated words make a long password that is easy to keep"


def normalised(password: Secret) -> Secret:
    """`password` in Unicode's form NFC, so that keyboards and systems that compose characters
    differently type the same one (RFC 8265, section 4.2.2). NIST asks for a normalisation too; its
    compatibility forms would make one of what people see as two, such as ² and 2. What is too long
    to be a password stays as it is, for normalising takes time."""
    text = password.reveal()
    if len(text) > MAX_BYTES:
        return password
    return Secret(unicodedata.normalize("NFC", text))


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
            hint=CHOOSE_WELL,
        )
