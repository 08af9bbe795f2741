"""Claims as people hand them in: a line, or rows of a table; each becomes an article of one claim.

Here: reading a line (`balance KOR CHN 2023 = -18bn`) and rows of CSV or YAML. Not here: what a claim without SQL
becomes (`compiling`), judging it (`evaluator`), and how an answer is shown (`cli.judge`).
"""

from __future__ import annotations

import csv
import io
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

from dagster_project.claims import periods, reader, register, spoken, values
from dagster_project.claims.form import Article, Claim
from dagster_project.claims.printed import amount, day
from dagster_project.claims.statements import WORDS, Measure, comparator_of
from dagster_project.claims.values import Kind
from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml
from dagster_project.metrics import catalogue
from dagster_project.reference import economies

if TYPE_CHECKING:
    import duckdb

_WORDS = [word for word in WORDS if word.isidentifier()]
_OPERATOR = re.compile(
    rf"(?:^|\s)(?:(?P<sign>[=~<>!≠≤≥]+)\s*|(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?=\s|$))"
)
# Words that are codes of economies, too, and stand in sentences: in is India, to Tonga, and Andorra.
_NO_ECONOMY = {"to", "in", "is", "it", "no", "by", "at", "as", "be", "so", "do", "am", "an", "and", "are", "can", "per"}
# A period has at most so many words.
_LONGEST = 12
# In fewer words nobody writes a sentence.
_FEW = 5
_SIGN = re.compile(r"\s[=~<>!≠≤≥]+\s")
# Other names of columns.
_COLUMNS = {
    "id": "claim_id", "value": "says", "claimed": "says", "printed": "says", "published": "published_on",
    "date": "published_on", "sentence": "claim", "text": "claim",
}  # fmt: skip
_KNOWN = {"claim", "fault", *_COLUMNS, *register.OF_ARTICLE, *Claim.model_fields} - {"asked", "denials", "not_held"}
EXAMPLE = "balance KOR CHN 2023 = -18bn"
_REMEDY = f"Write it as METRIC REPORTER PARTNER PERIOD COMPARATOR VALUE: {EXAMPLE}"
# What is wrong with a row of a table, where it cannot be read.
FAULT = "fault"
_WIDE = "The row has more cells than there are columns. Quote a cell that has a comma in it."
# A longer text is no line.
_LINE = 500


def read(text: str) -> list[dict[str, Any]]:
    """The claims of a text: YAML or JSON with a list or an article, CSV with a line of names, or a claim a line.

    Raises:
        BilateralError: It is none of these.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise BilateralError("There is no claim.", remedy=f"Write one a line: {EXAMPLE}")
    if re.match(r"---|-(\s|$)|[\[{]|\w+:(\s|$)", lines[0]):
        content = load_yaml(text)
        article = content if isinstance(content, dict) else {"claims": content}
        head = {name: article[name] for name in register.OF_ARTICLE if name in article}
        rows = article.get("claims", [article])
        if not isinstance(rows, list):
            raise BilateralError("The claims are no list.", remedy="docs/claims.md has examples.")
        if not rows:
            raise BilateralError("There is no claim.", remedy=f"Write one a line: {EXAMPLE}")
        return [{**head, **(row if isinstance(row, dict) else {"claim": str(row)})} for row in rows]
    separator = ";" if ";" in lines[0] and "," not in lines[0] else ","
    names = [one.strip().casefold() for one in next(csv.reader([lines[0]], delimiter=separator))]
    known = {_COLUMNS.get(one, one) for one in names}
    if "claim" in known or ("metric" in known and len(names) > 1):
        cells = io.StringIO("\n".join(lines[1:]))
        try:
            rows = list(csv.DictReader(cells, names, delimiter=separator, strict=True))
        except csv.Error as error:
            raise BilateralError(f"The quotes of the CSV do not match: {error}.", remedy="Close each quote.") from error
        if not rows:
            raise BilateralError("There is no claim under the names of the columns.", remedy="Write one a line.")
        return [{name or FAULT: value if name else _WIDE for name, value in row.items() if value} for row in rows]
    if len(names) > 1 and all(re.fullmatch(r"[^\W\d]+", one) for one in names):
        raise BilateralError(
            f"{lines[0]} is a line of columns, and none of them is claim or metric.",
            remedy="Call the column of the claims claim, or sentence; docs/claims.md lists the columns.",
        )
    return [{"claim": line} for line in lines]


def _of_article(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says of its article; `names_reporter: false` is of the claim alone."""
    found = {name: row[name] for name in register.OF_ARTICLE if row.get(name) and not isinstance(row[name], bool)}
    if "names_reporter" in found:
        found["names_reporter"] = economies.find_code(connection, str(found["names_reporter"]))
    return found


