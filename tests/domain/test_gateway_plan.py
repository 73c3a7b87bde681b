"""Installing the gateway: the units word for word, the steps, and what stands in the way."""

from dataclasses import replace

import pytest

from contctl.core.domain.gateway_plan import (
    EngineSocket,
    Host,
    InstallOptions,
    JoinGroup,
    MakeFolder,
    MakeGroup,
    MakeUser,
    Plan,
    Reload,
    SystemUser,
    WriteFile,
    plan_of,
)
from contctl.core.domain.gateway_script import described, script, shell
from contctl.core.errors import ContctlError, ErrorCode

DEFAULTS = InstallOptions()
OTHERS = InstallOptions("ctl", "callers", "/run/engine.sock")
HOST = Host(
    systemd=True,
    parts=("/opt/contctl/bin/contctl", "/usr/bin/python3.11", "/opt/contctl/lib/contctl"),
    weakness=None,
    complete=True,
    user=None,
    group_id=None,
    engine=EngineSocket("engine", 120, writable=True),
)

SERVICE = """\
[Unit]
Description=contctl gateway
Requires=contctl-gateway.socket
After=contctl-gateway.socket network.target docker.service

[Service]
Type=notify
ExecStart=/opt/contctl/bin/contctl gateway serve
User=ctl
Group=callers
Restart=on-failure
RestartSec=1
# Exit codes that no new start mends: usage, a missing part of contctl, configuration.
RestartPreventExitStatus=2 8 9
TimeoutStopSec=30
UMask=0077
LimitNOFILE=8192
LimitCORE=0
TasksMax=2048
StateDirectory=contctl
StateDirectoryMode=0700
ReadWritePaths=-/run/contctl

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# Of its own files, to the group of those who may call.
SystemCallFilter=@chown
SystemCallErrorNumber=EPERM
# Not PrivateUsers=: it would hide from the audit log which user a caller is.

[Install]
WantedBy=multi-user.target
"""

SOCKET = """\
[Unit]
Description=contctl gateway's socket

[Socket]
ListenStream=/run/contctl/contctl.sock
SocketUser=ctl
SocketGroup=callers
SocketMode=0660
DirectoryMode=0755

[Install]
WantedBy=sockets.target
"""

SYSUSERS = """\
g callers -
u ctl -:callers "contctl gateway" /var/lib/contctl /usr/sbin/nologin
m ctl engine
"""

TMPFILES = """\
d /run/contctl 0755 ctl callers -
d /var/lib/contctl 0700 ctl callers -
"""

CONFIGURATION = """\
# What contctl's gateway serves. A change takes effect when the gateway is started anew.
data = "/var/lib/contctl"

[listen]
# Under systemd, contctl-gateway.socket has the last word on both.
socket = "/run/contctl/contctl.sock"
group = "callers"

# Grants name an engine by this name.
[engines.local]
docker = "unix:///run/engine.sock"
"""

EVERYWHERE = (
    MakeGroup("callers"),
    MakeUser("ctl", "callers"),
    JoinGroup("ctl", "engine"),
    MakeFolder("/etc/contctl", 0o755, "root", "root"),
    WriteFile("/etc/contctl/gateway.toml", CONFIGURATION, keep=True),
    MakeFolder("/var/lib/contctl", 0o700, "ctl", "callers"),
    MakeFolder("/run/contctl", 0o755, "ctl", "callers"),
)


def test_the_steps_with_systemd() -> None:
    assert plan_of(OTHERS, HOST) == Plan(
        (
            *EVERYWHERE,
            WriteFile("/etc/sysusers.d/contctl-gateway.conf", SYSUSERS),
            WriteFile("/etc/tmpfiles.d/contctl-gateway.conf", TMPFILES),
            WriteFile("/etc/systemd/system/contctl-gateway.socket", SOCKET),
            WriteFile("/etc/systemd/system/contctl-gateway.service", SERVICE),
            Reload(),
        ),
        (),
        ("systemctl enable --now contctl-gateway.socket contctl-gateway.service",),
    )


def test_the_steps_without_systemd() -> None:
    assert plan_of(OTHERS, replace(HOST, systemd=False)) == Plan(
        EVERYWHERE,
        (),
        (
            "install -d -m 0755 -o ctl -g callers /run/contctl",
            "setpriv --reuid ctl --regid callers --init-groups --no-new-privs"
            " /opt/contctl/bin/contctl gateway serve",
        ),
    )


