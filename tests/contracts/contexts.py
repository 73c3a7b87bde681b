"""What every `ContextStore` and every `DockerContexts` owes its callers."""

from abc import ABC, abstractmethod

import pytest

from contctl.core.domain.contexts import DockerContext
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.places import Contexts, Gateway
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import ContextStore, DockerContexts

FAR = EngineAddress(EngineKind.DOCKER, "tcp://far:2376", "/etc/far")
SSH = EngineAddress(EngineKind.PODMAN, "ssh://me@far/run/podman.sock")
FOUND = EngineAddress(EngineKind.PODMAN)
PODS = EngineAddress(EngineKind.KUBERNETES, None, None, "arn:x/y z", "web")
HERE = EngineAddress(EngineKind.KUBERNETES)
PROD = Gateway("https://ops.example:8443", "/etc/ops.pem")
TEST = Gateway("unix:///run/test.sock")


class Surroundings(ABC):
    """A user's environment. environ: its variables, to be changed."""

    environ: dict[str, str]

    @property
    @abstractmethod
    def store(self) -> ContextStore:
        """A fresh one, as each command has."""

    @abstractmethod
    def make_socket(self) -> None:
        """Put something where this machine's gateway would listen."""


class ContextStoreContract:
    """A subclass gives the fixture `here`."""

    @pytest.fixture
    def here(self) -> Surroundings:
        raise NotImplementedError

    def test_nothing_is_chosen_at_first(self, here: Surroundings) -> None:
        found = here.store.situation(None)
        assert (found.option, found.variable, found.engine_variables) == (None, None, ())
        assert found.contexts == Contexts()
        assert not found.is_there

    def test_option_and_variables(self, here: Surroundings) -> None:
        here.environ |= {"CONTCTL_CONTEXT": "x", "DOCKER_CONTEXT": "y", "DOCKER_HOST": "z"}
        found = here.store.situation("given")
        assert (found.option, found.variable) == ("given", "x")
        assert found.engine_variables == ("DOCKER_HOST", "DOCKER_CONTEXT")
        assert found.container_host is None
        here.environ["CONTAINER_HOST"] = "w"
        found = here.store.situation(None)
        assert found.engine_variables == ("DOCKER_HOST", "CONTAINER_HOST", "DOCKER_CONTEXT")
        assert found.container_host == "w"

    def test_empty_variables_count_as_unset(self, here: Surroundings) -> None:
        here.environ |= {"CONTCTL_CONTEXT": "", "DOCKER_HOST": "", "CONTAINER_HOST": ""}
        found = here.store.situation(None)
        assert (found.variable, found.engine_variables, found.container_host) == (None, (), None)

    def test_a_change_is_kept(self, here: Surroundings) -> None:
        here.store.change(lambda _: Contexts({"prod": PROD}, None))
        here.store.change(lambda old: Contexts({**old.gateways, "test": TEST}, "test"))
        assert here.store.situation(None).contexts == Contexts({"prod": PROD, "test": TEST}, "test")

    def test_engines_are_kept(self, here: Surroundings) -> None:
        engines = {"far": FAR, "ssh": SSH, "found": FOUND, "pods": PODS, "here": HERE}
        kept = Contexts({"prod": PROD}, "pods", engines)
        here.store.change(lambda _: kept)
        assert here.store.situation(None).contexts == kept
        here.store.change(lambda old: old._replace(engines={}))
        assert here.store.situation(None).contexts == Contexts({"prod": PROD}, "pods")

    def test_a_change_that_raises_changes_nothing(self, here: Surroundings) -> None:
        def refuse(contexts: Contexts) -> Contexts:
            raise ContctlError(ErrorCode.CONFLICT, f"no: {len(contexts.gateways)}")

        here.store.change(lambda _: Contexts({"prod": PROD}, "prod"))
        with pytest.raises(ContctlError, match="no: 1"):
            here.store.change(refuse)
        assert here.store.situation(None).contexts == Contexts({"prod": PROD}, "prod")

    def test_the_local_gateway(self, here: Surroundings) -> None:
        here.make_socket()
        assert here.store.situation(None).is_there


class Docker(ABC):
    """A user's docker. environ: its variables, to be changed."""

    environ: dict[str, str]
    contexts: DockerContexts

    @abstractmethod
    def make(self, name: str, address: str | None) -> None:
        """`docker context create`; None: an entry that names no engine."""

    @abstractmethod
    def use(self, name: str) -> None:
        """`docker context use`."""


class DockerContextsContract:
    """A subclass gives the fixture `docker`."""

    @pytest.fixture
    def docker(self) -> Docker:
        raise NotImplementedError

    def test_the_default_is_always_there(self, docker: Docker) -> None:
        default = DockerContext("default", "unix:///var/run/docker.sock")
        assert docker.contexts.list() == (default,)
        assert docker.contexts.current() == "default"
        docker.environ["DOCKER_HOST"] = "unix:///x"
        assert docker.contexts.list() == (DockerContext("default", "unix:///x"),)

    def test_all_by_name(self, docker: Docker) -> None:
        docker.make("remote", "ssh://ops")
        docker.make("a", "unix:///a")
        docker.make("\x1b[red]", "tcp://h:1")
        found = docker.contexts.list()
        names = ["\x1b[red]", "a", "default", "remote"]
        assert [context.name for context in found] == names
        assert found[3] == DockerContext("remote", "ssh://ops")

    def test_a_damaged_one_says_so(self, docker: Docker) -> None:
        docker.make("broken", None)
        broken = docker.contexts.list()[0]
        assert (broken.name, broken.address) == ("broken", None)
        assert broken.problem

    def test_the_current_one(self, docker: Docker) -> None:
        docker.use("chosen")
        assert docker.contexts.current() == "chosen"
        docker.environ["DOCKER_CONTEXT"] = "env"
        assert docker.contexts.current() == "env"