def unknown(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of rows that a claim does not have; they are left out."""
    return sorted({str(name) for row in rows for name in row if str(name).casefold() not in _KNOWN})


def _in_utf_8(value: Any) -> Any:
    """A text in which what is no character is a question mark."""
    if isinstance(value, list):
        return [_in_utf_8(one) for one in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the fields of a claim and its article, by their own names."""
    plain = {str(name).casefold(): _in_utf_8(value) for name, value in row.items()}
    named = {_COLUMNS.get(name, name): value for name, value in plain.items() if name in _KNOWN}
    if (line := named.get("claim")) is not None:
        named["claim"] = [str(word) for word in line] if isinstance(line, list) else str(line)
    return named


def of_line(connection: duckdb.DuckDBPyConnection, line: str | Sequence[str]) -> dict[str, Any]:
    """The fields of a claim that a line writes: metric, reporter, partner, period, comparator, value.

    Raises:
        BilateralError: A part is not there, or is not known.
    """
    try:
        words = shlex.split(line) if isinstance(line, str) else list(line)
    except ValueError as error:
        raise BilateralError(f"{line} has a quotation mark too few.", remedy=_REMEDY) from error
    place, head = spoken.ranked(" ".join(words[:4]))
    words = [*head.split(), *words[4:]] if place and not any(" " in word for word in words[:4]) else words
    metric, item, rest = _metric(words)
    given: dict[str, Any] = {"metric": metric, "item": item}
    known = catalogue.find_metric(metric)
    takes_pair = known is None or bool(known.figures)
    sides = ("reporter", *(("partner",) if known is None or known.has_partner else ())) if takes_pair else ()
    if known is not None and known.refuses:
        return given | {"says": " ".join(rest) or "an opinion"}
    if known is not None and known.item and item is None and rest and re.fullmatch(known.item, rest[0]):
        given["item"] = rest.pop(0)
    if known is None and metric.casefold() in {name.casefold() for name in economies.list_names(connection)}:
        raise BilateralError("The claim names no metric.", remedy=f"{_REMEDY}; `bilateral metrics` lists the metrics.")
    for side in sides:
        if not rest or re.match(r"[\d=~<>]", rest[0]):
            raise BilateralError(f"The claim names no {side}.", remedy=_REMEDY)
        given[side] = _economy(connection, rest)
    text = spoken.first(" ".join(rest))
    if re.search(r"\bbetween\b(?!.*\s[=<>~])", text) and not re.match(r"between\s+\d{4}", text):
        raise BilateralError(
            "No comparator says between.", remedy="Write two claims: at_least $120bn, and at_most $130bn."
        )
    found = _OPERATOR.search(text)
    if found is None and (split := _split(rest)) is not None:
        return given | {"period": split[0], "says": split[1]}
    if found is None and place and known is not None and known.unit == "rank":
        return given | {"period": text or None, "says": str(place)}
    if found is None:
        raise BilateralError(
            f"The claim {' '.join(words)!r} {'compares nothing' if text else 'names no period and no value'}.",
            remedy=f"{_REMEDY}; a comparator is =, >, < or a word such as at_least.",
        )
    return given | {
        "period": text[: found.start()].strip() or None,
        "comparator": comparator_of(found["word"] or found["sign"]),
        "says": text[found.end() :].strip() or None,
    }


def _economy(connection: duckdb.DuckDBPyConnection, rest: list[str]) -> str:
    """Takes the economy that words begin with, the longest name that is known."""
    names = economies.list_names(connection)
    for count in range(min(4, len(rest)), 1, -1):
        said = re.sub(r"['’]s?$", "", " ".join(rest[:count])).casefold()
        if said in names:
            del rest[:count]
            return names[said]
    if rest[0] in _NO_ECONOMY:
        raise BilateralError(f"There is no economy {rest[0]}.", remedy=f"Write the claim as {EXAMPLE}")
    return economies.find_code(connection, rest.pop(0))


def claims(
    connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any], published_on: date
) -> list[tuple[dict[str, Any], reader.Reading | None]]:
    """The claims of a row with how each was read: several of a sentence, and itself, without a reading, of any other.

    Raises:
        BilateralError: It is neither a line nor a sentence that can be read.
    """
    if FAULT in row:
        raise BilateralError(str(row[FAULT]))
    row = _named(row)
    line = row.get("claim")
    if line is None:
        return [(row, None)]
    words = text_of(line).split()
    text = " ".join(words)
    try:
        known = catalogue.find_metric(str(of_line(connection, line)["metric"])) if len(text) <= _LINE else None
    except BilateralError:
        if _SIGN.search(text) or not words:
            raise
        # A few words that begin with a metric, and a metric before a code, are no sentence.
        is_short = len(words) <= _FEW or re.fullmatch(r"[A-Z]{3}", words[1])
        if is_short and (catalogue.find_metric(words[0]) is not None or catalogue.find_similar(words[0])):
            raise
    else:
        if known is not None or (_SIGN.search(text) and len(text) <= _LINE):
            return [(row, None)]
    on = day(row.get("published_on"))
    found = reader.read(text, on.end if on else published_on)
    if not any(one.slots for one in found):
        why = "; ".join(dict.fromkeys(reason for one in found for reason in one.why))
        raise BilateralError(
            f"The sentence cannot be read: {why or 'it says nothing of trade that is known'}.",
            remedy=f"Write it as METRIC REPORTER PARTNER PERIOD COMPARATOR VALUE: {EXAMPLE}",
        )
    rest = {name: value for name, value in row.items() if name != "claim"}
    return [({"statement": text, **rest, **one.slots}, one) for one in found]


