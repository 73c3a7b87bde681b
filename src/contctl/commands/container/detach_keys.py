"""The keys that leave a process running: docker's `--detach-keys`."""

from contctl.core.errors import ContctlError, ErrorCode

DEFAULT = "ctrl-p,ctrl-q"
_CONTROL = {f"ctrl-{key}": code for code, key in enumerate("@abcdefghijklmnopqrstuvwxyz[\\]^_")} | {
    "DEL": 127
}


def parse_detach_keys(text: str) -> bytes:
    """The bytes of a sequence as docker writes it (moby/term, `ascii.go`): characters, `ctrl-` and
    one of `@ a…z [ \\ ] ^ _`, or `DEL`, with commas between. ContctlError USAGE for anything else.
    """
    return bytes(_code(key) for key in text.split(","))


def _code(key: str) -> int:
    if key in _CONTROL:
        return _CONTROL[key]
    if len(key) == 1 and key.isascii():
        return ord(key)
    raise ContctlError(
        ErrorCode.USAGE,
        f"not a key of --detach-keys: {key!r}",
        hint=f"write single characters or ctrl-a to ctrl-z, with commas between: {DEFAULT}",
    )


class DetachKeys:
    """Finds a sequence of keys in what is typed. What may become the sequence is held back until it
    turns out not to be; the key that shows that begins no new one, as docker has it."""

    def __init__(self, keys: bytes) -> None:
        self._keys = keys
        self._seen = 0

    def feed(self, data: bytes) -> tuple[bytes, bool]:
        """What is to be passed on of `data`, and whether the sequence was completed in it; what
        comes after the sequence is dropped, and nothing more may be fed."""
        if not self._seen and self._keys[0] not in data:
            return data, False
        passed = bytearray()
        for byte in data:
            if byte == self._keys[self._seen]:
                self._seen += 1
                if self._seen == len(self._keys):
                    return bytes(passed), True
            else:
                passed += self._keys[: self._seen]
                passed.append(byte)
                self._seen = 0
        return bytes(passed), False
