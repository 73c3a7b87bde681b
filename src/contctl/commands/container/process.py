"""Being the terminal of a process in a container: output out, standard input in, its exit code."""

from contextlib import ExitStack, closing, nullcontext

from contctl.commands.app import App
from contctl.commands.container.signals import signals_passed_on
from contctl.commands.container.typed import Typed
from contctl.core.api import Duplex
from contctl.core.domain.actions import Start
from contctl.core.domain.containers import Json
from contctl.core.domain.streams import AttachSpec, Err, Exit, Out
from contctl.core.errors import ContctlError, ErrorCode

_LEFT = 1
"""What docker's exec and attach exit with when the detach keys were typed."""


def require_terminal(app: App, *, stdin: bool, tty: bool) -> None:
    """ContctlError USAGE where a process with a terminal is to be given an input that is none."""
    if stdin and tty and not app.terminal.stdin_is_tty:
        raise ContctlError(
            ErrorCode.USAGE,
            "the input device is not a TTY",
            hint="without -t standard input may be a pipe or a file",
        )


def inspected(app: App, ref: str) -> Json:
    """What the engine knows of one container that is to be joined; raises its error."""
    (answer,) = app.api.containers.inspect([ref])
    if answer.data is None:
        # Who may join none is to hear that first, whatever the container.
        app.api.containers.attach(ref, AttachSpec()).close()
        raise answer.error or ContctlError(ErrorCode.NOT_FOUND, f"no such container: {ref}")
    return answer.data


def start(app: App, ref: str) -> None:
    """Start one container; raises its error."""
    for outcome in app.api.containers.act(Start(), [ref]):
        if outcome.error is not None:
            raise outcome.error


def begin(app: App, ref: str, spec: AttachSpec) -> Duplex:
    """Join `ref` and start it."""
    duplex = app.api.containers.attach(ref, spec)
    try:
        start(app, ref)
    except BaseException:
        duplex.close()
        raise
    return duplex


def stay(
    app: App,
    ref: str,
    duplex: Duplex,
    *,
    stdin: bool,
    tty: bool = False,
    sig_proxy: bool = True,
    detach_keys: str | None = None,
) -> int:
    """Be the terminal of `ref` until it ends; its exit code, or 0 where the detach keys left it.

    tty: whether the process has a terminal.  sig_proxy: whether signals are passed on to it.
    """
    passing = signals_passed_on(app, ref) if sig_proxy else nullcontext()
    with closing(duplex), passing:
        return relay(app, duplex, stdin=stdin, tty=tty, detach_keys=detach_keys) or 0


def relay(
    app: App,
    duplex: Duplex,
    *,
    stdin: bool,
    tty: bool = False,
    detach_keys: str | None = None,
    redraw: bool = False,
) -> int | None:
    """Pass bytes both ways, unchanged, until the process ends: its exit code, or None where the
    detach keys left it. A terminal is as it was again afterwards, whatever ends it.

    redraw: let what runs already show itself again.
    """
    typed = Typed(app.terminal.stdin, duplex, detach_keys, tty=tty)
    with ExitStack() as stack:
        if tty:
            _join_terminals(stack, app, duplex, stdin=stdin, redraw=redraw)
        if stdin:
            typed.start()
        code = _show(app, duplex)
    if typed.left:
        return None
    if code is None:
        raise ContctlError(ErrorCode.UNAVAILABLE, "the connection to the process was closed")
    return code


def told_if_left(app: App, code: int | None) -> int:
    """The exit code of an exec or attach, after a `relay`."""
    if code is None:
        app.terminal.note("read escape sequence")
        return _LEFT
    return code


def _join_terminals(
    stack: ExitStack, app: App, duplex: Duplex, *, stdin: bool, redraw: bool
) -> None:
    """Until `stack` is closed, the terminal here serves the one of the process."""
    from contctl.commands.container.resizing import resized

    terminal = app.terminal
    resize = stack.enter_context(resized(terminal, duplex, redraw=redraw))
    if stdin and terminal.stdin_is_tty and not terminal.environ.get("NORAW"):
        from contctl.commands.output.raw_terminal import raw_terminal

        stack.enter_context(raw_terminal(terminal.stdin.fileno(), resize))


def _show(app: App, duplex: Duplex) -> int | None:
    """Write what comes until the process ends; None where the duplex was closed first."""
    while (frame := duplex.read()) is not None:
        match frame:
            case Out(data):
                app.terminal.write_bytes(data)
            case Err(data):
                app.terminal.error_bytes(data)
            case Exit(code):
                return code
    return None
