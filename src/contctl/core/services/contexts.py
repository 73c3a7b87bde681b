"""The places that a user of this machine has names for, and which of them commands go to."""

from dataclasses import replace

from contctl.core.domain.contexts import (
    DockerContext,
    Kind,
    ListedContext,
    check_context_name,
    parse_gateway,
)
from contctl.core.domain.engine_addresses import check_engine, shown_address, without_password
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.places import (
    DEFAULT,
    LOCAL,
    VARIABLES,
    Contexts,
    Gateway,
    Place,
    Situation,
    decide,
)
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import ContextStore, DockerContexts


class ContextService:
    """Implements the inbound port `Contexts`. contctl's own names come before docker's."""

    def __init__(self, store: ContextStore, docker: DockerContexts) -> None:
        self._store = store
        self._docker = docker

    def list(self, option: str | None) -> tuple[ListedContext, ...]:
        situation = self._store.situation(option)
        place = decide(situation)
        current = self._name_of(place, situation)
        listed = [
            *(_gateway(name, found) for name, found in situation.contexts.gateways.items()),
            *(_engine(name, found) for name, found in situation.contexts.engines.items()),
        ]
        if situation.is_there or current == LOCAL:
            listed.append(ListedContext(LOCAL, Kind.GATEWAY, f"unix://{situation.local_socket}"))
        if situation.container_host:
            engine = EngineAddress(EngineKind.PODMAN, situation.container_host)
            listed.append(replace(_engine(VARIABLES, engine), own=False))
        names = {LOCAL, *(context.name for context in listed)}
        listed += [_dockers(each) for each in self._docker.list() if each.name not in names]
        return tuple(
            _marked(context, place.reason) if context.name == current else context
            for context in sorted(listed, key=lambda context: context.name)
        )

    def current(self, option: str | None) -> ListedContext:
        for context in self.list(option):
            if context.reason is not None:
                return context
        situation = self._store.situation(option)
        raise _absent(self._name_of(decide(situation), situation))

    def inspect(self, name: str, option: str | None) -> ListedContext:
        for context in self.list(option):
            if context.name == name:
                return context
        raise _absent(name)

    def create(self, name: str, target: Gateway | EngineAddress) -> bool:
        check_context_name(name)
        checked = check_engine(target) if isinstance(target, EngineAddress) else _checked(target)

        def add(contexts: Contexts) -> Contexts:
            if name in contexts.gateways or name in contexts.engines:
                raise ContctlError(
                    ErrorCode.CONFLICT,
                    f"there is a context {name} already",
                    hint=f"'contctl context rm {name}' removes it",
                )
            if isinstance(checked, EngineAddress):
                return contexts._replace(engines={**contexts.engines, name: checked})
            return contexts._replace(gateways={**contexts.gateways, name: checked})

        self._store.change(add)
        return name in {context.name for context in self._docker.list()}

    def use(self, name: str) -> str | None:
        situation = self._store.situation(None)
        builtin = name in (DEFAULT, LOCAL)
        own = name in situation.contexts.gateways or name in situation.contexts.engines
        docker = {context.name for context in self._docker.list()}
        if not (builtin or own or name in docker):
            raise _of_a_variable() if name == VARIABLES else _absent(name)
        self._store.change(lambda contexts: contexts._replace(chosen=name))
        situation = self._store.situation(None)
        place = decide(situation)
        return None if self._name_of(place, situation) == name else place.reason

    def remove(self, names: tuple[str, ...]) -> tuple[ContctlError | None, ...]:
        docker = {context.name for context in self._docker.list()}
        return tuple(self._remove(name, docker) for name in names)

    def _remove(self, name: str, docker: set[str]) -> ContctlError | None:
        def take(contexts: Contexts) -> Contexts:
            if name not in contexts.gateways and name not in contexts.engines:
                raise _not_removable(name, docker)
            if name == contexts.chosen:
                raise ContctlError(
                    ErrorCode.CONFLICT,
                    f"the context {name} is in use",
                    hint=f"choose another one first, such as 'contctl context use {DEFAULT}'",
                )
            gateways = {each: at for each, at in contexts.gateways.items() if each != name}
            engines = {each: at for each, at in contexts.engines.items() if each != name}
            return contexts._replace(gateways=gateways, engines=engines)

        try:
            self._store.change(take)
        except ContctlError as error:
            return error
        return None

    def _name_of(self, place: Place, situation: Situation) -> str:
        """The name of what an embedded command would drive, where contctl leaves it to docker."""
        if place.name is not None:
            return place.name
        if "DOCKER_HOST" in situation.engine_variables:
            return DEFAULT
        return self._docker.current()


def _checked(gateway: Gateway) -> Gateway:
    return parse_gateway(gateway.address, gateway.ca, gateway.engine)


def _gateway(name: str, gateway: Gateway) -> ListedContext:
    listed = ListedContext(name, Kind.GATEWAY, gateway.address, gateway.ca, own=True)
    return replace(listed, gateway_engine=gateway.engine)


def _engine(name: str, engine: EngineAddress) -> ListedContext:
    return ListedContext(name, Kind(engine.kind), shown_address(engine), own=True, engine=engine)


def _dockers(context: DockerContext) -> ListedContext:
    address = None if context.address is None else without_password(context.address)
    return ListedContext(context.name, Kind.DOCKER, address, problem=context.problem)


def _marked(context: ListedContext, reason: str) -> ListedContext:
    return replace(context, reason=reason)


def _absent(name: str) -> ContctlError:
    return ContctlError(
        ErrorCode.NOT_FOUND,
        f"no such context: {name}",
        hint="'contctl context ls' shows contctl's own and docker's",
    )


def _not_removable(name: str, docker: set[str]) -> ContctlError:
    if name in (DEFAULT, LOCAL):
        return ContctlError(ErrorCode.USAGE, f"the context {name} is always there")
    if name == VARIABLES:
        return _of_a_variable()
    if name in docker:
        return ContctlError(
            ErrorCode.USAGE,
            f"the context {name} is docker's",
            hint=f"'docker context rm {name}' removes it",
        )
    return _absent(name)


def _of_a_variable() -> ContctlError:
    return ContctlError(
        ErrorCode.USAGE,
        f"the context {VARIABLES} is there as long as CONTAINER_HOST is set, and then chosen by it",
        hint="'contctl context create NAME --podman HOST' names that engine for good",
    )
