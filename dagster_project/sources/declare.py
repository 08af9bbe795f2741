"""The types with which a source module declares itself.

Here: datasets and their columns, requests and responses, and the terms of an API. Not here: any one publisher (each has
its own module), or the search for these modules (`sources`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from dagster_project.settings import Settings, SourceSettings, Window
from dagster_project.sources.calendar import Releases

Kind = Literal["text", "integer", "number", "year", "month", "date"]


@dataclass(frozen=True)
class Column:
    """A column as the publisher sends it, and the limits of its values.

    Args:
        name: The column's name in the snapshot's header; the name of a measure ends with its unit.
        kind: The type of the text: `year` is YYYY, `month` YYYY-MM, `date` YYYY, YYYY-MM or YYYY-MM-DD.
        description: What the column means, in a few words.
        required: Whether an empty field is an error.
        minimum: The smallest number allowed; a trade value is never negative.
        maximum: The largest number allowed.
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
class Brings:
    """The figures that a refresh of a dataset fetches, to tell a reader how to obtain a missing figure.

    Args:
        domain: Trade in goods, trade in services, or the parts of GDP.
        frequencies: A for years, M for months.
        items: The items fetched, as regular expressions that match a whole item (`TOTAL`; a code of the Harmonized
            System; AG2, AG4 or AG6 for every code of that length). Each maps to the setting that the item needs in the
            source's table of `bilateral.toml`, in which `{item}` stands for the item.
        since: The first year fetched unless `bilateral.toml` names another.
        is_earliest: Whether the publisher has no earlier years.
        reporters: The economies whose statistics these are; empty if any economy's.
        partners: The economies that the reporters trade with; empty if any economy.
        flows: The flows fetched.
        setting: A setting that every item needs.
        has_world: Whether `world = true` fetches the dataset for all economies.
    """

    domain: Literal["goods", "services", "gdp"]
    frequencies: tuple[Literal["A", "M"], ...]
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
    """A table that a publisher offers.

    Args:
        source: The source's code, the first part of every name built from the dataset.
        name: The dataset's own name, `entity_grain`.
        title: A title for people.
        columns: Every column, in the order of the file.
        key: The columns whose values together must be unique within a snapshot.
        brings: The figures that a refresh fetches; None if its figures were entered by hand, or are not series.
        fields: The publisher's field for each column, in the same order; empty if a reader builds the columns.
        other_fields: Every other field that the publisher documents.
    """

    source: str
    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    brings: Brings | None = None
    # Left out of the representation, which identifies the dataset's contract: they are not part of it.
    fields: tuple[str, ...] = field(default=(), repr=False)
    other_fields: tuple[str, ...] = field(default=(), repr=False)

    @property
    def table(self) -> str:
        """Return the name of the dataset's raw and staging tables."""
        return f"{self.source}__{self.name}"

    @property
    def path(self) -> str:
        return f"{self.source}/{self.name}"


