"""Read claims that people write as lines (`balance KOR CHN 2023 = -18bn`), or as rows of CSV or YAML.

Each claim becomes an article of one claim. Not here: the SQL of a claim (`compiling`), judging it (`judging`), and
showing the answer (`cli.judge`).
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

from dagster_project.claims import periods, reader, register, statements
from dagster_project.claims.notation import parse_day
from dagster_project.claims.schema import Article, Claim
from dagster_project.claims.statements import WORDS, read_comparator
from dagster_project.claims.values import Comparator
from dagster_project.errors import BilateralError, raise_fault
from dagster_project.files import load_yaml
from dagster_project.metrics import catalogue
from dagster_project.reference import economies

if TYPE_CHECKING:
    import duckdb

_WORDS = sorted((word for word in WORDS if word.isidentifier()), key=len, reverse=True)
_OPERATOR = re.compile(rf"(?:^|\s)(?:(?P<sign>[=~<>!≠≤≥]+)\s*|(?P<word>{'|'.join(_WORDS)})(?=\s|$))")
_SIGN = re.compile(r"\s[=~<>!≠≤≥]+\s")
# English words that are also codes of economies: IN is India, TO is Tonga, AND is Andorra.
_NO_ECONOMY = {"to", "in", "is", "it", "no", "by", "at", "as", "be", "so", "do", "am", "an", "and", "are", "can", "per"}
# The most words of a period, the most words of a text that is surely a line, and the most characters of a line.
_LONGEST, _FEW, _LONGEST_LINE = 12, 5, 500
# Other names of the columns of rows.
_COLUMNS = {
    "id": "claim_id", "value": "says", "claimed": "says", "printed": "says", "published": "published_on",
    "date": "published_on", "sentence": "claim", "text": "claim",
}  # fmt: skip
# The column of a row's error.
FAULT = "fault"
_KNOWN = {"claim", FAULT, *_COLUMNS, *register.OF_ARTICLE, *Claim.model_fields} - {"parsed", "denials", "not_held"}
# The fields that a person writes in the register; the others are derived.
_SAID = ("claim_id", "statement", "metric", "item", "reporter", "partner", "period", "comparator", "says", "notes")
_WIDE = "The row has more cells than the first line has names. Quote a cell that has a comma in it."
EXAMPLE = "balance KOR CHN 2023 = -18bn"
_REMEDY = f"Write it as METRIC REPORTER PARTNER PERIOD COMPARATOR VALUE: {EXAMPLE}"


# Rows.


def read_rows(text: str) -> list[dict[str, Any]]:
    """Read the rows of claims in a text: YAML, JSON, CSV with a header, or lines with one claim each."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    is_yaml = bool(lines) and re.match(r"---|-(\s|$)|[\[{]|\w+:(\s|$)", lines[0]) is not None
    rows = _read_yaml(text) if is_yaml else _read_lines(lines)
    raise_fault((not rows, "The input has no claim.", f"Write one claim a line: {EXAMPLE}"))
    return rows


def _read_yaml(text: str) -> list[dict[str, Any]]:
    content = load_yaml(text)
    article = content if isinstance(content, dict) else {"claims": content}
    head = {name: article[name] for name in register.OF_ARTICLE if name in article}
    rows = article.get("claims", [article])
    raise_fault((not isinstance(rows, list), "claims: expected a list.", "docs/claims.md has examples."))
    return [{**head, **(row if isinstance(row, dict) else {"claim": str(row)})} for row in rows]


def _read_lines(lines: list[str]) -> list[dict[str, Any]]:
    """Read lines of text: one claim on each, or CSV with a header."""
    first = lines[0] if lines else ""
    separator = ";" if ";" in first and "," not in first else ","
    names = [one.strip().casefold() for one in next(csv.reader([first], delimiter=separator))]
    known = {_COLUMNS.get(one, one) for one in names}
    if "claim" in known or ("metric" in known and len(names) > 1):
        cells = io.StringIO("\n".join(lines[1:]))
        try:
            rows = list(csv.DictReader(cells, names, delimiter=separator, strict=True))
        except csv.Error as error:
            fault = f"A quotation mark of the CSV is not closed: {error}."
            raise BilateralError(fault, remedy="Close each quotation mark.") from error
        return [{name or FAULT: value if name else _WIDE for name, value in row.items() if value} for row in rows]
    are_names = len(names) > 1 and all(re.fullmatch(r"[^\W\d]+", one) for one in names)
    remedy = "Name the column of claims `claim` or `sentence`; docs/claims.md lists the columns."
    raise_fault((are_names, f"The first line ({first}) names columns, but no column `claim` or `metric`.", remedy))
    return [{"claim": line} for line in lines]


def list_unknown_columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the columns that are not fields of a claim, and are therefore ignored."""
    return sorted({str(name) for row in rows for name in row if str(name).casefold() not in _KNOWN})


def number_rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each row with a name for error messages: the claim_id, or else a number such as "claim 2"."""
    only = "The claim" if len(rows) == 1 else None
    return ((str(row.get("claim_id") or only or f"claim {number}"), row) for number, row in enumerate(rows, start=1))


def _name_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Rename the columns of a row to the fields of a claim and its article, and drop other columns."""
    plain = {str(name).casefold(): _replace_unencodable(value) for name, value in row.items()}
    named = {_COLUMNS.get(name, name): value for name, value in plain.items() if name in _KNOWN}
    if (line := named.get("claim")) is not None:
        named["claim"] = [str(word) for word in line] if isinstance(line, list) else str(line)
    return named


def _replace_unencodable(value: Any) -> Any:
    """Write a question mark for each character that UTF-8 cannot encode."""
    if isinstance(value, list):
        return [_replace_unencodable(one) for one in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


# Lines.


def read_line(connection: duckdb.DuckDBPyConnection, line: str | Sequence[str]) -> dict[str, Any]:
    """Read the fields of a claim in a line: metric, reporter, partner, period, comparator, says (the value)."""
    try:
        words = shlex.split(line) if isinstance(line, str) else list(line)
    except ValueError as error:
        raise BilateralError(f"A quotation mark is not closed in the claim: {line}.", remedy=_REMEDY) from error
    metric, item, rest = _find_metric(words)
    given: dict[str, Any] = {"metric": metric, "item": item}
    known = catalogue.find_metric(metric)
    if known is not None and known.refuses:
        return given | {"says": " ".join(rest) or "an opinion"}
    if known is not None and known.item and item is None and rest and re.fullmatch(known.item, rest[0]):
        given["item"] = rest.pop(0)
    is_economy = known is None and metric.casefold() in {name.casefold() for name in economies.list_names(connection)}
    lists = f"{_REMEDY}; `bilateral metrics` lists the metrics."
    raise_fault((is_economy, "The claim names no metric before its economies.", lists))
    for side in ("reporter", "partner") if known is None or known.has_partner else ("reporter",):
        if known is None or known.figures:
            is_silent = not rest or re.match(r"[\d=~<>]", rest[0])
            raise_fault((is_silent, f"The claim names no {side}.", _REMEDY))
            given[side] = _take_economy(connection, rest)
    return given | _read_value(rest, line=" ".join(words))


def _read_value(rest: Sequence[str], line: str) -> dict[str, Any]:
    text = " ".join(rest)
    is_between = re.search(r"\bbetween\b(?!.*\s[=<>~])", text) and not re.match(r"between\s+\d{4}", text)
    remedy = "Write two claims: at_least $120bn, and at_most $130bn."
    raise_fault((is_between, "There is no comparator `between`.", remedy))
    if found := _OPERATOR.search(text):
        return {
            "period": text[: found.start()].strip() or None,
            "comparator": read_comparator(found["word"] or found["sign"]),
            "says": text[found.end() :].strip() or None,
        }
    # Without a comparator, the period is the longest beginning that can be read as one.
    for count in range(min(len(rest) - 1, _LONGEST), 0, -1):
        period, value = " ".join(rest[:count]), " ".join(rest[count:])
        with suppress(BilateralError):
            periods.read_period(period, date.max)
            statements.read_value(value, Comparator.EQUALS)
            return {"period": period, "says": value}
    lacks = "has no comparator" if text else "names no period and no value"
    remedy = f"{_REMEDY}; a comparator is =, >, < or a word such as at_least."
    raise BilateralError(f"The claim {line!r} {lacks}.", remedy=remedy)


def _find_metric(words: Sequence[str]) -> tuple[str, str | None, list[str]]:
    """Find the metric at the beginning of a list of words; return its name, its item, and the words after it."""
    raise_fault((not words, "The claim is empty.", _REMEDY))
    for count in range(min(4, len(words)), 0, -1):
        last, _, item = words[count - 1].partition(".")
        name = " ".join([*words[: count - 1], last])
        if catalogue.find_metric(name) is not None:
            return name, item or None, list(words[count:])
    near = catalogue.find_similar(words[0])
    remedy = f"Did you mean {', '.join(near)}? `bilateral metrics` lists all."
    raise_fault((near, f"There is no metric {words[0]}.", remedy))
    return words[0], None, list(words[1:])


def _take_economy(connection: duckdb.DuckDBPyConnection, rest: list[str]) -> str:
    """Remove the economy's name or code from the beginning of a list of words; return the code."""
    names = economies.list_names(connection)
    for count in range(min(4, len(rest)), 1, -1):
        name = re.sub(r"['’]s?$", "", " ".join(rest[:count])).casefold()
        if name in names:
            del rest[:count]
            return names[name]
    raise_fault((rest[0] in _NO_ECONOMY, f"There is no economy {rest[0]}.", f"Write the claim as {EXAMPLE}"))
    return economies.find_code(connection, rest.pop(0))


def join_words(line: str | Sequence[str]) -> str:
    """Join the words of a line that the shell has split."""
    return line if isinstance(line, str) else " ".join(line)


def _is_line(connection: duckdb.DuckDBPyConnection, line: str | Sequence[str], text: str) -> bool:
    """Return whether a text is a line (`exports KOR CHN 2023 = $124.8bn`), not a sentence."""
    if len(text) > _LONGEST_LINE:
        return False
    if _SIGN.search(text):
        return True
    with suppress(BilateralError):
        return catalogue.find_metric(str(read_line(connection, line)["metric"])) is not None
    words = text.split()
    # A few words that begin with a metric, or a metric before a code, are a faulty line, not a sentence.
    is_short = len(words) <= _FEW or re.fullmatch(r"[A-Z]{3}", words[1])
    begins_with_metric = bool(words) and (catalogue.find_metric(words[0]) or catalogue.find_similar(words[0]))
    return not words or bool(is_short and begins_with_metric)


# Claims.


def read_claims(
    connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any], published_on: date
) -> list[tuple[dict[str, Any], reader.Reading]]:
    """Read the claims of a row of an input file, each with its reading.

    A sentence may have several. A row of typed columns, or with a line such as `EXAMPLE`, has one, of outcome `typed`.
    """
    if FAULT in row:
        raise BilateralError(str(row[FAULT]))
    row = _name_fields(row)
    line = row.get("claim")
    text = " ".join(join_words(line or "").split())
    if line is None or _is_line(connection, line, text):
        said = str(row.get("statement") or (join_words(line) if line else _write_statement(row)))
        return [(row, reader.Reading({}, "typed", 0, len(said), said))]
    on = parse_day(row.get("published_on"))
    found = reader.read_sentence(text, on.end if on else published_on)
    why = "; ".join(dict.fromkeys(reason for one in found for reason in one.why)) or "the sentence is not about trade"
    raise_fault((not any(one.slots for one in found), f"The sentence has no claim that can be judged: {why}.", _REMEDY))
    rest = {name: value for name, value in row.items() if name != "claim"}
    return [({"statement": text, **rest, **one.slots}, one) for one in found]


def make_article(
    connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any], *, where: str, published_on: date
) -> Article:
    """Make an article from the one claim of a row; `where` names the row in errors."""
    row = _name_fields(row)
    head = find_article_fields(connection, [row])
    # The claim_id of a row may be any text, but that of an article may not.
    claim = {name: value for name, value in row.items() if value is not None and name not in {*head, "claim_id"}}
    if (line := claim.pop("claim", None)) is not None:
        claim |= {name: value for name, value in read_line(connection, line).items() if value is not None}
    else:
        sides = [side for side in ("reporter", "partner") if claim.get(side)]
        claim |= {side: economies.find_code(connection, str(claim[side])) for side in sides}
    name = str(claim.get("metric", ""))
    near = catalogue.find_similar(name) if catalogue.find_metric(name) is None and "evidence" not in claim else []
    raise_fault(
        (not name, f"{where} has neither a sentence nor a metric.", _REMEDY),
        (near, f"{where}: there is no metric {name}.", f"Did you mean {', '.join(near)}?"),
    )
    fields = {
        "article_id": "judged",
        "title": "A claim",
        "publisher": "not named",
        "published_on": published_on,
        **head,
        "claims": [{"claim_id": "claim", "statement": _write_statement(row), **claim}],
    }
    try:
        return register.validate_article(fields, where)
    except BilateralError as error:
        raise BilateralError(error.message.replace(": claim claim:", ":"), remedy=error.remedy) from error


