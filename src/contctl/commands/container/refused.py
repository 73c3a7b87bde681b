"""Docker's options that contctl leaves out on purpose, each with its reason.

By the command's name, as it stands at the top level, and the option as it is typed. A reason fits
behind "contctl does not take --link:".
"""

REFUSED: dict[str, dict[str, str]] = {
    "images": {"--tree": "docker's tree of images is an experiment that still changes"},
}
