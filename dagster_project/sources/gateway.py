"""The gateway of data.go.kr, and the services of Korea's administration behind it.

Errors come from two sides: the gateway, which knows keys and quotas, and the service behind it, which answers HTTP 200
whatever happens. The body says which of them speaks. Here: the items of a response, or what either says instead. Not
here: what the items mean (the module of the source).
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

# What the gateway's codes mean here; one that is not listed is refused.
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
# What the gateway says in plain text.
PLAIN: Troubles = {
    "quota exceeded": "quota",
    "rate limit exceeded": "again",
    "unauthorized": "key",
    "forbidden": "key",
}


def read_items(response: Response) -> list[dict[str, str | None]]:
    """Read a response's items, each as its fields.

    Raises:
        Unusable: What the gateway or the service says instead of figures.
    """
    root = _parse_root(response)
    code = (root.findtext("header/resultCode") or "").strip()
    if root.tag != "response" or not code:
        raise Unusable("refused", f"a response {root.tag} without response/header/resultCode")
    if code != "00":
        # The service knows only 99; the others are the gateway's, passed on.
        trouble = "refused" if code == "99" else GATEWAY.get(code.lstrip("0"), "refused")
        raise Unusable(trouble, f"resultCode {code}: {(root.findtext('header/resultMsg') or '').strip()}")
    items = root.find("body/items")
    if items is None:
        raise Unusable("refused", "the fields body/items are missing")
    return [read_child_texts(item) for item in items.iterfind("item")]


def _parse_root(response: Response) -> _Element:
    """Parse the response's XML, if it is not the gateway that speaks.

    Raises:
        Unusable: The gateway says what is the matter, in XML, JSON or plain text; or the response is no whole XML.
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
    """Check a status as for every publisher, but that the gateway gives a code whenever it does not know the key."""
    if response.status == 403:
        raise Unusable("address", "HTTP 403 without a code: the gateway takes no requests from many addresses abroad")
    check_status(response)


def _read_json_header(response: Response) -> Mapping[str, str]:
    try:
        header = parse_json(response)["OpenAPI_ServiceResponse"]["cmmMsgHeader"]
    except (Unusable, KeyError, TypeError):
        return {}
    return header if isinstance(header, dict) else {}


def _check_gateway(header: Mapping[str, str | None], response: Response) -> None:
    """Raise what the gateway's code means; a gateway without a code is one that broke off."""
    code = str(header.get("returnReasonCode") or "").strip()
    said = " ".join(str(header[name]) for name in ("errMsg", "returnAuthMsg") if header.get(name))
    if not code:
        _check_status(response)
        raise Unusable("again", "a response of the gateway without a returnReasonCode")
    # Too many a second come under the code of a day's quota, too, and under that of any error.
    trouble = "again" if "PER_SECOND" in said else GATEWAY.get(code.lstrip("0"), "refused")
    raise Unusable(trouble, f"HTTP {response.status}, code {code}: {said}")
