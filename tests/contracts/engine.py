"""What every `Engine` does. A test class of an implementation inherits `EngineContract` and gives
the fixtures of `EngineBasics`."""

from tests.contracts.engine_gaps import GapContract
from tests.contracts.engine_lifecycle import CreateContract, LifecycleContract
from tests.contracts.engine_listing import ListingContract
from tests.contracts.engine_observing import ObservingContract
from tests.contracts.engine_processes import ProcessContract
from tests.contracts.engine_streams import StreamContract
from tests.contracts.engine_surroundings import SurroundingsContract
from tests.contracts.engine_transfers import TransferContract


class EngineContract(
    GapContract,
    ListingContract,
    LifecycleContract,
    CreateContract,
    StreamContract,
    ObservingContract,
    ProcessContract,
    TransferContract,
    SurroundingsContract,
):
    """All of it."""
