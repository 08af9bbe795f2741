"""Define the types of a source's declaration: dataset, column, request, response, API, key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from dagster_project.errors import BilateralError
from dagster_project.settings import Frequency, Settings, SourceSettings, Window
from dagster_project.sources.calendar import Releases

Kind = Literal["text", "integer", "number", "year", "month", "date"]


@dataclass(frozen=True)
class Column:
    """A column of a dataset: its name, its type, and the limits of its values.

    Args:
        name: The name in the first line of the data; the name of an amount ends with its unit (`value_usd`).
        kind: The type of the text: `year` is YYYY, `month` YYYY-MM, `date` YYYY, YYYY-MM or YYYY-MM-DD.
        required: Whether an empty field is an error.
        minimum: The smallest number allowed; `maximum` is the largest.
        values: The only texts allowed, if the publisher has a closed list.
    """

    name: str
    kind: Kind
    description: str
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Offer:
    """The figures of a dataset that a refresh can fetch, so that answers can say how to fetch missing figures.

    Args:
        items: The settings that items need. Each key is a regular expression that matches whole items, such as
            `[0-9]{6}`; its value is a setting of the source in `bilateral.toml`, where `{item}` stands for the item.
        since: The first year that is fetched unless `bilateral.toml` names another.
        is_earliest: Whether the publisher has no earlier years.
        reporters: The economies whose statistics the publisher has; empty for all economies.
        partners: The trading partners in these statistics; empty for all economies.
        setting: A setting that every item needs.
        has_world: Whether `world = true` fetches the dataset for all economies.
    """

    domain: Literal["goods", "services", "gdp"]
    frequencies: tuple[Frequency, ...]
    items: Mapping[str, str]
    since: int
    is_earliest: bool = False
    reporters: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    flows: tuple[str, ...] = ("export", "import")
    setting: str = ""
    has_world: bool = False


@dataclass(frozen=True)
class Dataset:
    """A table of a publisher. Its contract is the columns and the key, which every snapshot must fit.

    Args:
        source: The code of the source.
        name: The name within the source, such as `goods_monthly`.
        columns: Every column, in the order of the file.
        key: The columns whose values together are unique within a snapshot.
        offer: The figures that a refresh can fetch; None if the figures were entered by hand, or are not series.
        fields: The field of the publisher's records for each column, in the same order; empty if the source's module
            computes the columns.
        other_fields: Every other field that the publisher documents.
    """

    source: str
    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    # A hash of the representation identifies the contract, which these three fields are no part of.
    offer: Offer | None = field(default=None, repr=False)
    fields: tuple[str, ...] = field(default=(), repr=False)
    other_fields: tuple[str, ...] = field(default=(), repr=False)

    @property
    def table(self) -> str:
        """Return the name of the dataset's raw and staging tables."""
        return f"{self.source}__{self.name}"

    @property
    def path(self) -> str:
        return f"{self.source}/{self.name}"

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class Request:
    """A request to a publisher, without the key.

    Args:
        dataset: The path of the dataset that the response is stored in, `source/name`.
        path: The part of the URL after the publisher's base address.
        subject: The name of the requested series, such as `KOR-CHN`, the same in every refresh. All years of a new
            subject are requested; later, recent years are enough.
        body: The JSON to post; with None the request is a GET.
        accept: The media types for the header `Accept`.
        only: The values that the response may have, by column; a response with another value is refused.
        periods: The first and the last period that the response may have, written as in `period_column`.
    """

    dataset: str
    path: str
    subject: str
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    accept: str = "*/*"
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    periods: tuple[str, str] | None = None
    period_column: str | None = None

    def build_address(self, base: str) -> str:
        """Build the request's URL, without the key."""
        query = urlencode(self.query)
        return f"{base}{self.path}{'?' + query if query else ''}"

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the fields of the request as plain values, for the manifest of its response."""
        plain = json.loads(json.dumps(vars(self)))
        return {name: value for name, value in plain.items() if name != "dataset"}

    @classmethod
    def from_parameters(cls, dataset: str, parameters: Mapping[str, Any]) -> Request:
        """Build the request again from the `parameters` of a manifest."""
        first_and_last = parameters["periods"]
        return cls(
            dataset,
            **{name: parameters[name] for name in ("path", "subject", "body", "accept", "period_column")},
            query=tuple((name, value) for name, value in parameters["query"]),
            only={column: tuple(values) for column, values in parameters["only"].items()},
            periods=(first_and_last[0], first_and_last[1]) if first_and_last else None,
        )


@dataclass(frozen=True)
class Response:
    """A publisher's response: the HTTP status, the headers by their names in lower case, and the body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True)
