"""The caller's credentials for image registries, as docker itself keeps them."""

import json
import shutil
from collections.abc import Mapping
from typing import Any

from contctl.backends.docker.config import read_config
from contctl.backends.docker.errors import unusable_config
from contctl.backends.docker.programs import ask_program
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

HELPER_SECONDS = 60.0
"""A helper may have to ask a person to unlock something."""

_SECTIONS = ("auths", "credsStore", "credHelpers")
_TOKEN_USER = "<token>"  # noqa: S105 - the name that marks an identity token
_NOT_FOR_HELPERS = ("CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE")


class DockerRegistryCredentials:
    """Implements `RegistryCredentials` on docker's config.json and its credential helpers.

    environ: for `DOCKER_CONFIG` and `HOME`, and what a helper is run with, but for a CI token.
    helper_seconds: how long a helper may take.
    """

    def __init__(self, environ: Mapping[str, str], helper_seconds: float = HELPER_SECONDS) -> None:
        self._environ = {name: environ[name] for name in environ if name not in _NOT_FOR_HELPERS}
        self._helper_seconds = helper_seconds

    def find(self, image: str) -> Secret | None:
        """Docker's JSON (`username`, `password` or `identitytoken`, `serveraddress`) for the
        registry that `image` names; None if there is nothing for it. ContctlError STORE for a
        damaged config.json and a failing helper; USAGE for what names no image."""
        config = read_config(self._environ)
        if not config:
            return None
        from docker import auth
        from docker.errors import DockerException

        try:
            registry, _ = auth.resolve_repository_name(image)
        except (DockerException, IndexError) as error:
            raise ContctlError(ErrorCode.USAGE, f"not an image: {image!r}") from error
        sections: dict[str, Any] = {key: config[key] for key in _SECTIONS if key in config}
        try:
            known = auth.load_config(config_dict=sections) if sections else auth.AuthConfig({})
            helper = known.get_credential_store(registry)
        except (DockerException, ValueError, TypeError, AttributeError) as error:
            raise unusable_config(error) from None
        entry = self._ask_helper(helper, registry) if helper else None
        return _secret(entry or _stored(known, registry))

    def _ask_helper(self, helper: str, registry: str) -> dict[str, str] | None:
        """The answer of `docker-credential-HELPER get` (docker/docker-credential-helpers); None if
        it has none. The SDK's own call waits without any bound, and its errors quote the answer."""
        from docker.auth import INDEX_NAME, INDEX_URL

        server = INDEX_URL if registry == INDEX_NAME else registry
        answer = self._run_helper(f"docker-credential-{helper}", server)
        if answer is None:
            return None
        try:
            user, secret = json.loads(answer)["Username"], json.loads(answer)["Secret"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise _helper_error(f"docker-credential-{helper}", "answers garbage") from None
        if not user and not secret:
            return None
        if user == _TOKEN_USER:
            return {"identitytoken": secret, "serveraddress": server}
        return {"username": user, "password": secret, "serveraddress": server}

    def _run_helper(self, name: str, server: str) -> str | None:
        program = shutil.which(name, path=self._environ.get("PATH"))
        if program is None:
            raise _helper_error(name, "is not installed")
        try:
            code, answer = ask_program(
                [program, "get"], server, self._environ, self._helper_seconds
            )
        except TimeoutError:
            raise _helper_error(name, "does not answer") from None
        except OverflowError:
            raise _helper_error(name, "answers without end") from None
        except OSError as error:
            raise _helper_error(name, f"cannot be run: {error.strerror or error}") from None
        if code == 0:
            return answer
        # The helpers' protocol has this text for an absent entry, and no code.
        if "credentials not found" in answer.lower():
            return None
        raise _helper_error(name, f"failed with code {code}")


def _stored(known: Any, registry: str) -> dict[str, str] | None:
    from docker.auth import resolve_index_name

    for name, entry in known.auths.items():
        if resolve_index_name(name) == registry and entry:
            return {str(key).lower(): value for key, value in entry.items() if value}
    return None


def _secret(entry: dict[str, str] | None) -> Secret | None:
    return Secret(json.dumps(entry)) if entry else None


def _helper_error(name: str, why: str) -> ContctlError:
    return ContctlError(
        ErrorCode.STORE,
        f"docker's credential helper {name} {why}",
        hint="docker's config.json names the helper under credsStore or credHelpers",
    )
