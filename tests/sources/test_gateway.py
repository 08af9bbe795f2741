"""Errors of the gateway are distinguished from errors of the service behind it."""

from __future__ import annotations

import pytest

from dagster_project.sources import Response, Unusable
from dagster_project.sources.gateway import read_items
from tests.refresh.publisher import HTML
from tests.refresh.publishers.kcs import AS_JSON, COUNTRY, LIMITED, NOT_REGISTERED, TOO_FAST, body, gateway, said


def test_items_are_their_fields() -> None:
    assert read_items(Response(200, {}, body(COUNTRY[:1]))) == [dict(COUNTRY[0])]


@pytest.mark.parametrize(
    ("content", "status", "kind", "reason"),
    [
        (said("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR"), 200, "quota", "resultCode 22"),
        (b"<response/>", 200, "refused", "expected response/header/resultCode, got <response>"),
        (b"<result/>", 200, "refused", "got <result>"),
        (NOT_REGISTERED, 403, "key", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR 등록되지 않은 서비스키"),
        (LIMITED, 429, "quota", "code 22"),
        (gateway("01", "APPLICATION_ERROR"), 200, "again", "code 01"),
        (gateway("10", "INVALID_REQUEST_PARAMETER_ERROR"), 200, "refused", "code 10"),
        (b"<OpenAPI_ServiceResponse/>", 403, "address", "HTTP 403"),
        (AS_JSON, 200, "again", "code 04: HTTP_ERROR"),
        (b'{"response": 1}', 200, "again", "has no returnReasonCode"),
        (AS_JSON[:50], 200, "again", "has no returnReasonCode"),
        (b"API rate limit exceeded", 429, "again", "rate limit"),
        (b"Unauthorized", 401, "key", "Unauthorized"),
        (b"Unexpected errors", 200, "again", "incomplete or invalid"),
        (b"", 429, "again", "HTTP 429"),
        (b"", 401, "key", "HTTP 401"),
        (HTML, 503, "again", "HTTP 503"),
        (b"<a><b>", 404, "refused", "HTTP 404"),
        ("<response>중국".encode("euc-kr"), 200, "again", "not UTF-8"),
        (gateway("22", TOO_FAST), 429, "again", "code 22"),
    ],
)
def test_what_is_no_figures_says_what_to_do(content: bytes, status: int, kind: str, reason: str) -> None:
    with pytest.raises(Unusable) as unusable:
        read_items(Response(status, {}, content))
    assert unusable.value.trouble == kind
    assert reason in unusable.value.reason
