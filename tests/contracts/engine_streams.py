"""Logs, stats, events, waits."""

import time

from contctl.core.domain.streams import Chunk, Condition, EventQuery, LogOptions, Out
from contctl.core.ports import Engine
from tests.bounded import closing_after, woken_by_close
from tests.contracts.engine_basics import (
    ABSENT,
    IDLE,
    IMAGE,
    EngineBasics,
    Workshop,
    needs,
    output,
)


class StreamContract(EngineBasics):
    def test_logs_keep_output_and_errors_apart(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.finished("sh", "-c", "echo out; echo err >&2; echo more")
        assert output(engine.logs(made, LogOptions())) == (b"out\nmore\n", b"err\n")

    def test_log_chunks_name_their_container(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.finished("echo", "x")
        with closing_after(engine.logs(made, LogOptions())) as stream:
            assert list(stream) == [Chunk(made, Out(b"x\n"))]

    def test_logs_of_one_that_never_ran(self, engine: Engine, workshop: Workshop) -> None:
        assert output(engine.logs(workshop.create("true"), LogOptions())) == (b"", b"")

    def test_the_tail_of_a_log(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.finished("sh", "-c", "echo 1; echo 2; echo 3")
        assert output(engine.logs(made, LogOptions(tail=2)))[0] == b"2\n3\n"
        assert output(engine.logs(made, LogOptions(tail=0)))[0] == b""

    def test_logs_of_a_time(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.finished("echo", "now")
        later = time.time() + 60
        assert output(engine.logs(made, LogOptions(until=later)))[0] == b"now\n"
        assert output(engine.logs(made, LogOptions(since=later)))[0] == b""
        assert output(engine.logs(made, LogOptions(until=later - 3600)))[0] == b""

    def test_timestamps(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.finished("echo", "now")
        out, _ = output(engine.logs(made, LogOptions(timestamps=True)))
        stamp, _, text = out.partition(b" ")
        assert text == b"now\n"
        assert stamp[4:5] == b"-"
        assert stamp.endswith(b"Z")

    def test_following_ends_with_the_container(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run("sh", "-c", "echo a; sleep 0.3; echo b")
        assert output(engine.logs(made, LogOptions(follow=True)))[0] == b"a\nb\n"

    def test_closing_wakes_a_follower(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        stream = engine.logs(made, LogOptions(follow=True))
        assert woken_by_close(stream, lambda: list(stream)) == []
        assert list(stream) == []

    @needs("stats")
    def test_stats(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        with closing_after(engine.stats(made)) as stream:
            readings = [next(stream), next(stream)]
        assert [reading.container_id for reading in readings] == [made, made]
        assert readings[0].reading["memory_stats"] is not None

    @needs("stats")
    def test_a_single_reading_knows_the_one_before(
        self, engine: Engine, workshop: Workshop
    ) -> None:
        runs, ended = workshop.run(*IDLE), workshop.finished("true")
        for made in (runs, ended):
            with closing_after(engine.stats(made, stream=False)) as stream:
                (reading,) = (each.reading for each in stream)
            before = reading.get("precpu_stats") or {}
            assert bool(before.get("system_cpu_usage")) is (made == runs)
            assert str(reading["name"]).startswith("/")

    @needs("stats")
    def test_readings_end_with_the_removal(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        with closing_after(engine.stats(made)) as stream:
            next(stream)
            engine.remove(made, force=True, volumes=False)
            assert all(each.container_id == made for each in stream)

    @needs("stats")
    def test_closing_wakes_a_reader_of_stats(self, engine: Engine, workshop: Workshop) -> None:
        stream = engine.stats(workshop.run(*IDLE))
        woken_by_close(stream, lambda: list(stream))

    @needs("events")
    def test_events_from_the_moment_of_opening(self, engine: Engine, workshop: Workshop) -> None:
        with closing_after(engine.events(EventQuery())) as stream:
            made = workshop.run("sh", "-c", "exit 5")
            mine = (event for event in stream if event.container_id == made)
            seen = {}
            for event in mine:
                seen[event.action] = event
                if event.action == "die":
                    break
        assert list(seen) == ["create", "start", "die"]
        assert seen["die"].attributes["exitCode"] == "5"
        assert seen["create"].attributes["image"] == IMAGE
        assert seen["create"].at <= seen["start"].at <= seen["die"].at

    @needs("events")
    def test_past_events_of_one_container(self, engine: Engine, workshop: Workshop) -> None:
        since = time.time() - 1
        made = workshop.finished("true")
        workshop.finished("true")
        query = EventQuery(since=since, until=time.time(), filters=(("container", made),))

        def actions() -> list[str]:
            with closing_after(engine.events(query)) as stream:
                return [event.action for event in stream if event.container_id == made]

        assert actions()[:2] == ["create", "start"]

    @needs("events")
    def test_closing_wakes_a_reader_of_events(self, engine: Engine) -> None:
        stream = engine.events(EventQuery(filters=(("container", ABSENT),)))
        assert woken_by_close(stream, lambda: list(stream)) == []

    def test_wait_for_one_that_does_not_run(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.finished("sh", "-c", "exit 6")
        with closing_after(engine.wait(made, Condition.NOT_RUNNING)) as codes:
            assert list(codes) == [6]

    def test_wait_for_the_next_exit(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create("sh", "-c", "exit 7")
        with closing_after(engine.wait(made, Condition.NEXT_EXIT)) as codes:
            engine.start(made)
            assert list(codes) == [7]

    def test_wait_for_removal(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.finished("true")
        with closing_after(engine.wait(made, Condition.REMOVED)) as codes:
            engine.remove(made, force=False, volumes=False)
            assert list(codes) == [0]

    def test_closing_wakes_a_wait(self, engine: Engine, workshop: Workshop) -> None:
        stream = engine.wait(workshop.run(*IDLE), Condition.NOT_RUNNING)
        assert woken_by_close(stream, lambda: list(stream)) == []
