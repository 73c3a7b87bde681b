"""Names of images as Docker shows them: without the registry that it takes for granted."""

_HUB = "docker.io/"
_OFFICIAL = "library/"


def familiar(name: str) -> str:
    """`busybox:latest` for `docker.io/library/busybox:latest`; other registries stay, `localhost`
    among them (distribution/reference, `helpers.go`, FamiliarString)."""
    rest = name.removeprefix(_HUB)
    return name if rest == name else rest.removeprefix(_OFFICIAL)