def test_only_the_service_joins_the_engines_group() -> None:
    joins = [step for step in plan_of(DEFAULTS, HOST).steps if isinstance(step, JoinGroup)]
    assert joins == [JoinGroup("contctl", "engine")]


def test_steps_in_words_and_in_shell() -> None:
    keep = EVERYWHERE[4]
    steps = (*EVERYWHERE[:4], *EVERYWHERE[5:], WriteFile("/etc/x", "one\n"), Reload())
    assert {described(step): shell(step) for step in steps} == {
        "group callers": "getent group callers >/dev/null || groupadd --system callers",
        "user ctl": "getent passwd ctl >/dev/null || useradd --system --gid callers"
        " --home-dir /var/lib/contctl --no-create-home --shell /usr/sbin/nologin ctl",
        "user ctl in the group engine": "usermod --append --groups engine ctl",
        "folder /etc/contctl": "install -d -m 0755 -o root -g root /etc/contctl",
        "folder /var/lib/contctl": "install -d -m 0700 -o ctl -g callers /var/lib/contctl",
        "folder /run/contctl": "install -d -m 0755 -o ctl -g callers /run/contctl",
        "file /etc/x": "install -D -m 0644 /dev/stdin /etc/x <<'END_OF_FILE'\none\nEND_OF_FILE",
        "systemd's units": "systemctl daemon-reload",
    }
    assert described(keep) == "file /etc/contctl/gateway.toml (left alone once it is there)"
    assert shell(keep).startswith("[ -e /etc/contctl/gateway.toml ] || install -D -m 0644 ")


def test_the_script_has_every_step_in_order() -> None:
    plan = plan_of(DEFAULTS, HOST)
    text = script(plan)
    assert text.startswith("#!/bin/sh\n")
    assert "\nset -eu\n" in text
    places = [text.index(f"\n# {described(step)}\n{shell(step)}") for step in plan.steps]
    assert places == sorted(places)
    assert text.endswith(f"\n#   {plan.start[0]}")


def test_the_script_ends_with_every_line_that_starts_it() -> None:
    plan = plan_of(DEFAULTS, replace(HOST, systemd=False))
    first, second = plan.start
    assert script(plan).endswith(f"# Then start the gateway:\n#   {first}\n#   {second}")


def problems(host: Host, options: InstallOptions = DEFAULTS) -> list[tuple[ErrorCode, str]]:
    """What is in the way."""
    return [(problem.code, problem.message) for problem in plan_of(options, host).problems]


def test_nothing_is_in_the_way_of_a_second_time() -> None:
    host = replace(HOST, user=SystemUser(999, "/usr/sbin/nologin"), group_id=999)
    assert problems(host) == []
    assert problems(replace(host, user=SystemUser(1, "/bin/false"))) == []


@pytest.mark.parametrize(
    "user",
    [
        SystemUser(1000, "/usr/sbin/nologin"),
        SystemUser(0, "/usr/sbin/nologin"),
        SystemUser(999, "/bin/bash"),
        SystemUser(65534, "/usr/sbin/nologin"),
    ],
)
def test_a_user_who_is_no_service(user: SystemUser) -> None:
    ((code, message),) = problems(replace(HOST, user=user))
    assert code is ErrorCode.CONFLICT
    assert f"(uid {user.uid}, shell {user.shell})" in message


def test_an_engine_that_is_not_there() -> None:
    host = replace(HOST, engine=None)
    assert problems(host) == [
        (ErrorCode.UNAVAILABLE, "there is no engine's socket at /var/run/docker.sock")
    ]
    assert JoinGroup("contctl", "docker") in plan_of(DEFAULTS, host).steps


@pytest.mark.parametrize("engine", [EngineSocket("root", 0, True), EngineSocket("x", 5, False)])
def test_an_engine_that_only_root_may_use(engine: EngineSocket) -> None:
    assert problems(replace(HOST, engine=engine)) == [
        (
            ErrorCode.CONFLICT,
            "no group but root may open the engine's socket /var/run/docker.sock",
        )
    ]


@pytest.mark.parametrize("path", ["/run/user/1000/docker.sock", "/tmp/docker.sock"])
def test_an_engine_that_the_unit_would_hide(path: str) -> None:
    options = replace(DEFAULTS, engine=path)
    hidden = f"{path} lies in a folder that the gateway may not look into"
    assert problems(HOST, options) == [(ErrorCode.CONFLICT, hidden)]
    assert problems(replace(HOST, systemd=False), options) == []


