"""Docker's options that contctl leaves out on purpose, each with its reason.

By the command's name, as it stands at the top level, and the option as it is typed. A reason fits
behind "contctl does not take --cpu-count:".
"""

_WINDOWS = dict.fromkeys(
    ("--cpu-count", "--cpu-percent", "--io-maxbandwidth", "--io-maxiops"),
    "only engines on Windows know it, and contctl's engines run Linux containers",
)

REFUSED: dict[str, dict[str, str]] = {"create": _WINDOWS, "run": _WINDOWS}
