"""Docker's options that contctl leaves out on purpose, each with its reason.

By the command's name, as it stands at the top level, and the option as it is typed. A reason fits
behind "contctl does not take --link:".
"""

REFUSED: dict[str, dict[str, str]] = {
    "rm": dict.fromkeys(
        ("--link", "-l"),
        "links between containers are a legacy of docker's, which contctl does not make",
    ),
}


def reason_against(command: str, option: str) -> str | None:
    """Why contctl leaves out `option` of docker's; None where it does not say.

    command: as it was typed behind the program's name, such as `container rm`.
    """
    return REFUSED.get(command.removeprefix("container "), {}).get(option)
