"""Names of images as registries have them (distribution/reference, `regexp.go`, `normalize.go`)."""

import re
from dataclasses import dataclass

from contctl.core.errors import ContctlError, ErrorCode

_DEFAULT_DOMAIN = "docker.io"
_OLD_DOMAIN = "index.docker.io"
_OFFICIAL = "library/"
_LONGEST = 255
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?", re.ASCII)
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*", re.ASCII)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_ALGORITHM = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*"
_DIGEST = re.compile(rf"{_ALGORITHM}:[0-9a-fA-F]{{32,}}", re.ASCII)
_ID = re.compile(r"[a-f0-9]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image in a registry. path: the repository in it.  tag, digest: empty where not named."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def full(self) -> str:
        """With the registry, and tag or digest as far as they are known."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.domain}/{self.path}{tag}{digest}"


def parse_image_name(text: str) -> ImageName:
    """ContctlError USAGE for what is none, in docker's words."""
    if _ID.fullmatch(text):
        raise _refused(f"invalid repository name ({text}), cannot be 64 hexadecimal characters")
    rest, at, digest = text.partition("@")
    head, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        head, colon, tag = rest, "", ""
    domain, path = _split_domain(head)
    if path != path.lower():
        raise _refused(f"invalid reference format: repository name ({path}) must be lowercase")
    good = (
        _DOMAIN.fullmatch(domain)
        and _PATH.fullmatch(path)
        and (not colon or _TAG.fullmatch(tag))
        and (not at or _DIGEST.fullmatch(digest))
    )
    if not good:
        raise _refused("invalid reference format")
    if len(f"{domain}/{path}") > _LONGEST:
        raise _refused(f"repository name must not be more than {_LONGEST} characters")
    return ImageName(domain, path, tag, digest)


def _split_domain(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    is_domain = any(sign in first for sign in ".:") or first == "localhost"
    if not slash or not (is_domain or first != first.lower()):
        first, rest = _DEFAULT_DOMAIN, name
    if first == _OLD_DOMAIN:
        first = _DEFAULT_DOMAIN
    if first == _DEFAULT_DOMAIN and "/" not in rest:
        rest = f"{_OFFICIAL}{rest}"
    return first, rest


def _refused(message: str) -> ContctlError:
    return ContctlError(ErrorCode.USAGE, message)
