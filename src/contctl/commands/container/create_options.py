"""The options of `run` and `create`, declared once, in docker's order and words of their names."""

from contctl.commands.container.given import Declared

RESOURCES = (
    Declared("--blkio-weight", "Weight for block devices, 10 to 1000, or 0 for none.", "WEIGHT"),
    Declared("--cpu-period", "Period of the CPU scheduler, in microseconds.", "MICROSECONDS"),
    Declared("--cpu-quota", "CPU time in a period, in microseconds.", "MICROSECONDS"),
    Declared("--cpu-rt-period", "Period of real-time scheduling.", "MICROSECONDS"),
    Declared("--cpu-rt-runtime", "Real-time CPU time in a period.", "MICROSECONDS"),
    Declared("--cpu-shares -c", "Relative weight for CPUs.", "WEIGHT"),
    Declared("--cpus", "How many CPUs it may use.", "NUMBER"),
    Declared("--cpuset-cpus", "Which CPUs it may use, as 0-3 or 0,1.", "CPUS"),
    Declared("--cpuset-mems", "Which memory nodes it may use.", "NODES"),
    Declared("--memory -m", "Memory that it may use, as 512m or 2g.", "BYTES"),
    Declared("--memory-reservation", "Memory that it is reduced to in need.", "BYTES"),
    Declared("--memory-swap", "Memory and swap together; -1 for no limit.", "BYTES"),
    Declared("--pids-limit", "How many processes it may have; -1 for no limit.", "NUMBER"),
)
"""Those of `update` too."""

RESTART = Declared("--restart", "When it is started again: on-failure[:MAX], always …", "POLICY")

_LIMITS = (
    Declared("--blkio-weight-device", "Weight for one device.", "DEVICE:WEIGHT", many=True),
    Declared("--device-read-bps", "Bytes a second read from a device.", "DEVICE:BYTES", many=True),
    Declared("--device-read-iops", "Reads a second from a device.", "DEVICE:NUMBER", many=True),
    Declared("--device-write-bps", "Bytes a second written to one.", "DEVICE:BYTES", many=True),
    Declared("--device-write-iops", "Writes a second to a device.", "DEVICE:NUMBER", many=True),
    Declared("--kernel-memory", "Kernel memory that it may use.", "BYTES"),
    Declared("--memory-swappiness", "How readily it is swapped out, 0 to 100.", "NUMBER"),
    Declared("--oom-kill-disable", "Never kill it for want of memory."),
    Declared("--oom-score-adj", "How readily it is killed for it, -1000 to 1000.", "NUMBER"),
    Declared("--shm-size", "Size of /dev/shm.", "BYTES"),
    Declared("--storage-opt", "Option for the storage driver.", "KEY=VALUE", many=True),
    Declared("--ulimit", "Limit of processes.", "NAME=SOFT[:HARD]", many=True),
)

_MOUNTS = (
    Declared("--mount", "Mount something.", "type=TYPE,target=PATH,…", many=True),
    Declared("--read-only", "Let only what is mounted be written to."),
    Declared("--tmpfs", "Mount a folder in memory.", "PATH[:OPTIONS]", many=True),
    Declared("--use-api-socket", "Mount the engine's own socket."),
    Declared("--volume -v", "Mount a folder of the host, or a volume.", "[SOURCE:]PATH", many=True),
    Declared("--volume-driver", "Driver of new volumes.", "NAME"),
    Declared("--volumes-from", "Mount another container's volumes.", "CONTAINER[:ro]", many=True),
)

_NETWORKS = (
    Declared("--add-host", "Give an address a name inside.", "HOST:IP", many=True),
    Declared("--dns", "DNS server.", "IP", many=True),
    Declared("--dns-option --dns-opt", "DNS option.", "OPTION", many=True),
    Declared("--dns-search", "DNS search domain.", "DOMAIN", many=True),
    Declared("--expose", "Port or range that the image should expose.", "PORT", many=True),
    Declared("--ip", "IPv4 address on its network.", "IP"),
    Declared("--ip6", "IPv6 address on its network.", "IP"),
    Declared("--link", "Name another container inside.", "CONTAINER[:ALIAS]", many=True),
    Declared("--link-local-ip", "Link-local address.", "IP", many=True),
    Declared("--mac-address", "MAC address on its network.", "MAC"),
    Declared("--network --net", "Network to be on.", "NAME", many=True),
    Declared("--network-alias --net-alias", "Other name on its network.", "NAME", many=True),
    Declared("--publish -p", "Make a port reachable on the host.", "[[IP:]HOST:]PORT", many=True),
    Declared("--publish-all -P", "Do so with all exposed ports."),
)

