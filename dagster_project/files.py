"""Write files and folders atomically, and read text, CSV, JSON and YAML with errors that name the file and the line."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.errors import BilateralError

# Modules that not every command needs are imported where they are used.
if TYPE_CHECKING:
    import yaml

# The temporary files and folders of this process.
_temporary: set[Path] = set()
# The largest file that a person writes, in bytes; the largest committed one has a thousandth of that.
LARGEST = 20_000_000
# The pattern of a text that a spreadsheet may run as a formula, also after the wide marks of East Asian keyboards, and
# the pattern of a number, which begins like a formula (-18.5).
FORMULA, NUMBER = "^[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]", r"^[+-][0-9][0-9.,]*(e[+-]?[0-9]+)?%?$"


@contextmanager
def remove_at_end(place: Path) -> Iterator[Path]:
    """Remove a file or folder when the `with` block ends; a renamed one is kept under its new name."""
    _temporary.add(place)
    try:
        yield place
    finally:
        _remove_place(place)
        _temporary.discard(place)


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, and rename it to `target` at the end, so that readers never see half a file.

    The temporary name is random, because processes in two containers may write the same file under one process ID.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with remove_at_end(target.with_suffix(f".{os.urandom(16).hex()}.tmp")) as half:
        yield half
        half.replace(target)


def write_text(target: Path, text: str) -> None:
    """Write a text to a file, atomically."""
    with atomic_write(target) as half:
        half.write_text(text, encoding="utf-8")


def write_yaml(target: Path, content: Mapping[str, Any]) -> None:
    """Write fields as YAML, atomically and in their order; a repeated value is written in full, without an alias."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    write_text(target, yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110))


@contextmanager
def atomic_folder(target: Path, half: Path) -> Iterator[Path]:
    """Yield the empty folder `half` to write in, and rename it to `target` when the `with` block ends."""
    with remove_at_end(half):
        if half.exists():
            shutil.rmtree(half)
        half.mkdir(parents=True)
        yield half
        target.parent.mkdir(parents=True, exist_ok=True)
        half.replace(target)


@contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder to write in. At the end, move `target` out of the way and rename the folder to `target`.

    If the process is killed between the two renames, the next call moves the old folder back first.
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
    """Remove all temporary files and folders of this process, which is about to be ended by force."""
    for place in list(_temporary):
        _remove_place(place)


def sync_to_disk(path: Path) -> None:
    """Write a file from the system's cache to the disk with fsync; for a folder, write the list of its files."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def require_utf_8(where: object) -> Iterator[None]:
    """Convert a `UnicodeDecodeError` in the `with` block to an error that names `where`, a file or text."""
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
        raise BilateralError(f"{path} has {size:,} bytes; at most {LARGEST:,} are allowed.", remedy="Shorten it.")
    try:
        with require_utf_8(path):
            return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BilateralError(f"{path} cannot be read: {error.strerror}.", remedy=remedy) from error


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file to hash. A file that cannot be read gives b""; the step that parses it reports why."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def read_stored_json(path: Path) -> Any | None:
    """Read a JSON file that this program wrote; return None if it does not exist, or a power cut left it incomplete."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def read_csv(path: Path, needed: Iterable[str] = ()) -> tuple[list[str], list[list[str]]]:
    """Read the header and the rows of a CSV that a person wrote.

    Raises:
        BilateralError: The file is not CSV, lacks a column of `needed`, repeats a column, or has a row whose length
            differs from the header's; or `read_text` fails.
    """
    try:
        header, *rows = list(csv.reader(io.StringIO(read_text(path), newline=""), strict=True)) or [[]]
    except csv.Error as error:
        raise BilateralError(f"{path} is not CSV: {error}.", remedy="Correct its quotes.") from error
    wrong = [f"column {name} is missing" for name in sorted(set(needed) - set(header))]
    wrong += [f"column {name} is repeated" for name in Counter(header) - Counter(set(header))]
    if wrong or not header:
        remedy = f"Write each column once. The first line is: {', '.join(header)[:200] or '(empty)'}."
        raise BilateralError(f"{path}: {', '.join(wrong)[:200] or 'no columns'}.", remedy=remedy)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise BilateralError(
                f"{path}: row {number} has {len(row)} values for {len(header)} columns.",
                remedy="Correct that row; write a value that contains a comma in quotes.",
            )
    return header, rows


