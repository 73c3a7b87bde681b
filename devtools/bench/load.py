"""A gateway under the load of many clients."""

import os
from contextlib import ExitStack

from devtools.bench.place import IMAGE, Place
from devtools.gateway import PrivateGateway
from devtools.load import Crowd, crowd

KILLS = 3


def bears_loads(place: Place, clients: int, seconds: float) -> bool:
    """Let so many clients work on one gateway twice, for so long, the second time with it killed;
    print what came of it. Whether all of it may be so."""
    with ExitStack() as resources:
        gateway = resources.enter_context(PrivateGateway(place.engine))
        many = resources.enter_context(crowd(gateway, place.engine, IMAGE, clients))
        undisturbed = _bears(many, seconds, 0)
        return _bears(many, seconds, KILLS) and undisturbed


def _bears(many: Crowd, seconds: float, kills: int) -> bool:
    """kills: how often the gateway is killed meanwhile, with SIGKILL."""
    clients, streams = len(many.credentials), len(many.credentials) // 2
    killed = f", which is killed {kills} times" if kills else ""
    print(
        f"\n{clients} clients and {streams} open streams for {seconds:g} s on a gateway{killed}, "
        f"under a load of {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    load = many.run(seconds, kills)
    faults = many.faults(load)
    print("\n".join([*load.lines(), *(f"FAULT: {fault}" for fault in faults)]), flush=True)
    return not faults
