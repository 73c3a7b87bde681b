"""The use cases on images.

What only some of them need is imported there, since every command pays for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError
from contctl.core.services.caller import Deed
from contctl.core.services.container_use import ContainerUse

if TYPE_CHECKING:
    from contctl.core.api import Stream
    from contctl.core.domain.images import Image, ImageQuery
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.streams import Progress
    from contctl.core.domain.transfers import PullOptions
    from contctl.core.services.caller import Caller


class Images(ContainerUse):
    """Images of the engine."""

    def images(self, query: ImageQuery) -> tuple[Image, ...]:
        from contctl.core.domain.grants import reaches

        caller = self._access.require(Permission.IMAGE_LIST)
        if not reaches(caller.grants, Permission.IMAGE_LIST, self._engine.name):
            self._access.refuse(caller, Permission.IMAGE_LIST, "")
        return self._engine.list_images(query)

    def pull(
        self, image: str, auth: Secret | None, options: PullOptions | None = None
    ) -> Stream[Progress]:
        from contctl.core.domain.create import check_image
        from contctl.core.domain.grants import reaches
        from contctl.core.services.access import lacking
        from contctl.core.services.standing import Standing

        def refusal(now: Caller) -> ContctlError | None:
            may = reaches(now.grants, Permission.IMAGE_PULL, self._engine.name)
            return None if may else lacking(now, Permission.IMAGE_PULL)

        caller = self._access.require(Permission.IMAGE_PULL, image)
        check_image(image)
        if refusal(caller) is not None:
            self._access.refuse(caller, Permission.IMAGE_PULL, image)
        deed = Deed(Permission.IMAGE_PULL, target_name=image)
        standing = Standing(self._shared.ports, caller, refusal)
        return self._stream(standing, deed, lambda: self._engine.pull(image, auth, options))
