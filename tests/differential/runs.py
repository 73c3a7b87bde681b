"""Running all cases side by side."""

from concurrent.futures import Future, ThreadPoolExecutor

from tests.differential.compare import Seen, problems
from tests.differential.differences import differences
from tests.differential.normal import normal
from tests.differential.sides import Place, Program
from tests.differential.table import Case, through_gateway

THREADS = 4


class Runs:
    """Runs the cases side by side, and answers what is wrong with each."""

    def __init__(self, place: Place, contctl: Program, remote: Program | None) -> None:
        self._place = place
        self._contctl = contctl
        self._remote = remote
        self._pool = ThreadPoolExecutor(THREADS)
        self._futures: dict[str, Future[dict[str, list[str]]]] = {}

    def begin(self, cases: list[Case]) -> None:
        """Run these, those that need to be alone only when they are asked for."""
        for case in cases:
            if not case.alone and case.name not in self._futures:
                self._futures[case.name] = self._pool.submit(self._run, case)

    def close(self) -> None:
        """Begin nothing more, and wait for what runs."""
        self._pool.shutdown(cancel_futures=True)

    def of(self, case: Case, program: str) -> list[str]:
        """What is wrong with the case where contctl is `embedded`, or the client of a `gateway`."""
        if case.name not in self._futures:
            for future in list(self._futures.values()):
                future.exception()
            self._futures[case.name] = self._pool.submit(self._run, case)
        return self._futures[case.name].result()[program]

    def _run(self, case: Case) -> dict[str, list[str]]:
        programs = {"embedded": self._contctl}
        if self._remote and case in through_gateway():
            programs["gateway"] = self._remote
        theirs = self._place.seen(case, self._place.docker)
        return {name: self._against(case, theirs, each) for name, each in programs.items()}

    def _against(self, case: Case, theirs: Seen, program: Program) -> list[str]:
        found = problems(case, theirs, self._place.seen(case, program), differences())
        if found and "AGE " in normal(theirs.out):
            # Between the two runs a minute may have begun, which is shown in other words.
            theirs = self._place.seen(case, self._place.docker)
            found = problems(case, theirs, self._place.seen(case, program), differences())
        return found
