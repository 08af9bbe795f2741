"""Write files atomically, and read text, CSV and YAML with clear errors.

Here: writing a file or folder under a temporary name and renaming it, removing leftovers, flushing to disk, reading
files that people write, parsing YAML fast, and texts that a spreadsheet would run. Not here: which files those are
(`snapshots`, `publication`), or what they must contain.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.errors import BilateralError

# Modules that not every command needs are imported where they are used.
if TYPE_CHECKING:
    import yaml

_temporary: set[Path] = set()
# In bytes; the largest hand-written file has a thousandth of that.
LARGEST = 20_000_000
# The most values of a YAML document that an alias may stand for.
MOST_VALUES = 10_000
# A text that a spreadsheet may run as a formula, also with the wide marks of East Asian keyboards; -18.5 is a number.
FORMULA, NUMBER = "^[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]", r"^[+-][0-9][0-9.,]*(e[+-]?[0-9]+)?%?$"


@contextmanager
def remove_at_end(place: Path) -> Iterator[Path]:
    """Remove a file or folder at the end, unless it has been renamed by then."""
    _temporary.add(place)
    try:
        yield place
    finally:
        _remove_place(place)
        _temporary.discard(place)


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, and rename it to `target` at the end, so that readers never see half a file.

    Other processes may write the same file, in containers even with the same process number, so the name is random.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with remove_at_end(target.with_suffix(f".{os.urandom(16).hex()}.tmp")) as half:
        yield half
        half.replace(target)


@contextmanager
def atomic_folder(target: Path, half: Path) -> Iterator[Path]:
    """Yield the empty folder `half` to write in, and rename it to `target` at the end."""
    with remove_at_end(half):
        if half.exists():
            shutil.rmtree(half)
        half.mkdir(parents=True)
        yield half
        target.parent.mkdir(parents=True, exist_ok=True)
        half.replace(target)


@contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder to write in, and put it into the place of `target` at the end.

    A process that is killed between the two renames leaves the old folder aside, from where the next one restores it.
    """
    aside = target.with_name(f".{target.name}.earlier")
    if aside.exists() and not target.exists():
        aside.replace(target)
    with atomic_folder(target, target.with_name(f".{target.name}.passing")) as half:
        yield half
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
            target.replace(aside)
    shutil.rmtree(aside, ignore_errors=True)


def remove_temporary() -> None:
    """Remove all temporary files and folders, for a process that ends at once."""
    for place in list(_temporary):
        _remove_place(place)


def sync_to_disk(path: Path) -> None:
    """Flush a file to the disk with fsync; for a folder, the names in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def require_utf_8(where: object) -> Iterator[None]:
    """Raise an error that names the file or text if it is not UTF-8."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise BilateralError(f"{where} is not UTF-8 text: {error}.", remedy="Save it as UTF-8.") from error


def read_text(path: Path, *, remedy: str = "Restore it from version control.") -> str:
    """Read a file that a person wrote.

    Raises:
        BilateralError: The file does not exist, cannot be read, is not UTF-8, or is too large.
    """
    if not path.is_file():
        found = f"{path} is not a file." if path.exists() else f"{path} does not exist."
        raise BilateralError(found, remedy=remedy)
    if (size := path.stat().st_size) > LARGEST:
        raise BilateralError(f"{path} has {size:,} bytes; at most {LARGEST:,} are allowed.", remedy=remedy)
    try:
        with require_utf_8(path):
            return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BilateralError(f"{path} cannot be read: {error.strerror}.", remedy=remedy) from error


def read_bytes(path: Path) -> bytes:
    """Read a file for its hash; empty if it cannot be read, which whoever needs its text reports."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def read_stored_json(path: Path) -> Any | None:
    """Read JSON that a program wrote; return None if it does not exist, or is incomplete after a power cut."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def read_csv(path: Path, needed: Iterable[str] = ()) -> tuple[list[str], list[list[str]]]:
    """Read the header and the rows of a CSV that a person wrote.

    Raises:
        BilateralError: As `read_text`; or it is not CSV, lacks a column, repeats one, or has a row of another length.
    """
    try:
        header, *rows = list(csv.reader(io.StringIO(read_text(path), newline=""), strict=True)) or [[]]
    except csv.Error as error:
        raise BilateralError(f"{path} is not CSV: {error}.", remedy="Correct its quotes.") from error
    wrong = [f"column {name} is missing" for name in sorted(set(needed) - set(header))]
    wrong += [f"column {name} is repeated" for name in Counter(header) - Counter(set(header))]
    if wrong or not header:
        found = f"Write each column once. Found: {', '.join(header)[:200] or 'none'}."
        raise BilateralError(f"{path}: {', '.join(wrong)[:200] or 'no columns'}.", remedy=found)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise BilateralError(
                f"{path}: row {number} has {len(row)} values for {len(header)} columns.",
                remedy="Correct that row; put a value with a comma into quotes.",
            )
    return header, rows


