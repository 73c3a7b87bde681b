"""A LocalServiceHost in a process of its own, for a mount namespace holds for a whole process.

Reads pairs of a method's name and its arguments, and answers with what came of each.
"""

import pickle
import sys

from contctl.backends.service_host import LocalServiceHost
from contctl.core.errors import ContctlError


def main() -> None:
    """Answer until the end of input."""
    host = LocalServiceHost()
    while True:
        try:
            name, args = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        answer: tuple[str, object]
        try:
            answer = ("done", getattr(host, name)(*args))
        except ContctlError as error:
            answer = ("error", (error.code, error.message, error.hint))
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
