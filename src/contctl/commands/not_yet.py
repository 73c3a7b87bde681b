"""Docker's options that this version of contctl does not have, for a better hint."""

_CREATE = (
    "-v --volume -P --publish-all -m --memory -h --hostname -a --attach --add-host"
    " --cap-add --cap-drop --cpus --device --dns --env-file --expose --gpus --group-add"
    " --health-cmd --init --ipc --log-driver --log-opt --memory-swap --mount --network-alias"
    " --no-healthcheck --pid --pids-limit --platform --privileged --pull --read-only --restart"
    " --runtime --security-opt --shm-size --stop-signal --stop-timeout --sysctl --tmpfs --ulimit"
    " --userns --volumes-from"
)
_OPTIONS = {"run": frozenset(_CREATE.split())}


def is_dockers(command: str, option: str) -> bool:
    """Whether docker's `command` has an `option` that contctl's has not."""
    return option in _OPTIONS.get(command, ())
