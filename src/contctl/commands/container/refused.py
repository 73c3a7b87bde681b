"""Docker's options that contctl leaves out on purpose, each with its reason.

By the command's name, as it stands at the top level, and the option as it is typed. A reason fits
behind "contctl does not take --link:".
"""

_CHECKPOINTS = (
    "checkpoints are an experiment of docker's, and hold the memory of processes in files"
)

_WINDOWS = dict.fromkeys(
    ("--cpu-count", "--cpu-percent", "--io-maxbandwidth", "--io-maxiops"),
    "only engines on Windows know it, and contctl's engines run Linux containers",
)

REFUSED: dict[str, dict[str, str]] = {
    "create": _WINDOWS,
    "images": {"--tree": "docker's tree of images is an experiment that still changes"},
    "run": _WINDOWS,
    "start": {"--checkpoint": _CHECKPOINTS, "--checkpoint-dir": _CHECKPOINTS},
    "rm": dict.fromkeys(
        ("--link", "-l"),
        "a link is a legacy of docker's, and goes when its container does",
    ),
}


def reason_against(command: str, option: str) -> str | None:
    """Why contctl leaves out `option` of docker's; None where it does not say.

    command: as it was typed behind the program's name, such as `container rm`.
    """
    return REFUSED.get(command.removeprefix("container "), {}).get(option)