def read_yaml_fields(
    path: Path, needed: Iterable[str], optional: Iterable[str] = (), *, what: str, remedy: str
) -> dict[str, Any]:
    """Read a YAML file, and check that it is a mapping with all needed and no unknown fields.

    Raises:
        BilateralError: A field is missing or unknown; or as `read_text` and `load_yaml`.
    """
    content = load_yaml(read_text(path, remedy=remedy), path, remedy=remedy)
    return check_mapping(content, needed, optional, where=str(path), what=what)


def check_mapping(
    content: object, needed: Iterable[str], optional: Iterable[str] = (), *, where: str, what: str
) -> dict[str, Any]:
    """Check that a value is a mapping with all needed and no unknown fields, and return it.

    Raises:
        BilateralError: A field is missing or unknown.
    """
    found = content if isinstance(content, dict) else {}
    missing, unknown = sorted({*needed} - found.keys()), sorted(found.keys() - {*needed, *optional})
    if missing or unknown:
        raise BilateralError(
            f"{where} is not {what}: missing {missing}, unknown {unknown}.",
            remedy=f"Write the fields {', '.join(sorted({*needed, *optional}))}, or restore the file.",
        )
    return found


def load_yaml(text: str | bytes, where: object = "This", *, remedy: str = "Quote a text that holds ': '.") -> Any:
    """Load a YAML document of plain values; errors name the line.

    Args:
        text: The document.
        where: The name of the document for error messages.
        remedy: What to do if it is not valid YAML.

    Raises:
        BilateralError: It is not valid YAML; a mapping repeats a key; aliases stand for too many values; or a value is
            invalid, such as a day that its month does not have.
    """
    import yaml

    try:
        if b"*" in text if isinstance(text, bytes) else "*" in text:
            _check_aliases(text)
        return yaml.load(text, Loader=_make_loader())  # noqa: S506 - the loader is a safe one
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise BilateralError(f"{where} is not YAML: {' '.join(str(error).split())}.", remedy=remedy) from error


def guard_formula(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; other values stay as they are."""
    is_formula = isinstance(value, str) and re.match(FORMULA, value) and not re.match(NUMBER, value)
    return f"'{value}" if is_formula else value


@cache
def _make_loader() -> Any:
    """Make a YAML loader that accepts only the values of JSON, and days."""
    import yaml

    # The C parser, if available, because suites, headers and manifests are read each time Dagster loads.
    class Plain(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    Plain.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
    Plain.add_constructor("tag:yaml.org,2002:float", _construct_number)
    for tag in ("binary", "set", "omap", "pairs"):
        Plain.add_constructor(f"tag:yaml.org,2002:{tag}", _refuse_node)
    return Plain


def _construct_mapping(loader: Any, node: yaml.MappingNode) -> Iterator[dict[Any, Any]]:
    import yaml

    names = [name.value for name, _ in node.value if isinstance(name, yaml.ScalarNode)]
    if twice := {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ():
        _refuse_node(loader, node, f"{min(twice)!r} occurs twice")
    found: dict[Any, Any] = {}
    yield found
    found.update(loader.construct_mapping(node))


def _construct_number(loader: Any, node: yaml.ScalarNode) -> float:
    value = float(loader.construct_yaml_float(node))
    if not math.isfinite(value):
        _refuse_node(loader, node, f"{node.value!r} is not a finite number")
    return value


def _refuse_node(_loader: Any, node: yaml.Node, why: str | None = None) -> None:
    from yaml.constructor import ConstructorError

    raise ConstructorError(None, None, why or f"{node.tag} is not a plain value", node.start_mark)


def _check_aliases(text: str | bytes) -> None:
    """Reject an alias that contains itself, and aliases that stand for too many values."""
    import yaml

    sizes: dict[str, int] = {}
    # For each open list and mapping: its anchor, and how many values it has, including those of its aliases.
    inside: list[tuple[str | None, int]] = [(None, 0)]
    for event in yaml.parse(text, Loader=_make_loader()):
        size = 0
        if isinstance(event, yaml.CollectionStartEvent):
            inside.append((event.anchor, 0))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = inside.pop()
            if anchor:
                sizes[anchor] = size
        elif isinstance(event, yaml.ScalarEvent):
            size = 1
        elif isinstance(event, yaml.AliasEvent):
            size = sizes.get(event.anchor or "", 1)
            if size > MOST_VALUES or event.anchor in {anchor for anchor, _ in inside}:
                raise yaml.YAMLError(f"*{event.anchor} contains itself, or stands for too many values")
        anchor, held = inside[-1]
        inside[-1] = (anchor, held + size)


def _remove_place(place: Path) -> None:
    # On a read-only disk nothing can be removed; the error that matters has been reported by then.
    with suppress(OSError):
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
