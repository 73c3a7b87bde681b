"""What every AuditLog does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace

import pytest

from contctl.core.domain.audit import AuditEntry, AuditFilter, AuditRecord, Phase
from contctl.core.domain.audit_chain import Chain, ChainState, Segment
from contctl.core.domain.audit_check import Verification, verify
from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError, ErrorCode
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

    def test_several_are_appended_as_one(self, stores: Stores) -> None:
        entries = [replace(ENTRY, detail=str(number)) for number in range(3)]
        first = stores.audit.append(ENTRY)
        assert list(stores.audit.append_all(entries)) == [first + 1, first + 2, first + 3]
        assert [record.entry for record in stores.audit.page(first, 10)] == entries
        assert stores.audit.append(ENTRY) == first + 4

    def test_threads_may_append_at_once(self, stores: Stores) -> None:
        entries = [replace(ENTRY, detail=str(number)) for number in range(40)]
        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(stores.audit.append, entries, timeout=30))
        records = {record.number: record.entry for record in stores.audit.page(0, 100)}
        assert records == dict(zip(numbers, entries, strict=True))

    def test_an_intent_without_an_outcome_is_unfinished(self, stores: Stores) -> None:
        first, second = (stores.audit.append(ENTRY) for _ in range(2))
        outcome = replace(ENTRY, phase=Phase.OUTCOME, intent=second, result="ok")
        stores.audit.append(outcome)
        stores.audit.append(replace(ENTRY, phase=Phase.READ, result="ok"))
        page = stores.audit.page(0, 10)
        assert [record.unfinished for record in page] == [True, False, False, False]
        assert [record.result for record in page] == ["unknown", "", "ok", "ok"]
        assert stores.audit.page(first, 1) == (page[1],)
        assert stores.audit.page(0, 1) == (page[0],)


WEB, WEB2 = "0123456789ab" + "c" * 52, "0123456789ab" + "d" * 52
LOGGED = (
    replace(ENTRY, at=1000, user="alice", action="container:stop", target=WEB, target_name="web"),
    replace(ENTRY, at=2000, user="bob", action="container:stop", target=WEB2, target_name="web2"),
    replace(ENTRY, at=3000, user="alice", action="container:start", target=WEB, target_name="new"),
    replace(ENTRY, at=4000, user="alice", action="user:add", target="user", target_name="web"),
    replace(ENTRY, at=5000, user="", action="session:login", target_name="alice"),
    replace(ENTRY, at=4500, user="b\udcffb", action="container:exec", target_name="w\udce9b"),
)
FILTERS: tuple[tuple[AuditFilter, list[int]], ...] = (
    (AuditFilter(), [1, 2, 3, 4, 5, 6]),
    (AuditFilter(user="alice"), [1, 3, 4]),
    (AuditFilter(user="ali"), []),
    (AuditFilter(user="' OR 1 --"), []),
    (AuditFilter(user=""), [5]),
    (AuditFilter(user="b\udcffb"), [6]),
    (AuditFilter(action="container:stop"), [1, 2]),
    (AuditFilter(action="container:"), [1, 2, 3, 6]),
    (AuditFilter(action="container:sto"), []),
    (AuditFilter(action="Container:"), []),
    (AuditFilter(action="%:"), []),
    (AuditFilter(container="web"), [1]),
    (AuditFilter(container=WEB), [1, 3]),
    (AuditFilter(container=WEB[:12]), [1, 2, 3]),
    (AuditFilter(container=WEB[:13]), [1, 3]),
    (AuditFilter(container=WEB[:11]), []),
    (AuditFilter(container="w\udce9b"), [6]),
    (AuditFilter(container=""), [6]),
    (AuditFilter(since=3000), [3, 4, 5, 6]),
    (AuditFilter(until=3000), [1, 2]),
    (AuditFilter(since=2000, until=4600), [2, 3, 4, 6]),
    (AuditFilter("alice", "container:", WEB, 0, 1001), [1]),
)


class AuditFilterContract(StoresContract):
    """What the filters of an AuditLog find."""

    @pytest.mark.parametrize(("wanted", "found"), FILTERS)
    def test_finds_the_wanted_ones(
        self, stores: Stores, wanted: AuditFilter, found: list[int]
    ) -> None:
        for entry in LOGGED:
            stores.audit.append(entry)
        assert [record.number for record in stores.audit.page(0, 10, wanted)] == found
        assert [record.number for record in stores.audit.page(2, 2, wanted)] == [
            number for number in found if number > 2
        ][:2]
        for count in (0, 1, len(found), 100):
            start = stores.audit.last(count, wanted)
            page = stores.audit.page(start, 100, wanted)
            assert [record.number for record in page] == found[max(0, len(found) - count) :]


class AuditChainContract(StoresContract):
    """The chain of an AuditLog, by the rule that the domain has."""

    def verified(self, stores: Stores) -> Verification:
        """What a check of the whole log says."""
        state = stores.audit.chain()
        keys = stores.audit_keys.load().keys if state.segments else {}
        links = stores.audit.links(None, state.last, 10_000)
        return verify(stores.identity(), keys, state, links, None)

    def test_a_new_log_has_no_chain(self, stores: Stores) -> None:
        assert stores.audit.chain() == ChainState((), 0)
        assert stores.audit.links(None, 100, 100) in ((), [])
        assert self.verified(stores) == Verification(0, 0, 0)

    def test_the_first_record_opens_a_segment(self, stores: Stores) -> None:
        stores.audit.append(ENTRY)
        key_id = stores.audit_keys.load().current
        assert stores.audit.chain() == ChainState((Segment(1, key_id, 1),), 1)
        assert self.verified(stores) == Verification(1, 1, 0)

    def test_the_chain_is_the_domains(self, stores: Stores) -> None:
        entries = [ENTRY, replace(ENTRY, target_name="wéb\udcff\n\0", intent=3, token_id="t")]
        for entry in entries:
            stores.audit.append(entry)
        state = stores.audit.chain()
        keys = stores.audit_keys.load()
        chain = Chain(keys.keys[keys.current], stores.identity())
        mac = chain.start(state.segments[0], bytes(32))
        for number, entry in enumerate(entries, 1):
            stored = replace(entry, target_name=entry.target_name.replace("\udcff", "\\udcff"))
            values = (number, *astuple(stored))
            mac = chain.record(mac, values)
            assert list(stores.audit.links(number - 1, number, 10)) == [(*values, mac)]

    def test_links_are_paged(self, stores: Stores) -> None:
        numbers = [stores.audit.append(ENTRY) for _ in range(5)]
        assert [link[0] for link in stores.audit.links(None, 5, 2)] == numbers[:2]
        assert [link[0] for link in stores.audit.links(2, 4, 10)] == numbers[2:4]

    def test_a_sealed_segment_is_followed_by_the_next(self, stores: Stores) -> None:
        for _ in range(3):
            stores.audit.append(ENTRY)
        sealed = stores.audit.rotate(NOW)
        assert (sealed.number, sealed.first, sealed.last, sealed.sealed_at) == (1, 1, 3, NOW)
        assert sealed.head == stores.audit.links(2, 3, 1)[0][-1]
        assert self.verified(stores) == Verification(3, 2, 0)
        stores.audit.append(ENTRY)
        assert stores.audit.chain() == ChainState((sealed, Segment(2, sealed.key_id, 4)), 4)
        assert self.verified(stores) == Verification(4, 2, 0)
        stores.audit.rotate(NOW)
        assert self.verified(stores) == Verification(4, 3, 0)

    def test_an_empty_segment_is_not_sealed(self, stores: Stores) -> None:
        for prepare in (lambda: None, lambda: (stores.audit.append(ENTRY), stores.audit.rotate(1))):
            prepare()
            before = stores.audit.chain()
            with pytest.raises(ContctlError) as caught:
                stores.audit.rotate(NOW)
            assert caught.value.code is ErrorCode.CONFLICT
            assert stores.audit.chain() == before
        assert stores.audit.append(ENTRY) == 2
        assert self.verified(stores) == Verification(2, 2, 0)