def test_a_group_of_callers_who_would_have_the_engine() -> None:
    for host, options in (
        (HOST, replace(DEFAULTS, group="engine")),
        (HOST, replace(DEFAULTS, group="docker")),
        (replace(HOST, group_id=0), DEFAULTS),
    ):
        ((code, message),) = problems(host, options)
        assert code is ErrorCode.CONFLICT
        assert message.startswith(f"members of the group {options.group} could open")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("/home/ada/contctl",), "/home/ada/contctl lies in a folder that the gateway may not"),
        (("/root/bin/contctl",), "/root/bin/contctl lies in a folder that the gateway may not"),
        (("/tmp/contctl",), "/tmp/contctl lies in a folder that the gateway may not look into"),
        (
            ("/opt/contctl", "/root/python/bin/python", "/opt"),
            "/root/python/bin/python lies in a folder",
        ),
        (("/opt/my tools/contctl",), "the path of this contctl has unusual characters: '/opt/my"),
        (("/opt/%n/contctl",), "the path of this contctl has unusual characters: '/opt/%n/"),
        (("contctl",), "the path of this contctl has unusual characters: 'contctl'"),
    ],
)
def test_a_contctl_that_is_no_services(parts: tuple[str, ...], message: str) -> None:
    ((code, said),) = problems(replace(HOST, parts=parts))
    assert code is ErrorCode.STORE
    assert said.startswith(message)


def test_a_contctl_that_others_can_change() -> None:
    assert problems(replace(HOST, weakness="others than root may write /opt")) == [
        (ErrorCode.STORE, "this contctl cannot be the gateway's: others than root may write /opt")
    ]


def test_a_contctl_without_the_extra() -> None:
    assert problems(replace(HOST, complete=False)) == [
        (ErrorCode.UNSUPPORTED, "the gateway needs contctl's extra 'gateway'")
    ]


@pytest.mark.parametrize(
    "options",
    [
        InstallOptions(user="root"),
        InstallOptions(group="root"),
        *(InstallOptions(user=name) for name in ("", "Ada", "9lives", "-x", "a b", "a;b", "a\n")),
        InstallOptions(user="a" * 33),
        InstallOptions(group="a'b"),
        *(
            InstallOptions(engine=path)
            for path in ("", "docker.sock", "/a b", "/a'", "tcp://host", "/a/../b", "/a\n", "/a/")
        ),
    ],
)
def test_options_that_are_impossible(options: InstallOptions) -> None:
    with pytest.raises(ContctlError) as caught:
        plan_of(options, HOST)
    assert caught.value.code is ErrorCode.USAGE
    assert "\n" not in caught.value.message


ELSEWHERE = "install it as root, with a Python of the system's, into /opt/contctl"


@pytest.mark.parametrize(
    ("host", "options", "hint"),
    [
        (replace(HOST, parts=("contctl",)), DEFAULTS, ELSEWHERE),
        (replace(HOST, complete=False), DEFAULTS, "pip install 'contctl[gateway]'"),
        (
            replace(HOST, user=SystemUser(1000, "/bin/sh")),
            DEFAULTS,
            "name another with --user: whoever is that user holds the engine and the keys",
        ),
        (
            replace(HOST, engine=None),
            DEFAULTS,
            "start the engine, or name its socket with --engine unix:///path",
        ),
        (
            replace(HOST, engine=EngineSocket("root", 0, True)),
            DEFAULTS,
            'let it belong to a group of its own: "group": "docker" in docker\'s daemon.json',
        ),
        (
            HOST,
            replace(DEFAULTS, engine="/tmp/docker.sock"),
            "let the engine listen below /run; one of a user's own is no matter of a gateway",
        ),
        (
            HOST,
            replace(DEFAULTS, group="docker"),
            "name another with --group: roles bind nobody who has the socket",
        ),
    ],
)
def test_what_helps(host: Host, options: InstallOptions, hint: str) -> None:
    (problem,) = plan_of(options, host).problems
    assert problem.hint == hint


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (InstallOptions(user="Ada"), "a-z, 0-9, _ and -, at most 32, and no digit or - in front"),
        (InstallOptions(engine="x"), "write it as unix:///var/run/docker.sock"),
    ],
)
def test_how_options_are_written(options: InstallOptions, hint: str) -> None:
    with pytest.raises(ContctlError) as caught:
        plan_of(options, HOST)
    assert caught.value.hint == hint
