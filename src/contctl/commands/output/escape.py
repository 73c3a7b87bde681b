"""Text from outside made safe for a terminal."""

import unicodedata


def escaped(text: str, keep: str = "") -> str:
    """`text` with every character that could steer a terminal, line ends and tabs among them, shown
    as an escape. keep: characters that stay as they are."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if each in keep or is_plain(each) else _shown(each) for each in text)


def is_plain(character: str) -> bool:
    """Whether a terminal does nothing but show it."""
    # C is all that has no shape of its own: controls, format and bidi characters, surrogates,
    # private and unassigned ones. Zl and Zp end lines.
    category = unicodedata.category(character)
    return category[0] != "C" and category not in ("Zl", "Zp")


def _shown(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
