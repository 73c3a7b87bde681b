"""Flags of docker's that contctl leaves out on purpose, and why.

By command, then by the flag as docker writes it; the reason completes the sentence "contctl does
not take --flag: …".
"""

_CHECKPOINTS = (
    "checkpoints are an experiment of docker's, and hold the memory of processes in files"
)

REFUSED: dict[str, dict[str, str]] = {
    "start": {"--checkpoint": _CHECKPOINTS, "--checkpoint-dir": _CHECKPOINTS},
}
