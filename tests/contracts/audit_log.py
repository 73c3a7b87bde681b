"""What every AuditLog does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from contctl.core.domain.audit import AuditEntry, AuditRecord, Phase
from contctl.core.domain.roles import Permission
from tests.contracts.stores import NOW, Stores, StoresContract

ENTRY = AuditEntry(NOW * 1000 + 7, Phase.INTENT, Permission.STOP, 1000)


class AuditLogContract(StoresContract):
    """An AuditLog's part of the suite."""

    def test_is_empty_at_first(self, stores: Stores) -> None:
        assert stores.audit.page(0, 10) == ()
        assert stores.audit.last(10) == 0

    def test_keeps_every_field(self, stores: Stores) -> None:
        entry = AuditEntry(
            at=NOW * 1000,
            phase=Phase.OUTCOME,
            action="container:exec",
            uid=4294967294,
            user_id="user",
            user="alice",
            session_id="session",
            target="0123456789ab" * 5,
            target_name="wéb\n\x1b[31m\0'\"",
            intent=41,
            result="ok",
            detail="a detail",
            token_id="token",
        )
        number = stores.audit.append(entry)
        assert stores.audit.page(0, 10) == (AuditRecord(number, entry),)

    @pytest.mark.parametrize("phase", Phase)
    def test_keeps_the_phase(self, stores: Stores, phase: Phase) -> None:
        stores.audit.append(replace(ENTRY, phase=phase))
        assert stores.audit.page(0, 1)[0].entry.phase is phase

    def test_what_is_not_utf8_is_kept_escaped(self, stores: Stores) -> None:
        stores.audit.append(replace(ENTRY, target_name="web\udcff"))
        assert stores.audit.page(0, 1)[0].entry == replace(ENTRY, target_name="web\\udcff")

    def test_numbers_grow(self, stores: Stores) -> None:
        numbers = [stores.audit.append(ENTRY) for _ in range(5)]
        assert numbers == sorted(set(numbers))
        assert min(numbers) > 0

    def test_pages_are_the_oldest_first(self, stores: Stores) -> None:
        entries = [replace(ENTRY, detail=str(number)) for number in range(5)]
        numbers = [stores.audit.append(entry) for entry in entries]
        seen: list[AuditRecord] = []
        while page := stores.audit.page(seen[-1].number if seen else 0, 2):
            assert len(page) <= 2
            seen.extend(page)
        assert [record.number for record in seen] == numbers
        assert [record.entry for record in seen] == entries

    @pytest.mark.parametrize(("count", "found"), [(0, 0), (1, 1), (3, 3), (5, 5), (6, 5)])
    def test_finds_the_last_ones(self, stores: Stores, count: int, found: int) -> None:
        numbers = [stores.audit.append(ENTRY) for _ in range(5)]
        page = stores.audit.page(stores.audit.last(count), 10)
        assert [record.number for record in page] == numbers[5 - found :]

    def test_threads_may_append_at_once(self, stores: Stores) -> None:
        entries = [replace(ENTRY, detail=str(number)) for number in range(40)]
        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(stores.audit.append, entries, timeout=30))
        records = {record.number: record.entry for record in stores.audit.page(0, 100)}
        assert records == dict(zip(numbers, entries, strict=True))
