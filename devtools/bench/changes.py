"""Starting and stopping containers, in turns with docker's own program."""

from collections.abc import Sequence

from devtools.bench.place import CONTCTL, IMAGE, SLEEP, Place
from devtools.bench.runs import Command, Comparison, compared, into_pipe
from devtools.bench.works import START_ONE, STOP_ONE, Result
from devtools.http_unix import request, request_json

_ONE = "changing"


def results_of_one(place: Place, pairs: int) -> list[Result]:
    """The comparisons of changes to one container, which is gone afterwards."""
    make(place, _ONE)
    start, stop = start_and_stop(place, [_ONE], "0", pairs)
    request(place.engine, "DELETE", f"/containers/{_ONE}?force=1")
    return [(STOP_ONE, stop), (START_ONE, start)]


def make(place: Place, name: str) -> None:
    """Make a container that does not run, and once it does heeds no SIGTERM."""
    body = {"Image": IMAGE, "Cmd": SLEEP, "HostConfig": {"NetworkMode": "none"}}
    request_json(place.engine, "POST", f"/containers/create?name={name}", body)


def start_and_stop(
    place: Place, names: Sequence[str], grace: str, pairs: int
) -> tuple[Comparison, Comparison]:
    """The starts of `names` by both programs in turns, compared, and the stops. grace: seconds."""

    def cycle(program: Command) -> tuple[float, float]:
        start, stop = (*program, "start", *names), (*program, "stop", "-t", grace, *names)
        return into_pipe(start, place.environ), into_pipe(stop, place.environ)

    ours, theirs = (CONTCTL,), (place.docker,)
    # The first start of a container makes more than later ones do.
    cycle(theirs)
    cycles = []
    for _ in range(pairs):
        place.log_in_again()
        cycles.append((cycle(ours), cycle(theirs)))
    return (
        compared([(our[0], their[0]) for our, their in cycles]),
        compared([(our[1], their[1]) for our, their in cycles]),
    )