def read_yaml_fields(
    path: Path, needed: Iterable[str], optional: Iterable[str] = (), *, what: str, remedy: str
) -> dict[str, Any]:
    """Read a YAML file as a mapping that must have all `needed` fields, and may have `optional` fields, but no others.

    In errors, `what` names the kind of file, such as "a manifest".

    Raises:
        BilateralError: A field is missing or unknown; or `read_text` or `load_yaml` fails.
    """
    content = load_yaml(read_text(path, remedy=remedy), path, remedy=remedy)
    return check_mapping(content, needed, optional, where=str(path), what=what)


def check_mapping(
    content: object, needed: Iterable[str], optional: Iterable[str] = (), *, where: str, what: str
) -> dict[str, Any]:
    """Return `content` if it is a mapping with all `needed` fields and no fields beyond the `optional` ones.

    Raises:
        BilateralError: A field is missing or unknown; the message begins, for example, "{where} is not a manifest".
    """
    found = content if isinstance(content, dict) else {}
    missing, unknown = sorted({*needed} - found.keys()), sorted(found.keys() - {*needed, *optional}, key=str)
    if missing or unknown:
        raise BilateralError(
            f"{where} is not {what}: missing fields: {', '.join(missing) or 'none'}; unknown fields: "
            f"{', '.join(map(str, unknown)) or 'none'}.",
            remedy=f"Required: {', '.join(sorted(needed))}; optional: {', '.join(sorted(optional)) or 'none'}.",
        )
    return found


def check_values(
    content: Mapping[str, Any], kinds: Mapping[str, tuple[str, Callable[[Any], bool]]], *, where: object, remedy: str
) -> None:
    """Check the values of fields. `kinds` has, by field, the expected value in words and the function that tests it.

    Raises:
        BilateralError: The function returns false for the value of a field.
    """
    for name, (expected, is_valid) in kinds.items():
        if name in content and not is_valid(content[name]):
            raise BilateralError(
                f"{where}, {name}: expected {expected}, got {str(content[name])[:80]!r}.", remedy=remedy
            )


def load_yaml(text: str, where: object = "This", *, remedy: str = "Quote a text that holds ': '.") -> Any:
    """Load a YAML document of plain values: texts, numbers, booleans, days, lists and mappings.

    In errors, `where` names the document, for example by its path.

    Raises:
        BilateralError: The document is not valid YAML, a mapping repeats a key, a value with an anchor contains an
            alias, or a value is invalid, such as 2023-02-30. The message names the line.
    """
    import yaml

    try:
        if "*" in text:
            _check_aliases(text)
        return yaml.load(text, Loader=_make_loader())  # noqa: S506 - the loader is a safe one
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise BilateralError(f"{where} is not YAML: {' '.join(str(error).split())}.", remedy=remedy) from error


def guard_formula(value: Any) -> Any:
    """Write an apostrophe before a formula of a spreadsheet, such as `=1+1`; return any other value unchanged."""
    is_formula = isinstance(value, str) and re.match(FORMULA, value) and not re.match(NUMBER, value)
    return f"'{value}" if is_formula else value


@cache
def _make_loader() -> Any:
    """Make a YAML loader class that accepts only the values of JSON, and days."""
    import yaml

    # The parser in C, if available, because Dagster reads hundreds of YAML files each time it loads the definitions.
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


def _check_aliases(text: str) -> None:
    """Raise an error for an alias in a value with an anchor: such a value may contain itself, or multiply endlessly."""
    import yaml

    open_anchors: list[str | None] = []
    for event in yaml.parse(text, Loader=_make_loader()):
        if isinstance(event, yaml.CollectionStartEvent):
            open_anchors.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            open_anchors.pop()
        elif isinstance(event, yaml.AliasEvent) and any(open_anchors):
            raise yaml.YAMLError(f"*{event.anchor} stands in a value that has an anchor itself")


def _remove_place(place: Path) -> None:
    # On a read-only disk nothing can be removed, and the failed write has already been reported.
    with suppress(OSError):
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
