"""contctl port."""

import re
from collections.abc import Iterable
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.ports import with_port
from contctl.commands.options import Container, Json
from contctl.commands.output.json_documents import port_document, print_json
from contctl.core.domain.containers import Port
from contctl.core.errors import ContctlError, ErrorCode

PrivatePort = Annotated[str, typer.Argument(metavar="[PRIVATE_PORT[/PROTO]]", show_default=False)]
_NUMBERS = re.compile("([0-9]+)")


def command(
    ctx: typer.Context, container: Container, private_port: PrivatePort = "", json: Json = False
) -> None:
    """Show where the ports of a container are published."""
    app = app_of(ctx)
    wanted = _port_of(private_port) if private_port else None
    ports = [port for port in app.api.containers.ports(container) if port.host_port is not None]
    if wanted is not None:
        ports = [port for port in ports if f"{port.container_port}/{port.protocol}" == wanted]
        if not ports:
            message = f"no public port '{private_port}' published for {container}"
            raise ContctlError(ErrorCode.NOT_FOUND, message)
    if json:
        print_json(app.terminal, {"ports": [port_document(port) for port in ports]})
        return
    for line in _sorted(_line(port, short=wanted is not None) for port in ports):
        app.terminal.line(line)


def _port_of(text: str) -> str:
    """Number and protocol, as docker's command line reads them (docker/cli, `port.go`)."""
    number, _, protocol = text.partition("/")
    if not (number.isascii() and number.isdigit() and len(number) < 20 and int(number) < 2**16):
        raise ContctlError(
            ErrorCode.USAGE, f"not a port: {text!r}", hint="ports are written 80, 80/tcp or 53/udp"
        )
    return f"{number}/{protocol or 'tcp'}"


def _line(port: Port, *, short: bool) -> str:
    address = with_port(port.host_ip or "", str(port.host_port))
    return address if short else f"{port.container_port}/{port.protocol} -> {address}"


def _sorted(lines: Iterable[str]) -> list[str]:
    """In the order of github.com/fvbommel/sortorder: numbers by their value, before all else."""
    return sorted(
        lines,
        key=lambda line: [
            (1, 0, part) if index % 2 == 0 else (0, int(part), "")
            for index, part in enumerate(_NUMBERS.split(line))
            if part
        ],
    )
