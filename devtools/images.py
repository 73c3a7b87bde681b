"""Images without a registry: made from the static busybox of this machine."""

import io
import json
import tarfile
from pathlib import Path
from urllib.parse import urlencode

from devtools.http_unix import request, request_json

_BUSYBOX = Path("/bin/busybox")
_APPLETS = (
    "cat chmod cp cut date dd du echo env false find grep head hostname httpd id kill ln ls mkdir"
    " mkfifo mv nc printf ps pwd readlink rm seq sh sleep sort stat stty sync tail tar tee test"
    " timeout top touch tr true tty uname usleep wc wget whoami xargs yes"
)
_FOLDERS = {"bin": 0o755, "etc": 0o755, "root": 0o700, "tmp": 0o1777, "var": 0o755}
_FILES = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
    "etc/group": b"root:x:0:\nnobody:x:65534:\n",
}


def busybox_tar() -> bytes:
    """The file system of a small image; RuntimeError where the package busybox-static is absent."""
    if not _BUSYBOX.is_file():
        raise RuntimeError(f"{_BUSYBOX} is absent: install busybox-static")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, mode in _FOLDERS.items():
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, mode
            tar.addfile(folder)
        _add(tar, "bin/busybox", _BUSYBOX.read_bytes(), 0o755)
        for applet in _APPLETS.split():
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        for name, content in _FILES.items():
            _add(tar, name, content, 0o644)
    return buffer.getvalue()


def import_image(host: str, reference: str, *changes: str) -> None:
    """Give the engine at `host` (`unix://` and a path) an image `repository:tag` of busybox that
    runs `sh`. changes: further Dockerfile instructions. RuntimeError where it refuses."""
    repository, _, tag = reference.rpartition(":")
    query = urlencode(
        {
            "fromSrc": "-",
            "repo": repository,
            "tag": tag,
            "changes": ['CMD ["sh"]', "ENV PATH=/bin", *changes],
        },
        doseq=True,
    )
    _check(request(host, "POST", f"/images/create?{query}", busybox_tar()))


def push_image(host: str, reference: str, repository: str, tag: str) -> None:
    """Push the engine's image `reference` to `repository` (with the registry's name in front)."""
    query = urlencode({"repo": repository, "tag": tag})
    request(host, "POST", f"/images/{reference}/tag?{query}")
    _check(request(host, "POST", f"/images/{repository}/push?{urlencode({'tag': tag})}"))


def remove_image(host: str, reference: str) -> None:
    """Make the engine forget an image's name; RuntimeError where it does not know it."""
    request_json(host, "DELETE", f"/images/{reference}")


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _check(answer: bytes) -> None:
    for line in answer.splitlines():
        if line and "error" in json.loads(line):
            raise RuntimeError(json.loads(line)["error"])
