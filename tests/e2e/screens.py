"""Text made to steer a terminal, and screens looked through for it."""

import re

HOSTILE = (
    "\x1b[2J\x1b]52;c;aGFjaw==\x07\x1b]8;;http://x/\x07y\x1b]8;;\x07\x9b31m\r\n"
    "root\u202e\u200b\u2028[red]x[/red][link=x]\x7f"
)
"""Clears the screen, writes the clipboard (OSC 52), makes a link (OSC 8), and so on, where it
reaches a terminal."""

COLOR = re.compile(r"\x1b\[[0-9;]*m")


def without_colors(screen: str) -> str:
    """The text of a screen; any escape but a colour stays."""
    return COLOR.sub("", screen)


def assert_harmless(screen: str) -> None:
    """Assert that nothing in it steers a terminal, and that markup was shown, not obeyed."""
    text = without_colors(screen)
    steering = [c for c in text if not c.isprintable() and c != "\n"]
    assert steering == []
    assert "[red]" in text.replace("\n", "")
