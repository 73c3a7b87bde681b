"""What the fake engine answers about its images."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase

from contctl.core.domain.images import Image, ImageQuery
from contctl.core.errors import ContctlError, ErrorCode

_CREATED = 1_700_000_000
_SIZE = 1_982_714


def images_of(
    names: Iterable[str], labels: Mapping[str, Mapping[str, str]], query: ImageQuery
) -> tuple[Image, ...]:
    """The images that `query` asks for, each with one tag."""
    for key, _ in query.filters:
        if key not in _FILTERS:
            raise ContctlError(ErrorCode.USAGE, f"Invalid filter '{key}'")
    found = [_image(name, labels.get(name, {})) for name in sorted(names)]
    return tuple(
        image for image in found if all(_FILTERS[key](image, value) for key, value in query.filters)
    )


def _image(name: str, labels: Mapping[str, str]) -> Image:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Image(f"sha256:{digest}", (name,), (), _CREATED, _SIZE, dict(labels))


def _is_named(image: Image, pattern: str) -> bool:
    (tag,) = image.tags
    return fnmatchcase(tag, pattern) or fnmatchcase(tag.rpartition(":")[0], pattern)


_FILTERS: dict[str, Callable[[Image, str], bool]] = {
    "reference": _is_named,
    "label": lambda image, value: value.partition("=")[0] in image.labels,
    "dangling": lambda _, value: value in ("false", "0"),
}
