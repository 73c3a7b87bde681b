"""What a refusal looks like, whatever the attack."""

from tests.e2e.machine import Result


def assert_refused(result: Result, code: int, message: str = "") -> None:
    """Assert exit code `code`, one error line that says `message`, at most one hint, no output."""
    assert (result.code, result.out) == (code, ""), result.err
    assert_one_error(result.err, message)


def assert_one_error(err: str, message: str = "") -> None:
    """Assert that a standard error is one error line that says `message`, and at most one hint."""
    error, *rest = err.splitlines()
    assert error.startswith(("error: ", "error[")), err
    assert message in error, err
    assert len(rest) <= 1, err
    assert all(line.startswith("hint: ") for line in rest), err
    assert "Traceback" not in err
