"""Read responses of the gateway data.go.kr, through which Korea's administration offers its services.

Errors come from the gateway, which checks keys and quotas, or from the service behind it, which always answers HTTP
200. The body tells which of the two sent it. Here: the items of a response, or the error. Not here: the meaning of the
items (the source's module).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dagster_project.sources.declare import Response, Unusable
from dagster_project.sources.responses import (
    Troubles,
    check_status,
    decode_text,
    parse_json,
    parse_xml,
    prefer_status,
    read_child_texts,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

# What each code of the gateway means for the refresh; a code that is not listed means `refused`.
GATEWAY: Troubles = {
    "1": "again",  # APPLICATION_ERROR
    "2": "again",  # DB_ERROR
    "4": "again",  # HTTP_ERROR
    "5": "again",  # SERVICETIMEOUT_ERROR
    "20": "key",  # SERVICE_ACCESS_DENIED_ERROR; no key was sent
    "21": "again",  # TEMPORARILY_DISABLE_THE_SERVICEKEY_ERROR
    "22": "quota",  # LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR
    "23": "again",  # LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR
    "29": "address",  # BLACKLIST_IP_ACCESS_ERROR
    "30": "key",  # SERVICE_KEY_IS_NOT_REGISTERED_ERROR; also an operation that nobody applied for
    "31": "key",  # DEADLINE_HAS_EXPIRED_ERROR
    "32": "address",  # UNREGISTERED_IP_ERROR
    "33": "key",  # UNSIGNED_CALL_ERROR
    "99": "again",  # UNKNOWN_ERROR
}
# Errors that the gateway sends as plain text.
PLAIN: Troubles = {
    "quota exceeded": "quota",
    "rate limit exceeded": "again",
    "unauthorized": "key",
    "forbidden": "key",
}


def read_items(response: Response) -> list[dict[str, str | None]]:
    """Read a response's items, each as a mapping of its fields.

    Raises:
        Unusable: The gateway or the service reports an error instead of figures.
    """
    root = _parse_root(response)
    code = (root.findtext("header/resultCode") or "").strip()
    if root.tag != "response" or not code:
        raise Unusable("refused", f"expected response/header/resultCode, got <{root.tag}> without it")
    if code != "00":
        # The service itself has only code 99; all other codes are passed on from the gateway.
        trouble = "refused" if code == "99" else GATEWAY.get(code.lstrip("0"), "refused")
        raise Unusable(trouble, f"resultCode {code}: {(root.findtext('header/resultMsg') or '').strip()}")
    items = root.find("body/items")
    if items is None:
        raise Unusable("refused", "the fields body/items are missing")
    return [read_child_texts(item) for item in items.iterfind("item")]


def _parse_root(response: Response) -> _Element:
    """Parse the response's XML, unless the gateway sent it.

    Raises:
        Unusable: The gateway reports an error, in XML, JSON or plain text; or the XML is incomplete.
    """
    with prefer_status(response, _check_status):
        text = decode_text(response).lstrip()
    if text.startswith("{"):
        _check_gateway(_read_json_header(response), response)
    if not text.startswith("<"):
        said = " ".join(text.split())[:200]
        for words, trouble in PLAIN.items():
            if words in said.lower():
                raise Unusable(trouble, f"HTTP {response.status}: {said}")
        check_status(response)
    if response.status != 200 and "OpenAPI_ServiceResponse" not in text:
        _check_status(response)
    root = parse_xml(response)
    if root.tag == "OpenAPI_ServiceResponse":
        header = root.find("cmmMsgHeader")
        _check_gateway({} if header is None else read_child_texts(header), response)
    return root


def _check_status(response: Response) -> None:
    """Check the HTTP status; 403 means a blocked address, because a bad key has a code of its own."""
    if response.status == 403:
        raise Unusable("address", "HTTP 403 without a code: the gateway blocks many addresses outside Korea")
    check_status(response)


def _read_json_header(response: Response) -> Mapping[str, str]:
    try:
        header = parse_json(response)["OpenAPI_ServiceResponse"]["cmmMsgHeader"]
    except (Unusable, KeyError, TypeError):
        return {}
    return header if isinstance(header, dict) else {}


def _check_gateway(header: Mapping[str, str | None], response: Response) -> None:
    """Raise the error for the gateway's code; if there is no code, the response was cut off."""
    code = str(header.get("returnReasonCode") or "").strip()
    said = " ".join(str(header[name]) for name in ("errMsg", "returnAuthMsg") if header.get(name))
    if not code:
        _check_status(response)
        raise Unusable("again", "a response of the gateway without a returnReasonCode")
    # The gateway reports too many requests a second under the code of the daily quota or of any other error.
    trouble = "again" if "PER_SECOND" in said else GATEWAY.get(code.lstrip("0"), "refused")
    raise Unusable(trouble, f"HTTP {response.status}, code {code}: {said}")
