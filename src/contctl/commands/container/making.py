"""Making a container, and saying what is left of it where it does not get to run."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

from contctl.commands.app import App
from contctl.commands.output.progress import show_pull
from contctl.core.domain.actions import Remove
from contctl.core.domain.containers import REQUEST_LABEL
from contctl.core.domain.create import Created, CreateSpec
from contctl.core.errors import ContctlError, ErrorCode

_INTERRUPTS = (KeyboardInterrupt, SystemExit)


def create(app: App, spec: CreateSpec) -> Created:
    """Make a container of `spec`; an image that the engine does not have is pulled first."""
    request = secrets.token_hex(16)
    try:
        return _create(app, spec, request)
    except ContctlError as error:
        if error.reason != "no-image":
            raise
    app.terminal.note(f"the engine does not have the image {spec.image}; pulling it")
    with closing(app.api.containers.pull(spec.image, app.client.registry_auth(spec.image))) as pull:
        show_pull(app.terminal, pull)
    return _create(app, spec, request)


def _create(app: App, spec: CreateSpec, request: str) -> Created:
    try:
        return app.api.containers.create(spec, request)
    except _INTERRUPTS:
        app.terminal.note("interrupted; whether the container was made is unknown")
        app.terminal.note(
            f"hint: look for it with 'contctl ps -a --filter label={REQUEST_LABEL}={request}'"
        )
        raise


@contextmanager
def nothing_left_unsaid(app: App, created: Created, spec: CreateSpec) -> Iterator[None]:
    """For the way from a container that was made to one that runs: where the body fails, one with
    `auto_remove` is removed, and of one that is left the hint tells."""
    try:
        yield
    except ContctlError as error:
        if spec.auto_remove and _removed(app, created):
            raise
        raise _with_hint(error, _hint(created, spec)) from error
    except _INTERRUPTS:
        # Nothing more is asked of the store here: the interrupt may have come amid a write to it.
        app.terminal.note(f"interrupted; {_hint(created, spec)}")
        raise


@contextmanager
def said_if_it_goes_on(created: Created, spec: CreateSpec) -> Iterator[None]:
    """For the time that a container runs: where the body fails, the hint tells of it."""
    try:
        yield
    except ContctlError as error:
        raise _with_hint(error, _hint(created, spec)) from error


def _removed(app: App, created: Created) -> bool:
    """Whether the container is gone. One that runs after all is left running."""
    try:
        outcomes = list(app.api.containers.act(Remove(volumes=True), [created.id]))
    except ContctlError:
        return False
    return all(o.error is None or o.error.code is ErrorCode.NOT_FOUND for o in outcomes)


def _hint(created: Created, spec: CreateSpec) -> str:
    name = spec.name or created.id[:12]
    return f"the container {name} was made: see 'contctl ps -a', 'contctl rm {name}'"


def _with_hint(error: ContctlError, hint: str) -> ContctlError:
    return ContctlError(error.code, error.message, hint=hint, details=error.details)
