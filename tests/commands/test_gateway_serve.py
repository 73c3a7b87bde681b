"""`gateway serve`: what the command asks for, and how it ends."""

from pathlib import Path

from tests.commands.harness import Shell


def test_it_serves_by_the_usual_file_or_a_named_one() -> None:
    shell = Shell()
    assert shell.done("gateway", "serve") == ""
    assert shell.done("gateway", "serve", "--config", "/x/gateway.toml") == ""
    assert shell.client.served == [None, Path("/x/gateway.toml")]


def test_its_code_is_that_of_the_process() -> None:
    shell = Shell()
    shell.client.served_code = 143
    assert shell.run("gateway", "serve").code == 143
