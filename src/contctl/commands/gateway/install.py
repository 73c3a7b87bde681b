"""contctl gateway install."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.exit_status import status_of
from contctl.commands.output.json_documents import error_document, print_json
from contctl.commands.output.terminal import Terminal
from contctl.core.domain.gateway_plan import Installed, InstallOptions, JoinGroup, Plan
from contctl.core.domain.gateway_script import described, script, shell

Apply = Annotated[bool, typer.Option("--apply", help="Do it, instead of printing it.")]
User = Annotated[
    str, typer.Option("--user", metavar="NAME", help="System user that the gateway runs as.")
]
Group = Annotated[
    str, typer.Option("--group", metavar="NAME", help="Group of those who may call the gateway.")
]
Engine = Annotated[
    str, typer.Option("--engine", metavar="ADDRESS", help="Docker engine that it serves.")
]
_DEFAULTS = InstallOptions()


def command(
    ctx: typer.Context,
    apply: Apply = False,
    user: User = _DEFAULTS.user,
    group: Group = _DEFAULTS.group,
    engine: Engine = f"unix://{_DEFAULTS.engine}",
    json: Json = False,
) -> None:
    """Install the gateway on this host.

    Without --apply the steps are printed as a shell script, and nothing is changed. With it they
    are done, by root only; what is there already is left, so it may be run again.
    """
    app = app_of(ctx)
    options = InstallOptions(user, group, engine.removeprefix("unix://"))
    installer = app.client.gateway_installer()
    plan = installer.plan(options)
    if not apply:
        _print_plan(app.terminal, plan, json=json)
        return
    done: list[Installed] = []
    for installed in installer.apply(options):
        done.append(installed)
        if not json and installed.error is None:
            word = "changed" if installed.changed else "ok"
            app.terminal.line(f"{word:8} {described(installed.step)}")
    if json:
        print_json(app.terminal, _document(plan, done))
    _say_what_is_next(app.terminal, options, plan, done)


def _print_plan(terminal: Terminal, plan: Plan, *, json: bool) -> None:
    if json:
        print_json(terminal, _document(plan, []))
    else:
        terminal.write(script(plan))
    for problem in plan.problems:
        terminal.note(f"warning: {problem.message}")
        if problem.hint:
            terminal.note(f"hint: {problem.hint}")


def _document(plan: Plan, done: list[Installed]) -> dict[str, object]:
    left = [None] * (len(plan.steps) - len(done))
    return {
        "steps": [
            {
                "what": described(step),
                "command": shell(step),
                "changed": installed.changed if installed else None,
                "error": error_document(installed.error) if installed and installed.error else None,
            }
            for step, installed in zip(plan.steps, [*done, *left], strict=True)
        ],
        "problems": [error_document(problem) for problem in plan.problems],
        "start": list(plan.start),
    }


def _say_what_is_next(
    terminal: Terminal, options: InstallOptions, plan: Plan, done: list[Installed]
) -> None:
    error = done[-1].error
    if error is not None:
        left = len(plan.steps) - len(done) + 1
        terminal.note(f"error: {error.message}")
        what = error.hint or "put it right"
        terminal.note(f"hint: {what}; {left} of {len(plan.steps)} steps are left, run this again")
        raise typer.Exit(status_of(error, runs_a_process=False))
    if not any(installed.changed for installed in done):
        terminal.note("nothing had to be changed")
        return
    terminal.note("next, as root; an upgraded gateway has to be started anew:")
    for line in plan.start:
        terminal.note(f"  {line}")
    terminal.note("  contctl --context local-gateway init")
    terminal.note("and for each who may call, from the next login on:")
    terminal.note(f"  usermod --append --groups {options.group} NAME")
    for step in plan.steps:
        if isinstance(step, JoinGroup):
            terminal.note(f"  gpasswd --delete NAME {step.group}")