class ParsedResponse:
    """A response as rows of its dataset.

    Args:
        rows: Rows in the order of the dataset's columns; every value is text, or None if the publisher has no value.
        published_at: The day of the release, if the publisher states it; the figures count as known from that day.
        edition: The publisher's name of the release, if it has one.
        notes: Notes for a maintainer, such as `new fields: flag`.
        more: Further requests, such as for the next page.
    """

    rows: Iterable[tuple[str | None, ...]]
    published_at: date | None = None
    edition: str | None = None
    notes: tuple[str, ...] = ()
    more: tuple[Request, ...] = ()


# The reasons why a response has no usable figures, and the steps that follow:
#   again     a temporary failure (an incomplete body, a page of HTML instead of figures): send the request again
#   quota     the quota is used up, or requests came too fast: stop asking this publisher, continue in a later refresh
#   key       the key is missing, wrong, or not valid for this service: stop asking, and explain how to get a key
#   address   the publisher blocks this machine's address: stop asking; a person must look into it
#   nothing   the publisher has no figures for this request: an error only if such figures are stored
#   refused   the response differs from the request or from the publisher's documentation: store it with the reason
Trouble = Literal["again", "quota", "key", "address", "nothing", "refused"]


class Unusable(Exception):
    """A response without usable figures.

    Args:
        trouble: The kind of problem, one of `Trouble`.
        reason: The publisher's message or the fault found, for a person.
        after: Seconds until the publisher may be asked again, if the body says so. The header `Retry-After` is read for
            every publisher.
    """

    def __init__(self, trouble: Trouble, reason: str, after: float | None = None) -> None:
        # A publisher's message may contain characters that cannot be encoded.
        self.reason = reason.encode("utf-8", "backslashreplace").decode()
        super().__init__(self.reason)
        self.trouble = trouble
        self.after = after


@dataclass(frozen=True)
class Key:
    """The place of a user's key in a request.

    The key comes from the environment variable `BILATERAL_<SOURCE>_KEY`, and is written to no file.

    Args:
        place: `header`, `query` or `path` (the text `{key}` in a request's path).
        name: The name of the header or parameter.
        how: A sentence that says how to get a key, with the address.
        prefix: The text before the key in a header.
        required: Whether the publisher refuses every request without a key.
    """

    place: Literal["header", "query", "path"]
    name: str
    how: str
    prefix: str = ""
    required: bool = True


@dataclass(frozen=True)
class Api:
    """The network interface of a publisher: its address, its terms, and the functions that plan and read requests.

    Args:
        base: The address to which the path of a request is added; `BILATERAL_<SOURCE>_URL` overrides it.
        plan: The function that plans the requests. Its arguments: the settings; a function that returns the first and
            the last day to request for a `Request.subject`; whether the user has a key.
        read: The function that parses a response to a request.
        licence: The name and the address of the terms.
        per_day: The most requests a day, counted over all refreshes; None if the publisher sets no such quota.
        settings: The class of the source's table in `bilateral.toml`.
        revises: The number of past years that the publisher usually revises; every refresh requests them again.
        timeout: Seconds without a byte after which a request is abandoned.
        max_bytes: The size of the largest response; a larger one is refused.
        completes: For a reference table that describes requested items, such as `indicators`, the function that builds
            the row of an item from a response.
    """

    base: str
    plan: Callable[[Settings, Window, bool], Iterable[Request]]
    read: Callable[[Request, Response], ParsedResponse]
    licence: tuple[str, str]
    citation: str
    per_second: float
    per_day: int | None = None
    settings: type[SourceSettings] = SourceSettings
    key: Key | None = None
    revises: int = 2
    timeout: float = 60
    max_bytes: int = 200_000_000
    completes: Mapping[str, Callable[[Response], Mapping[str, str]]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Source:
    """A source of figures.

    Args:
        code: The short name in tables, files and assets, such as `kcs`.
        publisher: The publisher. For datasets of another publisher, reference/publishers.csv names the original source.
        api: The API; None if the figures were entered by hand.
        live: The names of the datasets that a refresh fills; before the first refresh they may have no snapshot.
        releases: The release calendar; None if no calendar is known, or no more figures will be released.
    """

    code: str
    title: str
    publisher: str
    homepage: str
    datasets: tuple[Dataset, ...]
    api: Api | None = None
    live: tuple[str, ...] = ()
    releases: Releases | None = None

    def get_api(self) -> Api:
        """Return the API of the source.

        Raises:
            BilateralError: The source has a publisher's response, but no module that parses it.
        """
        if self.api is None:
            raise BilateralError(
                f"The source {self.code} has a publisher's response, but no module that parses it.",
                remedy=f"Declare its API in dagster_project/sources/{self.code}.py, or remove its snapshots.",
            )
        return self.api

    @property
    def key_variable(self) -> str:
        """Return the name of the environment variable with the source's key."""
        return f"BILATERAL_{self.code.upper()}_KEY"

    @property
    def address_variable(self) -> str:
        """Return the name of the environment variable that overrides the API's base address."""
        return f"BILATERAL_{self.code.upper()}_URL"
