"""Read and write the register of claims: a YAML file for each article, with its claims in our own words.

Errors name the file, the claim and the field. Not here: the fields (`schema`), the allowed SQL (`evidence`), and
verdicts (`verdicts`).
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml
from pydantic import ValidationError

from dagster_project.claims import values
from dagster_project.claims.schema import CODE, Article, Claim
from dagster_project.claims.tokens import NUMBERS, Token, tokenize_text
from dagster_project.claims.values import Comparator
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write, load_yaml, read_text

# The template of a new file, and the JSON Schema that its first line names for editors.
TEMPLATE = Path(__file__).with_name("template.yml")
SCHEMA_FILE = "claims.schema.json"
# Fields of an article that a row may have.
OF_ARTICLE = ("publisher", "published_on", "url", "title", "names_reporter")


def build_json_schema() -> dict[str, Any]:
    """Build the JSON Schema of an article's file, for editors."""
    schema = Article.model_json_schema()
    claim = schema["$defs"]["Claim"]
    fields = claim["properties"]
    fields["period"] = {"anyOf": [fields["period"], {"type": ["string", "integer"]}]}
    fields["comparator"] = {"enum": list(Comparator), "default": Comparator.EQUALS}
    claim |= {"properties": fields, "required": ["claim_id", "statement", "metric"]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def fill_template(path: Path, *, schema: Path) -> str:
    """Fill the template of a new file; a person then replaces its example claims."""
    _require_name(path.stem)
    text = TEMPLATE.read_text(encoding="utf-8")
    given = {"{schema}": os.path.relpath(schema, path.resolve().parent), "{file}": str(path), "{id}": path.stem}
    for name, value in given.items():
        text = text.replace(name, value)
    return text


def parse_article(text: str, where: str) -> Article:
    """Parse the text of an article's file; `where` names the file in errors."""
    content = load_yaml(text, where)
    if not isinstance(content, dict):
        raise BilateralError(f"{where}: expected the fields of an article.", remedy="docs/claims.md lists the fields.")
    article = validate_article(content, where)
    faults = [(one.claim_id, _find_disagreement(one)) for one in article.claims]
    if disagreements := [f"{where}: claim {name}: {fault}" for name, fault in faults if fault]:
        raise BilateralError("\n".join(disagreements), remedy="Correct `says` or `statement`.")
    return article


def _find_disagreement(claim: Claim) -> str | None:
    """Find a contradiction between the `statement` (a sentence) and `says` (the value) of a claim; else None."""
    if claim.parsed is None:
        return None
    value, since = claim.parsed.value, claim.parsed.since
    if since and re.search(r"\bsince\b|이후|이래", claim.statement) and since[:4] not in claim.statement:
        return f"says: 'since {since}' is not in the statement."
    quantity, printed = value.quantity, [token for token in tokenize_text(claim.statement) if _is_amount(token)]
    way = value.side or (-1 if quantity and quantity.number < 0 and claim.parsed.metric.signed else 0)
    printed_sides = re.findall(r"deficit|surplus|적자|흑자", claim.statement, re.IGNORECASE)
    sides = {values.find_side(one) for one in printed_sides}
    if way and sides == {-way}:
        return f"says: {claim.says} is a {'deficit' if way < 0 else 'surplus'}, but the statement says the opposite."
    if quantity is None or quantity.kind in {"nth", "length", "year"} or not printed:
        return None
    for token in printed:
        is_same = math.isclose(abs(quantity.full), token.full, rel_tol=1e-12)
        if is_same and ("number" in {token.kind, quantity.kind} or token.kind == quantity.kind):
            return None
    return f"says: the number {claim.says} is not in the statement: {claim.statement}"


def _is_amount(token: Token) -> bool:
    """Return whether a token is a number with a scale, a unit, decimals or a comma."""
    is_plain = token.kind == "number" and not (token.is_whole and "," not in token.text)
    return is_plain or token.kind in NUMBERS - {"nth"}


def validate_article(content: dict[str, Any], where: str) -> Article:
    """Make an article from its fields; `where` names its file in errors."""
    try:
        return Article.model_validate(content)
    except ValidationError as error:
        # pydantic also reports a list as too short if its entries are wrong.
        faults = [found for found in error.errors() if found["type"] != "too_short" or not found["input"]]
        described = dict.fromkeys(_describe_fault(found, content, where) for found in faults)
        raise BilateralError("\n".join(described), remedy="docs/claims.md lists the fields.") from error


def read_register(folder: Path, faults: dict[Path, BilateralError] | None = None) -> tuple[Article, ...]:
    """Read the register's articles, sorted by file name; store the errors of faulty files in `faults`, by path."""
    found, owner, faults = [], dict[str, Path](), {} if faults is None else faults
    for path in sorted(folder.glob("*.yml")):
        try:
            article = _read_checked(path)
        except BilateralError as error:
            faults[path] = error
            continue
        ids = sorted(claim.claim_id for claim in article.claims)
        if twice := [name for name in ids if name in owner]:
            other = owner[twice[0]]
            both = f"claims/{path.name} and claims/{other.name} both have a claim with the claim_id {twice[0]}."
            faults[path] = faults[other] = BilateralError(both, remedy="Rename one of the two.")
            continue
        owner |= dict.fromkeys(ids, path)
        found.append(article)
    return tuple(found)


def _read_checked(path: Path) -> Article:
    """Read a file of the register; check its name, and that it has no example claims."""
    article = _read_file(path)
    if article.article_id != path.stem:
        other_name = f"claims/{path.name} has the article_id {article.article_id}."
        raise BilateralError(other_name, remedy="Give the file and the article the same name.")
    if left := [claim.claim_id for claim in article.claims if claim.statement.startswith("Example: ")]:
        still = f"claims/{path.name} still has examples of the template: {', '.join(left)}."
        raise BilateralError(still, remedy="Replace them with your own claims.")
    return article


def check_file(folder: Path, path: Path) -> None:
    """Check that a file of the register can be used; raise its error, such as a claim_id that another file has."""
    faults: dict[Path, BilateralError] = {}
    read_register(folder, faults)
    if path in faults:
        raise faults[path]


def _read_file(path: Path) -> Article:
    return parse_article(read_text(path), f"claims/{path.name}")


def complete_article_fields(folder: Path, article_id: str, given: Mapping[str, Any], *, today: date) -> dict[str, str]:
    """Return the fields of an article: from the register, or for a new article from `given`."""
    _require_name(article_id)
    given = {name: str(value) for name, value in given.items()}
    path = folder / f"{article_id}.yml"
    if not path.exists():
        if "publisher" not in given:
            remedy = "Name its publisher: --publisher NAME."
            raise BilateralError(f"There is no article {article_id} yet.", remedy=remedy)
        return {"title": f"Claims of {given['publisher']}", "published_on": str(today), **given}
    article = _read_file(path)
    known = {name: str(value) for name in OF_ARTICLE if (value := getattr(article, name)) is not None}
    for name, value in given.items():
        if known.get(name) != value:
            has = f"{name}: {known[name]}" if name in known else f"no {name}"
            remedy = f"Change the file, leave out {name}, or name another article."
            raise BilateralError(f"claims/{path.name} has {has}, but these claims have {value}.", remedy=remedy)
    return known


def add_claims(folder: Path, article_id: str, entries: Sequence[dict[str, Any]], head: Mapping[str, str]) -> Path:
    """Add claims to an article of the register, or to a new one; after an error the file is as before."""
    path = folder / f"{article_id}.yml"
    before = read_text(path) if path.exists() else None
    known = {claim.statement for claim in _read_file(path).claims} if before else set[str]()
    if again := [entry["statement"] for entry in entries if entry["statement"] in known]:
        raise BilateralError(f"claims/{path.name} already has this claim: {again[0]}", remedy="Leave it out.")
    head_text = yaml.safe_dump({"article_id": article_id, **head}, sort_keys=False, allow_unicode=True)
    text = before or f"{head_text}claims:\n"
    for number, entry in enumerate(entries, start=text.count("- claim_id:") + 1):
        named = {"claim_id": entry.get("claim_id") or f"{article_id}_{number}", **entry}
        listed = yaml.safe_dump([named], sort_keys=False, allow_unicode=True, width=120)
        gap = "\n" if text.rstrip().endswith("claims:") else "\n\n"
        text = text.rstrip() + gap + indent(listed, "  ")
    try:
        write_file(path, text)
        check_file(folder, path)
    except BilateralError:
        if before is None:
            path.unlink()
        else:
            write_file(path, before)
        raise
    return path


def write_file(path: Path, text: str) -> None:
    with atomic_write(path) as half:
        half.write_text(text, encoding="utf-8")


def _require_name(article_id: str) -> None:
    if not re.fullmatch(CODE, article_id):
        remedy = "Use small letters, digits and _, with a letter first: example_paper_2025_12."
        raise BilateralError(f"{article_id} is not a valid article_id.", remedy=remedy)


def list_claims(articles: tuple[Article, ...]) -> Iterator[tuple[Article, Claim]]:
    return ((article, claim) for article in articles for claim in article.claims)


def _describe_fault(found: Any, content: dict[str, Any], where: str) -> str:
    """Describe a validation error in one line: file, claim, field and fault."""
    place = list(found["loc"])
    whose = ""
    if place[:1] == ["claims"] and len(place) > 1:
        entry = content["claims"][place[1]]
        name = entry.get("claim_id") if isinstance(entry, dict) else None
        whose = f": claim {name or place[1] + 1}"
        place = place[2:]
    fields = [str(part) for part in place if not str(part)[:1].isupper() and "[" not in str(part)]
    message = found["msg"].removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        message = "no such field exists"
    if fields[:1] == ["claimed_value"]:
        fields, message = fields[:1], "expected a number, a text, true or false, or a day"
    message = f"{message[:1].lower()}{message[1:].rstrip('.')}."
    return ": ".join([f"{where}{whose}", *filter(None, [".".join(fields)]), message])