def text_of(line: str | Sequence[str]) -> str:
    """A line as it is read, which the shell may have taken apart."""
    return line if isinstance(line, str) else " ".join(line)


def _split(words: list[str]) -> tuple[str, str] | None:
    """The period and the value of words without a comparator between them."""
    for count in range(min(len(words) - 1, _LONGEST), 0, -1):
        period, value = " ".join(words[:count]), " ".join(words[count:])
        with suppress(BilateralError):
            periods.read(period, date.max)
            values.read(value)
            return period, value
    return None


def _metric(words: Sequence[str]) -> tuple[str, str | None, list[str]]:
    """The metric that words begin with, its item, and the rest."""
    if not words:
        raise BilateralError("There is no claim.", remedy=_REMEDY)
    for count in range(min(4, len(words)), 0, -1):
        last, _, item = words[count - 1].partition(".")
        name = " ".join([*words[: count - 1], last])
        if catalogue.find_metric(name) is not None:
            return name, item or None, list(words[count:])
    if near := catalogue.find_similar(words[0]):
        raise BilateralError(
            f"There is no metric {words[0]}.",
            remedy=f"Did you mean {', '.join(near)}? `bilateral metrics` lists all.",
        )
    return words[0], None, list(words[1:])


def article(
    connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any], *, where: str, published_on: date
) -> Article:
    """The article of one claim.

    Raises:
        BilateralError: It is no claim; the message says what to write instead.
    """
    row = _named(row)
    head = _of_article(connection, row)
    # Its name is the caller's, and may be any.
    ours = {*head, "claim_id"}
    claim = {name: value for name, value in row.items() if value is not None and name not in ours}
    line = claim.pop("claim", None)
    if line is not None:
        claim |= {name: value for name, value in of_line(connection, line).items() if value is not None}
    for side in ("reporter", "partner"):
        if claim.get(side) and line is None:
            claim[side] = economies.find_code(connection, str(claim[side]))
    name = str(claim.get("metric", ""))
    if not name:
        raise BilateralError(f"{where} has no sentence and no metric.", remedy=_REMEDY)
    if catalogue.find_metric(name) is None and "evidence" not in claim and (near := catalogue.find_similar(name)):
        raise BilateralError(f"{where}: there is no metric {name}.", remedy=f"Did you mean {', '.join(near)}?")
    fields = {
        "article_id": "judged",
        "title": "A claim",
        "publisher": "not named",
        "published_on": published_on,
        **head,
        "claims": [{"claim_id": "claim", "statement": _stated(row), **claim}],
    }
    try:
        return register.validated(fields, where)
    except BilateralError as error:
        raise BilateralError(error.message.replace(": claim claim:", ":")) from error