def make_entry(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> dict[str, Any]:
    """Make the register's entry of a claim: the fields that a person wrote, without the fields of its article."""
    line = row.get("claim")
    fields = {"statement": _write_statement(row), **row, **(read_line(connection, line) if line else {})}
    found = {name: str(fields[name]) if name == "comparator" else fields[name] for name in _SAID if fields.get(name)}
    if "claim_id" in found:
        found["claim_id"] = re.sub(r"[^a-z0-9_]+", "_", str(found["claim_id"]).casefold())
    own = fields.get("names_reporter")
    return found | {"names_reporter": own} if isinstance(own, bool) else found


def _write_statement(row: Mapping[str, Any]) -> str:
    if line := row.get("claim"):
        return join_words(line)
    parts = [str(row.get(one) or "") for one in ("metric", "reporter", "partner", "period")]
    return f"{' '.join(filter(None, parts))}: {row.get('says')}"


def find_article_fields(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Find the article's fields, such as `publisher`, in its rows; raise an error if two rows differ in a field."""
    head: dict[str, Any] = {}
    silent = ""
    for where, row in number_rows([_name_fields(row) for row in rows]):
        silent = silent or ("" if "names_reporter" in row else where)
        for name in register.OF_ARTICLE:
            value = row.get(name)
            if not value or isinstance(value, bool):
                continue
            said = economies.find_code(connection, str(value)) if name == "names_reporter" else value
            several = f"The claims are of several articles: {name} is {head.get(name)} and also {said}."
            is_other = str(head.setdefault(name, said)) != str(said)
            raise_fault((is_other, several, "Register the claims of one article at a time."))
    remedy = "Write names_reporter in each row, or register the claims under two articles."
    others = f"{silent} has no names_reporter, but other claims have {head.get('names_reporter')}."
    raise_fault((silent and "names_reporter" in head, others, remedy))
    return head
