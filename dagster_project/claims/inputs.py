"""Read claims as people write them: a line, or rows of a table; each becomes an article of one claim.

Here: reading a line (`balance KOR CHN 2023 = -18bn`) and rows of CSV or YAML. Not here: what a claim without SQL
becomes (`compiling`), judging it (`evaluator`), and showing the answer (`cli.judge`).
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

from dagster_project.claims import periods, reader, register, values
from dagster_project.claims.notation import parse_day
from dagster_project.claims.schema import Article, Claim
from dagster_project.claims.statements import WORDS, read_comparator
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
# Words of sentences that are also codes of economies: in is India, to Tonga, and Andorra.
_NO_ECONOMY = {"to", "in", "is", "it", "no", "by", "at", "as", "be", "so", "do", "am", "an", "and", "are", "can", "per"}
# A period has at most so many words.
_LONGEST = 12
# A sentence has more words.
_FEW = 5
_SIGN = re.compile(r"\s[=~<>!≠≤≥]+\s")
# Other names of columns.
_COLUMNS = {
    "id": "claim_id", "value": "says", "claimed": "says", "printed": "says", "published": "published_on",
    "date": "published_on", "sentence": "claim", "text": "claim",
}  # fmt: skip
_KNOWN = {"claim", "fault", *_COLUMNS, *register.OF_ARTICLE, *Claim.model_fields} - {"parsed", "denials", "not_held"}
EXAMPLE = "balance KOR CHN 2023 = -18bn"
_REMEDY = f"Write it as METRIC REPORTER PARTNER PERIOD COMPARATOR VALUE: {EXAMPLE}"
# Words for comparators and places: `first since 1992`, `second-largest`.
_NUMBERS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)}  # noqa: SIM905
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_NUMBERS |= {word: n for n, word in enumerate(_ORDINALS.split(), start=1)}

_MOVED = r"(?P<what> (?:trade )?(?:deficit|surplus|rise|fall|increase|decrease|decline|drop))?"
_ITS_FIRST = r"(?:= )?(?:\b(?:its|the|a) )?\bfirst(?: time)?"
_LONG = r"(?:(?:about|almost|nearly|over|more than|at least) )?[\w-]+ (?:years?|months?)\b"
_THEN = r"\s*(?:처음|최초|첫)(?:으로|로)?(?P<what>\s*(?:적자|흑자|감소|증가))?"
_FIRST = tuple(
    (re.compile(pattern), comparator)
    for pattern, comparator in (
        (rf"{_ITS_FIRST}{_MOVED} since (?:the )?(?P<at>\d{{4}}(?:-\d\d)?)", "first_since"),
        (rf"{_ITS_FIRST}{_MOVED} in (?P<at>{_LONG})", "first_in"),
        (rf"{_ITS_FIRST}[- ]ever{_MOVED}|{_ITS_FIRST}(?P<that> (?:deficit|surplus)) ever", "first_ever"),
        (rf"(?:= )?(?P<at>\d{{4}})년?\s*(?:이후|이래|부터){_THEN}", "first_since"),
        (rf"(?:= )?(?P<at>\d+년)\s*만에{_THEN}", "first_in"),
        (rf"(?:= )?(?:사상|역대){_THEN}", "first_ever"),
    )
)
_COUNTED = "|".join(one for one in _NUMBERS if one.isascii())
_NTH = re.compile(rf"(?:\b({_COUNTED}|\d)(?:st|nd|rd|th)?[- ])?\b(?:largest|biggest)\b", re.IGNORECASE)
# The column of a row's error.
FAULT = "fault"
_WIDE = "The row has more cells than there are columns. Quote a cell that has a comma in it."
# A longer text is not a line.
_LONGEST_LINE = 500


def read_rows(text: str) -> list[dict[str, Any]]:
    """Read the claims of a text: YAML, JSON, CSV with a line of names, or a claim a line.

    Raises:
        BilateralError: It is none of these.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    is_yaml = bool(lines) and re.match(r"---|-(\s|$)|[\[{]|\w+:(\s|$)", lines[0]) is not None
    rows = _read_yaml(text) if is_yaml else _read_lines(lines)
    if not rows:
        raise BilateralError("There is no claim.", remedy=f"Write one a line: {EXAMPLE}")
    return rows