_ISOLATION = (
    Declared("--annotation", "Annotation for the runtime.", "KEY=VALUE", many=True),
    Declared("--cap-add", "Capability to add.", "NAME", many=True),
    Declared("--cap-drop", "Capability to drop.", "NAME", many=True),
    Declared("--cgroup-parent", "Cgroup that its own is made in.", "PATH"),
    Declared("--cgroupns", "Cgroup namespace: host or private.", "MODE"),
    Declared("--device", "Device of the host.", "PATH[:TARGET][:rwm]", many=True),
    Declared("--device-cgroup-rule", "Rule for the use of devices.", "RULE", many=True),
    Declared("--gpus", "GPUs: all, a number, or device=…", "REQUEST", many=True),
    Declared("--group-add", "Group that it is in too.", "GROUP", many=True),
    Declared("--ipc", "IPC namespace.", "MODE"),
    Declared("--isolation", "Isolation technology.", "NAME"),
    Declared("--pid", "PID namespace.", "MODE"),
    Declared("--privileged", "Give it all the host's privileges."),
    Declared("--runtime", "Runtime that runs it.", "NAME"),
    Declared("--security-opt", "Security option.", "OPTION", many=True),
    Declared("--sysctl", "Kernel setting of its namespaces.", "KEY=VALUE", many=True),
    Declared("--userns", "User namespace.", "MODE"),
    Declared("--uts", "UTS namespace.", "MODE"),
)

_HEALTH = (
    Declared("--health-cmd", "Command line that tells whether it is well.", "COMMAND"),
    Declared("--health-interval", "Time between checks, as 30s.", "DURATION"),
    Declared("--health-retries", "Failures in a row before it is unhealthy.", "NUMBER"),
    Declared("--health-start-interval", "Time between checks at the start.", "DURATION"),
    Declared("--health-start-period", "How long it may take to start.", "DURATION"),
    Declared("--health-timeout", "How long a check may take.", "DURATION"),
    Declared("--no-healthcheck", "Do without the image's check."),
)

_PROCESS = (
    Declared("--attach -a", "Stream to join: stdin, stdout or stderr.", "STREAM", many=True),
    Declared("--cidfile", "Write its ID into this new file.", "FILE"),
    Declared(
        "--disable-content-trust/--no-disable-content-trust",
        "Taken as docker takes it; contctl never verifies.",
        unset=True,
        hidden=True,
    ),
    Declared("--domainname", "Its NIS domain.", "NAME"),
    Declared("--entrypoint", "Instead of the image's own.", "PATH"),
    Declared("--env -e", "Set an environment variable.", "NAME[=VALUE]", many=True),
    Declared("--env-file", "Set those in a file.", "FILE", many=True),
    Declared("--hostname -h", "Its host name.", "NAME"),
    Declared("--init/--no-init", "Run an init as its first process.", unset=None),
    Declared("--interactive -i", "Keep its standard input open."),
    Declared("--label -l", "Set a label.", "KEY[=VALUE]", many=True),
    Declared("--label-file", "Set those in a file.", "FILE", many=True),
    Declared("--log-driver", "Where its output goes.", "NAME"),
    Declared("--log-opt", "Option for that.", "KEY=VALUE", many=True),
    Declared("--name", "Its name.", "NAME"),
    Declared("--platform", "Platform of the image.", "OS[/ARCH[/VARIANT]]"),
    Declared("--pull", "Pull the image: always, missing or never.", "WHEN"),
    Declared("--quiet -q", "Show nothing of the pull."),
    RESTART,
    Declared("--rm", "Remove it when it ends."),
    Declared("--stop-signal", "The signal that stops it.", "SIGNAL"),
    Declared("--stop-timeout", "How long it may take to stop, in seconds.", "SECONDS"),
    Declared("--tty -t", "Give it a terminal."),
    Declared("--user -u", "Who runs it, inside.", "USER[:GROUP]"),
    Declared("--workdir -w", "Its working folder, inside.", "PATH"),
)

CREATE = tuple(
    sorted(
        (*_PROCESS, *RESOURCES, *_LIMITS, *_MOUNTS, *_NETWORKS, *_ISOLATION, *_HEALTH),
        key=lambda option: option.name,
    )
)
"""Those of `create`."""

RUN = tuple(
    sorted(
        (
            *CREATE,
            Declared("--detach -d", "Leave it running and print its ID."),
            Declared("--detach-keys", "Keys that leave it running.", "KEYS"),
            Declared("--sig-proxy/--no-sig-proxy", "Pass signals on to it.", unset=True),
        ),
        key=lambda option: option.name,
    )
)
"""Those of `run`."""
