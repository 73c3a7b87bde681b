"""The images of a private cluster, as archives that containerd imports: no registry is asked."""

import hashlib
import io
import json
import tarfile

from devtools.images import busybox_tar

BUSYBOX = "docker.io/library/busybox:latest"
PAUSE = "localhost/pause:1"


def archive() -> bytes:
    """An archive in the form of `docker save` with BUSYBOX, which runs `sh`, and PAUSE, which holds
    a pod's namespaces; RuntimeError where the package busybox-static is absent."""
    layer = busybox_tar()
    digest = hashlib.sha256(layer).hexdigest()
    files = {"layer.tar": layer}
    manifest = []
    for reference, command in ((BUSYBOX, ["sh"]), (PAUSE, ["sleep", "2147483647"])):
        configuration = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Cmd": command, "Env": ["PATH=/bin"]},
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            }
        ).encode()
        name = f"{hashlib.sha256(configuration).hexdigest()}.json"
        files[name] = configuration
        manifest.append({"Config": name, "RepoTags": [reference], "Layers": ["layer.tar"]})
    files["manifest.json"] = json.dumps(manifest).encode()
    return _tar(files)


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