@dataclass(frozen=True)
class Request:
    """One request to a publisher, without its key.

    Args:
        dataset: The path of the dataset it fills, `source/name`.
        path: The part of the URL after the publisher's base address.
        subject: What the request asks about, in a word or two that stay the same in every refresh (`KOR-CHN`,
            `NV.SRV.TOTL.ZS`); a new subject is requested for its whole span.
        query: The query's parameters, in order.
        body: The JSON to post; with None the request is a GET.
        accept: The media types accepted.
        only: For columns of the dataset, the values that the response may have; any other value makes it wrong.
        periods: The first and the last period that the response may have, written as in `period_column`.
        period_column: The column of the dataset with the period.
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
        """Return the request's fields for a manifest, as plain values; they contain no key."""
        plain = json.loads(json.dumps(vars(self)))
        return {name: value for name, value in plain.items() if name != "dataset"}

    @classmethod
    def from_parameters(cls, dataset: str, parameters: Mapping[str, Any]) -> Request:
        """Rebuild a request from a manifest's parameters."""
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
    """A publisher's response: the status, the headers in lower case, and the bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True)
class Reading:
    """A response parsed into rows of its dataset.

    Args:
        rows: Rows in the order of the dataset's columns; every value is text, or None where the publisher has no value.
        published_at: The day of the release, if the publisher states it: the figures count as known from then.
        edition: The publisher's name of the release, if it has one.
        notes: Notes for a maintainer, such as a new field in the response.
        more: Follow-up requests, such as for the next page.
    """

    rows: Iterable[tuple[str | None, ...]]
    published_at: date | None = None
    edition: str | None = None
    notes: tuple[str, ...] = ()
    more: tuple[Request, ...] = ()


# Why a response has no usable figures, and so what to do about it:
#   again     a temporary failure (a garbled body, a page of HTML instead of figures): ask again, then give up
#   quota     the quota is used up, or requests came too fast: stop asking this publisher, continue later
#   key       the key is missing, wrong or not entitled: stop asking, and explain how to get one
#   address   the publisher blocks this machine's address: stop asking; a person must look into it
#   nothing   the publisher has no figures for this; an error only if figures are already stored
#   refused   the response is not what was requested: set it aside with the reason
Trouble = Literal["again", "quota", "key", "address", "nothing", "refused"]


class Unusable(Exception):
    """A response from which no figures may be taken.

    Args:
        trouble: The kind of problem, which decides what to do.
        reason: The publisher's message or the fault found, for a person.
        after: Seconds until the publisher may be asked again, if its message says so; not needed for `Retry-After`.
    """

    def __init__(self, trouble: Trouble, reason: str, after: float | None = None) -> None:
        # A publisher's message may contain characters that cannot be encoded.
        self.reason = reason.encode("utf-8", "backslashreplace").decode()
        super().__init__(self.reason)
        self.trouble = trouble
        self.after = after


@dataclass(frozen=True)
class Key:
    """The key with which a publisher identifies its users.

    The key is read from the environment variable `BILATERAL_<SOURCE>_KEY`, goes where `place` says, and is never
    written anywhere.

    Args:
        place: `header`, `query` or `path` (the text `{key}` in a request's path).
        name: The name of the header or parameter.
        prefix: The text before the key in a header.
        how: How to get a key, in a sentence with the address.
        required: Whether no request is possible without it.
    """

    place: Literal["header", "query", "path"]
    name: str
    how: str
    prefix: str = ""
    required: bool = True


@dataclass(frozen=True)
class Api:
    """A publisher that answers over the network.

    Args:
        base: The base address of every request's path; `BILATERAL_<SOURCE>_URL` overrides it.
        settings: The source's settings class, its table of `bilateral.toml`.
        plan: Plans the requests from the settings, a function that returns the first and last day wanted of a subject
            (from the beginning for a new subject), and whether there is a key.
        read: Reads the rows of a response with status 200 to a request.
        licence: Name and address of the terms.
        citation: How to cite the source.
        per_second: The most requests a second.
        per_day: The most requests a day, counted over all runs; None if the publisher sets no such quota.
        key: The key that the publisher requires or accepts; None if it has no keys.
        revises: For how many years back the publisher is known to revise figures; a refresh fetches them again.
        timeout: Seconds without a byte after which a request is abandoned.
        max_bytes: The largest response; reading stops beyond it.
        completes: By name, reference tables that may lack an item of the settings, each with a function that builds the
            missing row, by column, from a response.
    """

    base: str
    plan: Callable[[Settings, Window, bool], Iterable[Request]]
    read: Callable[[Request, Response], Reading]
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
    """A source of figures, as its module declares it.

    Args:
        code: Its short name in tables, files and assets.
        title: Its name for people.
        publisher: Its publisher; reference/publishers.csv names the datasets that it republishes from another source.
        homepage: The publisher's page.
        datasets: The datasets that this project takes from it.
        api: Its API; None if its figures were entered by hand.
        live: The names of the datasets that the API fills; they may be empty until a refresh.
        releases: Its release calendar; None if it has no known calendar, or will release nothing more.
    """

    code: str
    title: str
    publisher: str
    homepage: str
    datasets: tuple[Dataset, ...]
    api: Api | None = None
    live: tuple[str, ...] = ()
    releases: Releases | None = None

    @property
    def key_variable(self) -> str:
        """Return the name of the environment variable with the source's key."""
        return f"BILATERAL_{self.code.upper()}_KEY"

    @property
    def address_variable(self) -> str:
        """Return the name of the environment variable that overrides the API's base address."""
        return f"BILATERAL_{self.code.upper()}_URL"