def _read_yaml(text: str) -> list[dict[str, Any]]:
    content = load_yaml(text)
    article = content if isinstance(content, dict) else {"claims": content}
    head = {name: article[name] for name in register.OF_ARTICLE if name in article}
    rows = article.get("claims", [article])
    if not isinstance(rows, list):
        raise BilateralError("The claims are no list.", remedy="docs/claims.md has examples.")
    return [{**head, **(row if isinstance(row, dict) else {"claim": str(row)})} for row in rows]


def _read_lines(lines: list[str]) -> list[dict[str, Any]]:
    """Read lines: claims, or rows below the names of columns."""
    first = lines[0] if lines else ""
    separator = ";" if ";" in first and "," not in first else ","
    names = [one.strip().casefold() for one in next(csv.reader([first], delimiter=separator))]
    known = {_COLUMNS.get(one, one) for one in names}
    if "claim" in known or ("metric" in known and len(names) > 1):
        cells = io.StringIO("\n".join(lines[1:]))
        try:
            rows = list(csv.DictReader(cells, names, delimiter=separator, strict=True))
        except csv.Error as error:
            raise BilateralError(f"The quotes of the CSV do not match: {error}.", remedy="Close each quote.") from error
        return [{name or FAULT: value if name else _WIDE for name, value in row.items() if value} for row in rows]
    if len(names) > 1 and all(re.fullmatch(r"[^\W\d]+", one) for one in names):
        remedy = "Call the column of the claims claim, or sentence; docs/claims.md lists the columns."
        raise BilateralError(f"{first} names columns, and none of them is claim or metric.", remedy=remedy)
    return [{"claim": line} for line in lines]


