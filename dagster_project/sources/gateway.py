"""Parse responses of data.go.kr, the gateway through which Korea's administration offers its services.

An error comes either from the gateway, which checks keys and quotas, or from the service behind it, which always sends
HTTP 200. The element at the top of the body shows which of the two sent it.
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

# The gateway's error codes; any other code means `refused`.
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
PLAIN: Troubles = {"quota exceeded": "quota", "rate limit exceeded": "again", "unauthorized": "key", "forbidden": "key"}


def read_items(response: Response) -> list[dict[str, str | None]]:
    """Return the items of a response, each as a dictionary of its fields.

    Raises:
        Unusable: The gateway or the service reports an error instead of figures.
    """
    root = _parse_root(response)
    code = (root.findtext("header/resultCode") or "").strip()
    if root.tag != "response" or not code:
        raise Unusable("refused", f"expected response/header/resultCode, got <{root.tag}> without it")
    if code != "00":
        # The service has only one error code of its own, 99; it takes all others from the gateway.
        trouble = "refused" if code == "99" else GATEWAY.get(code.lstrip("0"), "refused")
        raise Unusable(trouble, f"resultCode {code}: {(root.findtext('header/resultMsg') or '').strip()}")
    items = root.find("body/items")
    if items is None:
        raise Unusable("refused", "the fields body/items are missing")
    return [read_child_texts(item) for item in items.iterfind("item")]


def _parse_root(response: Response) -> _Element:
    """Parse the XML that the service sent.

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
    """Check the HTTP status; 403 means a blocked IP address, because for a bad key the gateway sends a code."""
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
    """Raise `Unusable` for the error code in the gateway's header, or because the header has no code."""
    code = str(header.get("returnReasonCode") or "").strip()
    said = " ".join(str(header[name]) for name in ("errMsg", "returnAuthMsg") if header.get(name))
    if not code:
        _check_status(response)
        raise Unusable("again", "the gateway's response has no returnReasonCode, so it may be incomplete")
    # For too many requests a second the gateway may send any code, also that of the daily quota; its message says so.
    trouble = "again" if "PER_SECOND" in said else GATEWAY.get(code.lstrip("0"), "refused")
    raise Unusable(trouble, f"HTTP {response.status}, code {code}: {said}")
