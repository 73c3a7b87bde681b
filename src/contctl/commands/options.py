"""Options that several commands share."""

from typing import Annotated

import typer

MAX_NUMBER = 2**31 - 1
"""The largest number that an option takes."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Format = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help="'table', 'json', a template, or 'table TEMPLATE'."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only what names them.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
Containers = Annotated[
    list[str], typer.Argument(metavar="CONTAINER [CONTAINER...]", show_default=False)
]
Container = Annotated[str, typer.Argument(metavar="CONTAINER", show_default=False)]
Grace = Annotated[
    int | None,
    typer.Option(
        "--timeout",
        "-t",
        "--time",
        min=-1,
        max=MAX_NUMBER,
        metavar="SECONDS",
        help="How long to wait before killing it.",
    ),
]
Signal = Annotated[
    str | None, typer.Option("--signal", "-s", metavar="SIGNAL", help="The signal to send.")
]
Env = Annotated[
    list[str] | None,
    typer.Option("--env", "-e", metavar="NAME[=VALUE]", help="Set an environment variable."),
]
Interactive = Annotated[bool, typer.Option("--interactive", "-i", help="Send it standard input.")]
Tty = Annotated[bool, typer.Option("--tty", "-t", help="Give it a terminal.")]
DetachKeys = Annotated[
    str | None,
    typer.Option(
        "--detach-keys", metavar="KEYS", help="The keys that leave it; ctrl-p,ctrl-q by default."
    ),
]
SigProxy = Annotated[
    bool, typer.Option("--sig-proxy/--no-sig-proxy", help="Pass signals on to it.")
]
EnvFile = Annotated[
    list[str] | None,
    typer.Option("--env-file", metavar="FILE", help="Set the variables in a file."),
]
User = Annotated[
    str | None, typer.Option("--user", "-u", metavar="USER[:GROUP]", help="Who runs it, inside.")
]
Workdir = Annotated[
    str | None, typer.Option("--workdir", "-w", metavar="PATH", help="Its working folder, inside.")
]
