"""The use cases on containers, as one object."""

from contctl.core.services.container_changes import ContainerChanges
from contctl.core.services.container_inside import ContainerInside
from contctl.core.services.container_observing import ContainerObserving
from contctl.core.services.container_reading import ContainerReading
from contctl.core.services.images import Images


class ContainerService(
    ContainerReading, ContainerObserving, ContainerChanges, ContainerInside, Images
):
    """Implements the inbound port `Containers` on one engine."""
