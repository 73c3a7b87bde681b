"""Where a command gets a password: a prompt, or one line of standard input."""

from contctl.commands.app import App
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

_LIMIT = 4096


def known_password(app: App, *, from_stdin: bool) -> Secret:
    """A password that exists already; USAGE at once where nobody can be asked."""
    if from_stdin:
        return _from_stdin(app)
    _check_may_ask(app)
    return app.terminal.ask_password("Password: ")


def new_password(app: App, username: str, *, from_stdin: bool) -> Secret:
    """A new password for the user named `username`. Where it is typed the rules are told first,
    the first typing is checked by them, and it is typed twice; USAGE where the two differ."""
    if from_stdin:
        return _from_stdin(app)
    _check_may_ask(app)
    rules = app.api.password_rules
    app.terminal.note(
        f"a new password has at least {rules.min_length} characters; a few unrelated words are best"
    )
    password = app.terminal.ask_password("New password: ")
    rules.check(username, password)
    if app.terminal.ask_password("The same again: ") != password:
        raise ContctlError(ErrorCode.USAGE, "the two passwords differ")
    return password


def check_can_get(app: App, *, from_stdin: bool) -> None:
    """USAGE where no password could be had, before anything else is done."""
    if not from_stdin:
        _check_may_ask(app)


def _check_may_ask(app: App) -> None:
    if not app.may_ask:
        raise ContctlError(
            ErrorCode.USAGE,
            "a password is needed, and there is no terminal to ask on",
            hint="use --password-stdin",
        )


def _from_stdin(app: App) -> Secret:
    data = app.terminal.stdin.read(_LIMIT)
    data = data.removesuffix(b"\n").removesuffix(b"\r")
    if b"\n" in data:
        raise ContctlError(ErrorCode.USAGE, "standard input holds more than one line")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ContctlError(ErrorCode.USAGE, "the password on standard input is not UTF-8") from None
    if not text:
        raise ContctlError(ErrorCode.USAGE, "standard input holds no password")
    return Secret(text)