def _find_article_fields(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> dict[str, Any]:
    """Find the fields of a row's article; `names_reporter: false` is of the claim alone."""
    found = {name: row[name] for name in register.OF_ARTICLE if row.get(name) and not isinstance(row[name], bool)}
    if "names_reporter" in found:
        found["names_reporter"] = economies.find_code(connection, str(found["names_reporter"]))
    return found


def list_unknown_columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the columns of rows that a claim does not have; they are left out."""
    return sorted({str(name) for row in rows for name in row if str(name).casefold() not in _KNOWN})


def _replace_no_characters(value: Any) -> Any:
    """Replace invalid characters with a question mark."""
    if isinstance(value, list):
        return [_replace_no_characters(one) for one in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _name_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Rename the columns of a row to the fields of a claim and its article; drop others."""
    plain = {str(name).casefold(): _replace_no_characters(value) for name, value in row.items()}
    named = {_COLUMNS.get(name, name): value for name, value in plain.items() if name in _KNOWN}
    if (line := named.get("claim")) is not None:
        named["claim"] = [str(word) for word in line] if isinstance(line, list) else str(line)
    return named


def read_line(connection: duckdb.DuckDBPyConnection, line: str | Sequence[str]) -> dict[str, Any]:
    """Read the fields of a claim in a line: metric, reporter, partner, period, comparator, value.

    Raises:
        BilateralError: A part is missing or unknown.
    """
    try:
        words = shlex.split(line) if isinstance(line, str) else list(line)
    except ValueError as error:
        raise BilateralError(f"{line} has a quotation mark too few.", remedy=_REMEDY) from error
    place, head = _find_place(" ".join(words[:4]))
    words = [*head.split(), *words[4:]] if place and not any(" " in word for word in words[:4]) else words
    metric, item, rest = _find_metric(words)
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
        given[side] = _take_economy(connection, rest)
    text = _write_first(" ".join(rest))
    if re.search(r"\bbetween\b(?!.*\s[=<>~])", text) and not re.match(r"between\s+\d{4}", text):
        remedy = "Write two claims: at_least $120bn, and at_most $130bn."
        raise BilateralError("No comparator says between.", remedy=remedy)
    found = _OPERATOR.search(text)
    if found is None and (split := _split_words(rest)) is not None:
        return given | {"period": split[0], "says": split[1]}
    if found is None and place and known is not None and known.unit == "rank":
        return given | {"period": text or None, "says": str(place)}
    if found is None:
        lacks = "has no comparator" if text else "names no period and no value"
        remedy = f"{_REMEDY}; a comparator is =, >, < or a word such as at_least."
        raise BilateralError(f"The claim {' '.join(words)!r} {lacks}.", remedy=remedy)
    return given | {
        "period": text[: found.start()].strip() or None,
        "comparator": read_comparator(found["word"] or found["sign"]),
        "says": text[found.end() :].strip() or None,
    }


def _write_first(text: str) -> str:
    """Replace `first since 1992` or `first in 31 years` with the comparator that it is."""
    for pattern, comparator in _FIRST:
        if found := pattern.search(text):
            groups = found.groupdict()
            what = groups.get("what") or groups.get("that") or ""
            words = " ".join(filter(None, [comparator, what.strip(), (groups.get("at") or "").strip()]))
            return f"{text[: found.start()]} {words}{text[found.end() :]}"
    return text


def _find_place(text: str) -> tuple[int | None, str]:
    """Find the place that `second-largest` or `largest` says, and the text with `largest` in its place."""
    found = _NTH.search(text)
    if found is None:
        return (1 if re.search(r"(?<!사상)(?<!역대)(?<!사상 )(?<!역대 )최대", text) else None), text
    place = (found[1] or "first").casefold()
    return _NUMBERS.get(place) or int(place), f"{text[: found.start()]}largest{text[found.end() :]}"


def _take_economy(connection: duckdb.DuckDBPyConnection, rest: list[str]) -> str:
    """Take the economy that words begin with, by its longest known name."""
    names = economies.list_names(connection)
    for count in range(min(4, len(rest)), 1, -1):
        name = re.sub(r"['’]s?$", "", " ".join(rest[:count])).casefold()
        if name in names:
            del rest[:count]
            return names[name]
    if rest[0] in _NO_ECONOMY:
        raise BilateralError(f"There is no economy {rest[0]}.", remedy=f"Write the claim as {EXAMPLE}")
    return economies.find_code(connection, rest.pop(0))


def read_claims(
    connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any], published_on: date
) -> list[tuple[dict[str, Any], reader.Reading | None]]:
    """Read the claims of a row: a sentence makes several, each with its reading; any other row is one without.

    Raises:
        BilateralError: It is neither a line nor a sentence that can be read.
    """
    if FAULT in row:
        raise BilateralError(str(row[FAULT]))
    row = _name_fields(row)
    line = row.get("claim")
    if line is None:
        return [(row, None)]
    text = " ".join(write_line(line).split())
    if _is_line(connection, line, text):
        return [(row, None)]
    on = parse_day(row.get("published_on"))
    found = reader.read_sentence(text, on.end if on else published_on)
    if not any(one.slots for one in found):
        why = "; ".join(dict.fromkeys(reason for one in found for reason in one.why))
        raise BilateralError(f"The sentence cannot be read: {why or 'it is not about trade'}.", remedy=_REMEDY)
    rest = {name: value for name, value in row.items() if name != "claim"}
    return [({"statement": text, **rest, **one.slots}, one) for one in found]


def _is_line(connection: duckdb.DuckDBPyConnection, line: str | Sequence[str], text: str) -> bool:
    """Return whether a text is meant as a line (`exports KOR CHN 2023 = $124.8bn`) and not as a sentence."""
    if len(text) > _LONGEST_LINE or _SIGN.search(text):
        return len(text) <= _LONGEST_LINE
    with suppress(BilateralError):
        return catalogue.find_metric(str(read_line(connection, line)["metric"])) is not None
    words = text.split()
    # A few words that begin with a metric, and a metric before a code, are no sentence.
    is_short = len(words) <= _FEW or re.fullmatch(r"[A-Z]{3}", words[1])
    begins_with_metric = bool(words) and (catalogue.find_metric(words[0]) or catalogue.find_similar(words[0]))
    return not words or bool(is_short and begins_with_metric)


