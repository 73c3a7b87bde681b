"""The files of an installed gateway: its systemd units and entries, and its first configuration.

`gateway_plan` has checked the names and paths that are given, so none of them needs quoting.
"""

DATA = "/var/lib/contctl"
RUN = "/run/contctl"
SOCKET = f"{RUN}/contctl.sock"


def service_unit(user: str, group: str, program: str) -> str:
    """The unit `contctl-gateway.service` (systemd.service(5), systemd.exec(5)).

    program: the absolute path of `contctl`. What is said of system calls, memory and /proc is tried
    without systemd by tests/e2e/test_gateway_unit.py; the other restrictions take away what the
    gateway, which has no capabilities, does not use.
    """
    return f"""\
[Unit]
Description=contctl gateway
Requires=contctl-gateway.socket
After=contctl-gateway.socket network.target docker.service

[Service]
Type=notify
ExecStart={program} gateway serve
User={user}
Group={group}
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
ReadWritePaths=-{RUN}

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


def socket_unit(user: str, group: str) -> str:
    """The unit `contctl-gateway.socket` (systemd.socket(5)); group: who may call."""
    return f"""\
[Unit]
Description=contctl gateway's socket

[Socket]
ListenStream={SOCKET}
SocketUser={user}
SocketGroup={group}
SocketMode=0660
DirectoryMode=0755

[Install]
WantedBy=sockets.target
"""


def sysusers_entry(user: str, group: str, engine_group: str) -> str:
    """The accounts, as sysusers.d(5) has them."""
    return f"""\
g {group} -
u {user} -:{group} "contctl gateway" {DATA} /usr/sbin/nologin
m {user} {engine_group}
"""


def tmpfiles_entry(user: str, group: str) -> str:
    """The folders, as tmpfiles.d(5) has them; /run is empty at every boot."""
    return f"""\
d {RUN} 0755 {user} {group} -
d {DATA} 0700 {user} {group} -
"""


def first_configuration(group: str, engine: str) -> str:
    """A first `gateway.toml`; engine: where the engine listens, as `unix:///path`."""
    return f"""\
# What contctl's gateway serves. A change takes effect when the gateway is started anew.
data = "{DATA}"

[listen]
# Under systemd, contctl-gateway.socket has the last word on both.
socket = "{SOCKET}"
group = "{group}"

# Grants name an engine by this name.
[engines.local]
docker = "{engine}"
"""
