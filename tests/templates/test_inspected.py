"""An inspection as docker's types have it."""

from typing import Any

import pytest

from contctl.commands.container.inspect import filled
from contctl.commands.container.inspected import as_it_is, typed
from contctl.commands.output.template import compile_template
from contctl.core.errors import ContctlError

HEALTH = {
    "Status": "healthy",
    "FailingStreak": 0,
    "Log": [
        {"Start": "2026-11-23T16:00:00.120Z", "End": "2026-11-23T17:00:01+01:00", "ExitCode": 0}
    ],
}
DATA: dict[str, Any] = {
    "Id": "a" * 64,
    "Name": "/web",
    "State": {"Status": "running", "Pid": 5, "Health": HEALTH},
    "Config": {"Healthcheck": {"Test": ["CMD", "true"], "Interval": 90_000_000_000}},
    "HostConfig": {
        "NetworkMode": "host",
        "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]},
    },
    "New": 1,
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{.ID}}", "a" * 64),
        ("{{.Id}} {{.New}}", "a" * 64 + " 1"),
        ("{{.RestartCount}} {{.Driver}}|{{.SizeRw}} {{.Config.Env}}", "0 |<nil> []"),
        ("{{range .State.Health.Log}}{{.Start}}|{{.End}}{{end}}",
         "2026-11-23 16:00:00.12 +0000 UTC|2026-11-23 17:00:01 +0100 +0100"),
        ("{{json (index .State.Health.Log 0).Start}}", '"2026-11-23T16:00:00.120Z"'),
        ("{{.Config.Healthcheck}}", "{[CMD true] 1m30s 0s 0s 0s 0}"),
        ('{{printf "%v %d" .Config.Healthcheck.Interval .Config.Healthcheck.Interval}}',
         "1m30s 90000000000"),
        ("{{json .Config.Healthcheck}}", '{"Test":["CMD","true"],"Interval":90000000000}'),
        ("{{.HostConfig.PortBindings}}", "map[80/tcp:[{ 8080}]]"),
        ('{{(index (index .HostConfig.PortBindings "80/tcp") 0).HostPort}}', "8080"),
        ("{{json .HostConfig.Binds}}{{json .GraphDriver}}", 'null{"Data":null,"Name":""}'),
        ("{{.NetworkSettings}}", "<nil>"),
    ],
)  # fmt: skip
def test_templates_find_docker_s_types_first(source: str, text: str) -> None:
    assert filled(compile_template(source), DATA) == text


def test_what_fits_neither_is_refused() -> None:
    with pytest.raises(ContctlError, match="there is no field IsHost"):
        filled(compile_template("{{.HostConfig.NetworkMode.IsHost}}"), DATA)
    with pytest.raises(ContctlError):
        filled(compile_template("{{.NetworkSettings.Ports}}"), DATA)


@pytest.mark.parametrize("part", [{"State": 5}, {"Mounts": 5}, {"Config": ["a"]}])
def test_another_shape_is_no_inspection(part: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not an inspection"):
        typed({**DATA, **part})
    assert filled(compile_template("{{.Name}}"), {**DATA, **part}) == "/web"


def test_numbers_stay_as_they_are_written() -> None:
    assert as_it_is({"a": [1, 1.5, True, None, "1"]}) == {"a": ["1", "1.5", True, None, "1"]}
