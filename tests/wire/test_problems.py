"""Errors as problem details."""

from http import HTTPStatus

import pytest
from hypothesis import given

from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.codec import dumps, loads
from contctl.wire.problems import from_problem, status_of, to_problem
from tests.wire.values import errors, json_values

STATUSES = {
    ErrorCode.USAGE: 400,
    ErrorCode.NOT_AUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.FAILED: 422,
    ErrorCode.UNSUPPORTED: 501,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.STORE: 507,
}
REASONS = {
    "no-such-operation": 404,
    "method": 405,
    "too-slow": 408,
    "too-large": 413,
    "content-type": 415,
    "rate-limited": 429,
    "bug": 500,
}


@pytest.mark.parametrize("code", ErrorCode)
def test_each_code_has_its_status(code: ErrorCode) -> None:
    assert status_of(ContctlError(code, "m")) == STATUSES[code]
    assert status_of(ContctlError(code, "m", details={"reason": "other"})) == STATUSES[code]


@pytest.mark.parametrize("reason", REASONS)
def test_some_reasons_have_a_status_of_their_own(reason: str) -> None:
    error = ContctlError(ErrorCode.USAGE, "m", details={"reason": reason})
    assert status_of(error) == REASONS[reason]


@pytest.mark.parametrize("status", {*STATUSES.values(), *REASONS.values()} - {413, 422})
def test_the_title_is_the_phrase_of_the_status(status: int) -> None:
    codes = [code for code in STATUSES if STATUSES[code] == status]
    reasons = [reason for reason in REASONS if REASONS[reason] == status]
    for code in codes or [ErrorCode.USAGE]:
        details = {} if codes else {"reason": reasons[0]}
        problem = to_problem(ContctlError(code, "m", details=details))
        assert problem["title"] == HTTPStatus(status).phrase


def test_a_problem_has_the_members_of_rfc_9457_and_contctls_own() -> None:
    error = ContctlError(
        ErrorCode.USAGE, "too much", hint="take less", details={"reason": "too-large"}
    )
    assert to_problem(error) == {
        "type": "about:blank",
        "title": "Content Too Large",
        "status": 413,
        "detail": "too much",
        "code": "usage",
        "hint": "take less",
        "details": {"reason": "too-large"},
    }


@given(errors)
def test_an_error_arrives_as_it_was(error: ContctlError) -> None:
    arrived = from_problem(loads(dumps(error)))
    assert (arrived.code, arrived.message) == (error.code, error.message)
    assert (arrived.hint, arrived.details) == (error.hint, error.details)


def test_a_code_of_a_newer_contctl_is_a_failure() -> None:
    arrived = from_problem({"code": "on-fire", "detail": "m", "hint": "h", "more": 1})
    assert (arrived.code, arrived.message, arrived.hint) == (ErrorCode.FAILED, "m", "h")


@pytest.mark.parametrize(
    "value",
    [None, [], "x", {}, {"detail": "m"}, {"code": "usage"}, {"code": 1, "detail": "m"},
     {"code": "usage", "detail": None}],
)  # fmt: skip
def test_what_is_no_problem_of_contctls_is_no_gateways(value: object) -> None:
    assert from_problem(value).code is ErrorCode.UNAVAILABLE


@given(json_values, json_values, json_values, json_values)
def test_anything_at_all_makes_an_error(
    code: object, detail: object, hint: object, details: object
) -> None:
    from_problem({"code": code, "detail": detail, "hint": hint, "details": details})
    arrived = from_problem({"code": "usage", "detail": "m", "hint": hint, "details": details})
    assert arrived.code is ErrorCode.USAGE
    assert arrived.hint is None or isinstance(arrived.hint, str)
    assert all(isinstance(text, str) for pair in arrived.details.items() for text in pair)
