"""Fetching images with Podman, which does not say at the end what became of it."""

from typing import Self

from contctl.backends.docker.pull import pull as begin
from contctl.backends.docker.pull import split_reference
from contctl.backends.docker.transport import Transport
from contctl.core.api import Stream
from contctl.core.domain.secret import Secret
from contctl.core.domain.streams import Progress
from contctl.core.domain.transfers import PullOptions

_NEW = "Pulling fs layer"


def pull(
    http: Transport, image: str, auth: Secret | None, options: PullOptions
) -> Stream[Progress]:
    """As `Engine.pull`."""
    repository, tag = split_reference(image)
    named = f"{repository}{'@' if ':' in tag else ':'}{tag}"
    return Pull(begin(http, image, auth, options), image if options.all_tags else named)


class Pull:
    """A Stream of Podman's lines, and at the end the one that Docker has."""

    def __init__(self, lines: Stream[Progress], image: str) -> None:
        self._lines = lines
        self._image = image
        self._new = False
        self._over = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Progress:
        line = next(self._lines, None)
        if line is None and not self._over:
            self._over = True
            done = "Downloaded newer image" if self._new else "Image is up to date"
            return Progress("", f"Status: {done} for {self._image}", None, None)
        if line is None:
            raise StopIteration
        self._new = self._new or line.status == _NEW
        return line

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._over = True
        self._lines.close()
