"""Making a container, and saying what is left of it where it does not get to run."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

from contctl.commands.app import App
from contctl.commands.container.cidfile import cidfile
from contctl.commands.container.spec import Asked
from contctl.commands.output.progress import show_pull
from contctl.core.domain.actions import Remove
from contctl.core.domain.containers import REQUEST_LABEL
from contctl.core.domain.create import Created, CreateSpec
from contctl.core.domain.transfers import PullOptions
from contctl.core.errors import ContctlError, ErrorCode

_INTERRUPTS = (KeyboardInterrupt, SystemExit)


def create(app: App, asked: Asked) -> Created:
    """Make the container that is asked for, and say what the engine warns of. An image that the
    engine does not have is pulled first, unless that is not wanted."""
    spec = asked.spec
    request = secrets.token_hex(16)
    with cidfile(spec.cidfile) as file:
        if asked.pull == "always":
            _pull(app, asked)
        created = _made(app, asked, request)
        for warning in created.warnings:
            app.terminal.note(f"WARNING: {warning}")
        with said_if_it_goes_on(created, spec):
            file.write(created.id)
    return created


def _made(app: App, asked: Asked, request: str) -> Created:
    try:
        return _create(app, asked.spec, request)
    except ContctlError as error:
        if error.reason != "no-image" or asked.pull != "missing":
            raise
    if not asked.quiet:
        app.terminal.note(f"the engine does not have the image {asked.spec.image}; pulling it")
    _pull(app, asked)
    return _create(app, asked.spec, request)


def _pull(app: App, asked: Asked) -> None:
    image = asked.spec.image
    auth, options = app.client.registry_auth(image), PullOptions(platform=asked.spec.platform)
    with closing(app.api.containers.pull(image, auth, options)) as steps:
        if not asked.quiet:
            show_pull(app.terminal, steps)
            return
        for _ in steps:
            pass


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
        name = _name(created, spec)
        hint = f"the container {name} may go on: see 'contctl ps', 'contctl rm -f {name}'"
        raise _with_hint(error, hint) from error


def _removed(app: App, created: Created) -> bool:
    """Whether the container is gone. One that runs after all is left running."""
    try:
        outcomes = list(app.api.containers.act(Remove(volumes=True), [created.id]))
    except ContctlError:
        return False
    return all(o.error is None or o.error.code is ErrorCode.NOT_FOUND for o in outcomes)


def _hint(created: Created, spec: CreateSpec) -> str:
    name = _name(created, spec)
    return f"the container {name} was made: see 'contctl ps -a', 'contctl rm {name}'"


def _name(created: Created, spec: CreateSpec) -> str:
    return spec.name or created.id[:12]


def _with_hint(error: ContctlError, hint: str) -> ContctlError:
    return ContctlError(error.code, error.message, hint=hint, details=error.details)
