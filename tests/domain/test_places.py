"""Where a command goes, for every combination of what can choose it."""

from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.places import (
    DEFAULT,
    ENGINE_VARIABLES,
    LOCAL,
    LOCAL_SOCKET,
    VARIABLES,
    Contexts,
    Gateway,
    Place,
    Situation,
    decide,
)

GATEWAYS = {"prod": Gateway("https://prod:8443", "/etc/ca.pem"), "test": Gateway("unix:///t")}
ENGINES = {
    "far": EngineAddress(EngineKind.DOCKER, "ssh://ops"),
    "pods": EngineAddress(EngineKind.KUBERNETES, kube_context="east", namespace="web"),
}
DOCKERS = ("desktop", DEFAULT, "gone", VARIABLES)
NAMES = (*GATEWAYS, *ENGINES, *DOCKERS, LOCAL)
HOST = "unix:///run/podman.sock"
PODMAN = EngineAddress(EngineKind.PODMAN, HOST)
OWN = Gateway(f"unix://{LOCAL_SOCKET}")

_name = st.none() | st.sampled_from(NAMES)
_variables = st.sets(st.sampled_from(ENGINE_VARIABLES)).map(
    lambda found: tuple(name for name in ENGINE_VARIABLES if name in found)
)


def _situation(variables: tuple[str, ...], situation: Situation) -> Situation:
    host = HOST if "CONTAINER_HOST" in variables else None
    return situation._replace(engine_variables=variables, container_host=host)


situations = st.builds(
    _situation,
    _variables,
    st.builds(
        Situation,
        option=_name,
        variable=_name,
        contexts=st.builds(
            Contexts, gateways=st.just(GATEWAYS), chosen=_name, engines=st.just(ENGINES)
        ),
        local_socket=st.just(LOCAL_SOCKET),
        is_there=st.booleans(),
    ),
)


def _gateway(name: str | None) -> Gateway | None:
    return OWN if name == LOCAL else GATEWAYS.get(name or "")


def _engine(name: str | None, situation: Situation) -> EngineAddress | None:
    if name == VARIABLES and situation.container_host:
        return PODMAN
    return ENGINES.get(name or "")


@given(situations)
def test_what_is_named_is_used_or_fails(situation: Situation) -> None:
    """By option, else by variable: nothing else counts, and nothing is ignored with a warning."""
    named = situation.option or situation.variable
    if named is None:
        return
    place = decide(situation)
    reason = "--context" if situation.option else "CONTCTL_CONTEXT is set"
    engine = _engine(named, situation)
    assert place == Place(named, _gateway(named), reason, (), engine)
    assert place.gateway is None or place.engine is None


@given(situations)
def test_a_chosen_gateway_comes_before_the_engines_variables(situation: Situation) -> None:
    chosen = situation.contexts.chosen
    if situation.option or situation.variable or _gateway(chosen) is None:
        return
    place = decide(situation)
    assert (place.name, place.gateway) == (chosen, _gateway(chosen))
    assert place.ignored == situation.engine_variables
    assert place.engine is None


@given(situations)
def test_a_local_gateway_is_used_where_nothing_is_chosen(situation: Situation) -> None:
    place = decide(situation)
    if situation.option or situation.variable or situation.contexts.chosen:
        assert place.gateway == _gateway(place.name)
        return
    if situation.is_there:
        assert (place.name, place.gateway) == (LOCAL, OWN)
        assert place.reason == "its socket is on this machine, and nothing else is chosen"
        assert place.ignored == situation.engine_variables
    else:
        podmans = situation.engine_variables[:1] == ("CONTAINER_HOST",)
        assert (place.gateway, place.ignored) == (None, ())
        assert place.name == (VARIABLES if podmans else None)
        assert place.engine == (PODMAN if podmans else None)


@given(situations)
def test_the_engines_variables_come_before_a_chosen_engine(situation: Situation) -> None:
    chosen = situation.contexts.chosen
    if situation.option or situation.variable or chosen not in (*DOCKERS, *ENGINES):
        return
    place = decide(situation)
    assert (place.gateway, place.ignored) == (None, ())
    if "DOCKER_HOST" in situation.engine_variables:
        assert place == Place(None, None, "DOCKER_HOST is set")
    elif "CONTAINER_HOST" in situation.engine_variables:
        assert place == Place(VARIABLES, None, "CONTAINER_HOST is set", (), PODMAN)
    else:
        reason = "'contctl context use' chose it"
        assert place == Place(chosen, None, reason, (), ENGINES.get(chosen))


@given(situations)
def test_an_engine_is_driven_only_where_no_gateway_was_chosen(situation: Situation) -> None:
    """No fallback from a gateway to a socket."""
    if decide(situation).gateway is not None:
        return
    named = situation.option or situation.variable
    if named is None:
        assert _gateway(situation.contexts.chosen) is None
        assert situation.contexts.chosen is not None or not situation.is_there
    else:
        assert _gateway(named) is None


def test_the_last_choice_is_dockers() -> None:
    assert decide(Situation()).reason == "docker's own choice, and nothing else is chosen"
    named = decide(Situation(engine_variables=("DOCKER_CONTEXT",)))
    assert named == Place(None, None, "DOCKER_CONTEXT is set")


def test_contctls_name_hides_nothing_of_the_builtin_one() -> None:
    """Even a damaged file cannot give this machine's gateway another address."""
    contexts = Contexts({LOCAL: Gateway("https://evil:8443")}, LOCAL)
    assert decide(Situation(contexts=contexts)).gateway == OWN


def test_a_chosen_engine_comes_before_dockers_own_variable() -> None:
    contexts = Contexts(gateways=GATEWAYS, chosen="desktop")
    situation = Situation(engine_variables=("DOCKER_CONTEXT",), contexts=contexts)
    assert decide(situation) == Place("desktop", None, "'contctl context use' chose it")


def test_a_variable_that_is_not_set_names_no_engine() -> None:
    """The name is docker's then, who has none of it."""
    assert decide(Situation(option=VARIABLES)) == Place(VARIABLES, None, "--context")
