"""The use cases on signing keys."""

from contctl.core.answers import KeysRotated
from contctl.core.domain.keys import RetiredKey, still_verifies
from contctl.core.domain.roles import Permission
from contctl.core.services.caller import Deed
from contctl.core.services.shared import Shared


class KeyService:
    """Implements the inbound port `Keys`."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._ports = shared.ports

    def rotate(self, *, emergency: bool) -> KeysRotated:
        caller = self._shared.access.require(Permission.KEY_MANAGE)
        deed = Deed("key:rotate", detail="emergency" if emergency else "")
        with self._shared.recorder.recorded(caller, deed):
            return self._replace_all() if emergency else self._rotate()

    def _rotate(self) -> KeysRotated:
        now = self._now()
        idle = self._ports.settings.lifetimes.idle
        in_use = self._ports.sessions.keys_in_use(now)
        change = self._ports.keys.rotate(lambda key: still_verifies(key, now, idle, in_use))
        return KeysRotated(change.current, len(change.kept), len(change.dropped), 0)

    def _replace_all(self) -> KeysRotated:
        def keep(_: RetiredKey) -> bool:
            return False

        # The keys first: from then on no older token is good, whatever becomes of this process.
        change = self._ports.keys.rotate(keep)
        ended = self._ports.sessions.revoke_everyones(self._now())
        # The audit log's key lies beside them. What was sealed under it stays verifiable.
        self._ports.audit_keys.rotate(lambda _: True)
        self._ports.audit.rotate(self._now())
        return KeysRotated(change.current, 0, len(change.dropped), ended)

    def _now(self) -> int:
        return int(self._ports.clock.now())