def describe_assumption(claim: Claim) -> str | None:
    """Say as what a number is read that leaves out its currency, or of what it is per cent; None for other claims."""
    value, asked = claim.claimed_value, claim.asked
    if claim.says is None or asked is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if asked.said.is_of is Kind.PERCENT and asked.measure is Measure.GROWTH and not asked.metric.growth_of:
        way = "rise" if value > 0 else "fall"
        return None if asked.said.move else f"a {way} of {abs(value):g}% from {asked.spans[1]} to {asked.spans[0]}"
    is_bare = claim.unit == "USD" and asked.said.is_of is Kind.PLAIN
    return amount(value, claim.unit, claim.scale, claim.decimals) if is_bare else None


def for_register(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> dict[str, Any]:
    """A claim as the register has it: what was said, not what was worked out of it, and not what its article says."""
    line = row.get("claim")
    fields = {"statement": _stated(row), **row, **(of_line(connection, line) if line else {})}
    kept = ("claim_id", "statement", "metric", "item", "reporter", "partner", "period", "comparator", "says", "notes")
    found = {name: str(fields[name]) if name == "comparator" else fields[name] for name in kept if fields.get(name)}
    if "claim_id" in found:
        found["claim_id"] = re.sub(r"[^a-z0-9_]+", "_", str(found["claim_id"]).casefold())
    own = fields.get("names_reporter")
    return found | {"names_reporter": own} if isinstance(own, bool) else found


def _stated(row: Mapping[str, Any]) -> str:
    """A claim in words: its line, or its parts."""
    if line := row.get("claim"):
        return text_of(line)
    parts = [str(row.get(one) or "") for one in ("metric", "reporter", "partner", "period")]
    return f"{' '.join(filter(None, parts))}: {row.get('says')}"


def of_one_article(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What rows say of the article that they are all of.

    Raises:
        BilateralError: They are of several.
    """
    head: dict[str, str] = {}
    named = list(numbered([_named(row) for row in rows]))
    for _, row in named:
        for name, value in _of_article(connection, row).items():
            if head.setdefault(name, str(value)) != str(value):
                raise BilateralError(
                    f"The claims are of several articles: {name} is {head[name]}, and {value}.",
                    remedy="Register those of one article at a time.",
                )
    silent = next((where for where, row in named if "names_reporter" not in row), None)
    if "names_reporter" in head and silent:
        raise BilateralError(
            f"{silent} names no reporter, and others name {head['names_reporter']}.",
            remedy="Write names_reporter in each row, or register them under two articles.",
        )
    return head


def numbered(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row with what a complaint calls it."""
    only = "The claim" if len(rows) == 1 else None
    return ((str(row.get("claim_id") or only or f"claim {number}"), row) for number, row in enumerate(rows, start=1))
