"""Terminals without anybody before them."""

import io
from collections.abc import Mapping

from contctl.commands.output.terminal import Terminal


def screen(environ: Mapping[str, str]) -> Terminal:
    """A terminal whose three streams are in memory."""
    return Terminal(io.BytesIO(), io.BytesIO(), io.BytesIO(), True, True, True, environ)
