"""Which kind of machine it is measured on, without its name."""

import os
import platform
import re
from pathlib import Path

import contctl
from devtools.bench.place import Place

_MODEL = re.compile(r"^model name\s*: (.+)$", re.MULTILINE)


def machine(place: Place) -> tuple[str, ...]:
    """A few words each: versions, processor, kernel."""
    versions = place.run(
        place.docker, "version", "--format", "{{.Client.Version}} and engine {{.Server.Version}}"
    )
    # Only proc(5) of some architectures names the model.
    model = _MODEL.search(Path("/proc/cpuinfo").read_text())
    kernel = ".".join(platform.release().split(".")[:2])
    return (
        f"contctl {contctl.__version__}",
        f"{os.cpu_count()} cores of {model[1] if model else platform.machine()}",
        f"{platform.system()} {kernel}",
        f"Python {platform.python_version()}",
        f"docker {versions.strip()}",
    )
