"""What a source module declares: the types that all sources share.

Here: datasets and their columns, requests and responses, how a publisher is asked. Not here: any publisher (a module
each), or how the modules are found (`sources`).
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
    """A column as the publisher sends it, and what a value in it may be.

    Args:
        name: The column's name in the snapshot's header; a unit ends the name of a measure.
        kind: What the text must read as: `year` is YYYY, `month` YYYY-MM, `date` YYYY, YYYY-MM or YYYY-MM-DD.
        description: What it holds, in a few words.
        required: Whether an empty field is an error.
        minimum: The least a number may be; a trade value is never negative.
        maximum: The most a number may be.
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
    """What a refresh of a dataset brings, for whoever looks for a figure that is not held.

    Args:
        domain: Whether it is trade in goods or in services, or the parts of GDP.
        frequencies: A for years, M for months.
        items: What of it, as regular expressions that an item matches whole (`TOTAL`; a code of the Harmonized System;
            AG2, AG4 or AG6 for every code of that length), each with the setting that it needs in the source's part of
            `bilateral.toml`, in which `{item}` stands for the item.
        since: The first year that is asked for unless `bilateral.toml` names another.
        is_earliest: Whether the publisher has nothing of earlier years.
        reporters: The economies whose statistics they are; empty if anybody's.
        partners: The economies that these trade with; empty if anybody.
        flows: The flows.
        setting: A setting that it needs whatever the item.
        has_world: Whether `world = true` asks for it, too.
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
        source: The source's code, the first part of every name made from it.
        name: The dataset's own name, `entity_grain`.
        title: What it is, for a person.
        columns: Every column, in the order of the file.
        key: The columns that no two rows of one snapshot may share.
        brings: What a refresh brings into it; None if its figures came by hand, or are no series.
        fields: The publisher's field of which each column is made, in their order; none if a reader does more.
        other_fields: Every other field that the publisher documents.
    """

    source: str
    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    brings: Brings | None = None
    # Not part of the contract, which the representation of a dataset stands for.
    fields: tuple[str, ...] = field(default=(), repr=False)
    other_fields: tuple[str, ...] = field(default=(), repr=False)

    @property
    def table(self) -> str:
        """Return the name of its raw and staging tables."""
        return f"{self.source}__{self.name}"

    @property
    def path(self) -> str:
        return f"{self.source}/{self.name}"


@dataclass(frozen=True)
class Request:
    """One request to a publisher, without its key.

    Args:
        dataset: The dataset it fills, `source/name`.
        path: What follows the publisher's base address.
        subject: What is asked about, in a word or two that stay the same from one refresh to the next (`KOR-CHN`,
            `NV.SRV.TOTL.ZS`); a subject that was never asked about is asked for its whole span.
        query: The query's parameters, in order.
        body: What is posted as JSON; None asks with GET.
        accept: The media types wanted.
        only: For columns of the dataset, the values that rows of the response may have; another makes it wrong.
        periods: The first and the last period that the response may hold, as `period_column` writes them.
        period_column: The column of the dataset that holds the period.
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
        """Return where it goes, without the key."""
        query = urlencode(self.query)
        return f"{base}{self.path}{'?' + query if query else ''}"

    @property
    def parameters(self) -> dict[str, Any]:
        """Return what a manifest keeps of it, as plain values; it holds no key."""
        plain = json.loads(json.dumps(vars(self)))
        return {name: value for name, value in plain.items() if name != "dataset"}

    @classmethod
    def from_parameters(cls, dataset: str, parameters: Mapping[str, Any]) -> Request:
        """Return the request that a manifest's parameters tell of."""
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
    """What came back: the status, the headers in lower case, and the bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True)
class Reading:
    """A response as rows of its dataset.

    Args:
        rows: Each in the order of the dataset's columns, every value as text, None where the publisher has none.
        published_at: The day of the release, if the publisher states it: the figures count as known from then.
        edition: The publisher's name of the release, if it has one.
        notes: What a maintainer should know, such as a field that was not there before.
        more: Requests for what it leaves open, such as its next page.
    """

    rows: Iterable[tuple[str | None, ...]]
    published_at: date | None = None
    edition: str | None = None
    notes: tuple[str, ...] = ()
    more: tuple[Request, ...] = ()


# What a response that holds no figures means, and so what to do about it:
#   again     a passing trouble (a garbled body, a page of HTML where figures belong): ask again, then give up
#   quota     no more today, or not so fast: stop asking this publisher and go on another time
#   key       the key is missing, wrong or not entitled: stop asking, say how to get one
#   address   the publisher turns away the address that asks: stop asking, a person should look
#   nothing   the publisher has no figures for this; right or wrong depends on what is held
#   refused   the response is not what was asked for: keep it aside with the reason
Trouble = Literal["again", "quota", "key", "address", "nothing", "refused"]


class Unusable(Exception):
    """A response that no figures may be taken from.

    Args:
        trouble: What it means.
        reason: What the publisher said or what is wrong, for a person.
        after: Seconds until the publisher may be asked again, if its words say so; `Retry-After` need not be here.
    """

    def __init__(self, trouble: Trouble, reason: str, after: float | None = None) -> None:
        # A publisher may say what cannot be written down.
        self.reason = reason.encode("utf-8", "backslashreplace").decode()
        super().__init__(self.reason)
        self.trouble = trouble
        self.after = after


@dataclass(frozen=True)
class Key:
    """How a publisher knows who asks.

    The key is read from the environment variable `BILATERAL_<SOURCE>_KEY`, goes where `place` says, and is never
    written anywhere.

    Args:
        place: `header`, `query` or `path` (the text `{key}` in a request's path).
        name: The header or parameter.
        prefix: What stands before it in a header.
        how: How to get one, in a sentence with the address.
        required: Whether nothing can be asked without it.
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
        base: The address that every request's path follows; `BILATERAL_<SOURCE>_URL` overrides it.
        settings: Its table of `bilateral.toml`.
        plan: The requests that the settings ask for, given for each subject the first and the last day wanted and
            whether there is a key; the span reaches back to the beginning for a subject that is new.
        read: The rows of a good response to a request.
        licence: Name and address of the terms.
        citation: How to cite it.
        per_second: Requests a second at most.
        per_day: Requests a day at most, counted over runs; None if it sets no such quota.
        key: How it knows who asks; None if it asks nobody.
        revises: For how many years back the publisher is known to change figures; a refresh asks for them again.
        timeout: Seconds without a byte after which a response is given up.
        max_bytes: A response longer than this is not read on.
        completes: Reference tables that lack what the settings may ask for, by name, and what a response says of it: a
            row, by column.
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
    """Where figures come from.

    Args:
        code: Its short name in tables, files and assets.
        title: Its name for a person.
        publisher: Who publishes it; reference/publishers.csv names the datasets that are passed on for another source.
        homepage: Where it publishes.
        datasets: What this project takes from it.
        api: How it is asked; None if its figures came by hand.
        live: The datasets that the API fills, by name; they may be empty until a refresh.
        releases: When the publisher releases new figures; None if it keeps no calendar that is known, or never will.
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
        """Return the environment variable that holds its key."""
        return f"BILATERAL_{self.code.upper()}_KEY"

    @property
    def address_variable(self) -> str:
        """Return the environment variable that overrides its base address."""
        return f"BILATERAL_{self.code.upper()}_URL"
