"""Images as docker's listing shows them: the fields of `--format`."""

from collections.abc import Iterator

from contctl.commands.output.template.values import Row
from contctl.commands.output.times import ago, engine_time, size
from contctl.core.domain.images import Image

HEADINGS = {
    "ID": "IMAGE ID",
    "Repository": "REPOSITORY",
    "Tag": "TAG",
    "Digest": "DIGEST",
    "CreatedSince": "CREATED",
    "CreatedAt": "CREATED AT",
    "Size": "SIZE",
    "Containers": "CONTAINERS",
    "VirtualSize": "SIZE",
    "SharedSize": "SHARED SIZE",
    "UniqueSize": "UNIQUE SIZE",
}
_ID = 12
_NONE = "<none>"
_UNKNOWN = "N/A"


def rows_of(
    image: Image, now: float, *, truncated: bool, digests: bool, wants_digest: bool
) -> list[Row]:
    """A row for each tag of `image`, and each digest that no tag has.

    now: seconds since the epoch, for the age.  digests: the digests are shown.  wants_digest: a tag
    has a row for each of them.
    """
    return [
        _row(image, now, name, truncated=truncated)
        for name in _names(image, digests=digests, wants_digest=wants_digest)
    ]


def _names(image: Image, *, digests: bool, wants_digest: bool) -> Iterator[tuple[str, str, str]]:
    """Repository, tag and digest (docker/cli 28, `imageFormatTaggedAndDigest`)."""
    tagged = [tag.rpartition(":")[::2] for tag in image.tags if tag != "<none>:<none>"]
    digested = [each.partition("@")[::2] for each in image.digests if each != "<none>@<none>"]
    if not tagged and not digested:
        yield _NONE, _NONE, _NONE
    for repository, tag in tagged:
        own = [digest for name, digest in digested if name == repository] if wants_digest else []
        for digest in own or [_NONE]:
            yield repository, tag, digest
    repositories = {repository for repository, _ in tagged}
    left = [(name, digest) for name, digest in digested if name not in repositories]
    if digests:
        yield from ((name, _NONE, digest) for name, digest in left)
    else:
        yield from ((name, _NONE, "") for name in dict.fromkeys(name for name, _ in left))


def _row(image: Image, now: float, name: tuple[str, str, str], *, truncated: bool) -> Row:
    repository, tag, digest = name
    shared = image.shared_size
    return Row(
        {
            "Containers": _UNKNOWN if image.containers is None else str(image.containers),
            "CreatedAt": engine_time(image.created),
            "CreatedSince": ago(now - image.created),
            "Digest": digest,
            "ID": image.id.partition(":")[2][:_ID] if truncated else image.id,
            "Repository": repository,
            "SharedSize": _UNKNOWN if shared is None else size(shared, 4),
            "Size": size(image.size),
            "Tag": tag,
            "UniqueSize": _UNKNOWN if shared is None else size(image.size - shared, 4),
            "VirtualSize": size(image.size, 4),
        }
    )