def write_line(line: str | Sequence[str]) -> str:
    """Join the words of a line that the shell took apart."""
    return line if isinstance(line, str) else " ".join(line)


def _split_words(words: list[str]) -> tuple[str, str] | None:
    """Split words without a comparator into a period and a value."""
    for count in range(min(len(words) - 1, _LONGEST), 0, -1):
        period, value = " ".join(words[:count]), " ".join(words[count:])
        with suppress(BilateralError):
            periods.read_period(period, date.max)
            values.parse_value(value)
            return period, value
    return None


def _find_metric(words: Sequence[str]) -> tuple[str, str | None, list[str]]:
    """Find the metric that words begin with, its item, and the rest."""
    if not words:
        raise BilateralError("There is no claim.", remedy=_REMEDY)
    for count in range(min(4, len(words)), 0, -1):
        last, _, item = words[count - 1].partition(".")
        name = " ".join([*words[: count - 1], last])
        if catalogue.find_metric(name) is not None:
            return name, item or None, list(words[count:])
    if near := catalogue.find_similar(words[0]):
        remedy = f"Did you mean {', '.join(near)}? `bilateral metrics` lists all."
        raise BilateralError(f"There is no metric {words[0]}.", remedy=remedy)
    return words[0], None, list(words[1:])


def make_article(
    connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any], *, where: str, published_on: date
) -> Article:
    """Make an article of one claim.

    Raises:
        BilateralError: It is not a claim; the message says what to write instead.
    """
    row = _name_fields(row)
    head = _find_article_fields(connection, row)
    # Its name is the caller's choice.
    ours = {*head, "claim_id"}
    claim = {name: value for name, value in row.items() if value is not None and name not in ours}
    line = claim.pop("claim", None)
    if line is not None:
        claim |= {name: value for name, value in read_line(connection, line).items() if value is not None}
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
        "claims": [{"claim_id": "claim", "statement": _write_statement(row), **claim}],
    }
    try:
        return register.validate_article(fields, where)
    except BilateralError as error:
        raise BilateralError(error.message.replace(": claim claim:", ":"), remedy=error.remedy) from error


def make_entry(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> dict[str, Any]:
    """Make the register's entry of a claim: what was said, without derived fields and those of its article."""
    line = row.get("claim")
    fields = {"statement": _write_statement(row), **row, **(read_line(connection, line) if line else {})}
    kept = ("claim_id", "statement", "metric", "item", "reporter", "partner", "period", "comparator", "says", "notes")
    found = {name: str(fields[name]) if name == "comparator" else fields[name] for name in kept if fields.get(name)}
    if "claim_id" in found:
        found["claim_id"] = re.sub(r"[^a-z0-9_]+", "_", str(found["claim_id"]).casefold())
    own = fields.get("names_reporter")
    return found | {"names_reporter": own} if isinstance(own, bool) else found


def _write_statement(row: Mapping[str, Any]) -> str:
    """Write a claim in words: its line, or its fields."""
    if line := row.get("claim"):
        return write_line(line)
    parts = [str(row.get(one) or "") for one in ("metric", "reporter", "partner", "period")]
    return f"{' '.join(filter(None, parts))}: {row.get('says')}"


def find_head(connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Find what rows say of their article.

    Raises:
        BilateralError: They are of several articles.
    """
    head: dict[str, str] = {}
    named = list(number_rows([_name_fields(row) for row in rows]))
    for _, row in named:
        for name, value in _find_article_fields(connection, row).items():
            if head.setdefault(name, str(value)) != str(value):
                several = f"The claims are of several articles: {name} is {head[name]}, and {value}."
                raise BilateralError(several, remedy="Register those of one article at a time.")
    silent = next((where for where, row in named if "names_reporter" not in row), None)
    if "names_reporter" in head and silent:
        remedy = "Write names_reporter in each row, or register them under two articles."
        raise BilateralError(f"{silent} names no reporter, and others name {head['names_reporter']}.", remedy=remedy)
    return head


def number_rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """List rows, each with its name in an error."""
    only = "The claim" if len(rows) == 1 else None
    return ((str(row.get("claim_id") or only or f"claim {number}"), row) for number, row in enumerate(rows, start=1))
