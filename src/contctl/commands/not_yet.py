"""Docker's options that this version of contctl does not have, for a better hint."""

_EXEC = "-t --tty --detach-keys --env-file --privileged"
_OPTIONS = {"exec": frozenset(_EXEC.split())}


def is_dockers(command: str, option: str) -> bool:
    """Whether docker's `command` has an `option` that contctl's has not."""
    return option in _OPTIONS.get(command, ())
