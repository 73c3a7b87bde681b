"""Text from outside made safe for a terminal."""

import unicodedata


def escaped(text: str) -> str:
    """`text` on one line, with every character that could steer a terminal shown as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    # C is all that has no shape of its own: controls, format and bidi characters, surrogates,
    # private and unassigned ones. Zl and Zp end lines.
    category = unicodedata.category(character)
    if category[0] != "C" and category not in ("Zl", "Zp"):
        return character
    return character.encode("unicode_escape").decode("ascii")
