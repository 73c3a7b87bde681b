"""A Docker engine past contctl, for what contctl does not make."""

from contextlib import suppress
from typing import Any

from contctl.core.domain.containers import Json
from devtools.http_unix import request_json

IMAGE = "busybox:latest"


class RawEngine:
    """Makes containers and volumes by the engine's own API, and clears them away."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._made: list[str] = []

    def container(
        self, host_config: Json, *, name: str = "", running: bool = True, **config: Any
    ) -> str:
        """Make a container; its full ID. config: the rest of the request's body."""
        query = f"?name={name}" if name else ""
        body = {"Image": IMAGE, "Cmd": ["sleep", "600"], **config, "HostConfig": host_config}
        answer = self._post(f"/containers/create{query}", body)
        made = str(answer["Id"])
        self._made.append(f"/containers/{made}?force=1&v=1")
        if running:
            self._post(f"/containers/{made}/start", {})
        return made

    def volume(self, name: str, options: dict[str, str]) -> None:
        """Make a volume of the local driver."""
        self._post("/volumes/create", {"Name": name, "Driver": "local", "DriverOpts": options})
        self._made.append(f"/volumes/{name}")

    def inspect(self, container_id: str) -> Json:
        """The engine's answer about a container."""
        answer: Json = request_json(self._host, "GET", f"/containers/{container_id}/json")
        return answer

    def clear(self) -> None:
        """Remove what was made, containers before their volumes."""
        for path in sorted(self._made):
            with suppress(RuntimeError):
                request_json(self._host, "DELETE", path)
        self._made.clear()

    def _post(self, path: str, body: Json) -> Any:
        return request_json(self._host, "POST", path, body)
