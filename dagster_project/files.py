"""Files that are written whole or not at all, and YAML that is read fast.

Here: writing a file or folder beside its place and renaming it, removing what did not become whole, putting on the disk
what a power cut must not take, the parsing of YAML. Not here: which files those are (`snapshots`, `publication`); nor
what a file has to hold.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.errors import BilateralError

# What not every command needs is imported where it is used.
if TYPE_CHECKING:
    import yaml

_temporary: set[Path] = set()
# Bytes; the largest file that a person writes has a thousandth of that.
LARGEST = 20_000_000
# Values of a YAML document that an alias may stand for.
MOST_VALUES = 10_000


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
    """Yield a place to write to, and rename it to `target` at the end: no half file ever stands there.

    Others may be writing the same file; in containers on a shared folder even under the same process number.
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


def remove_temporary() -> None:
    """Remove whatever is temporary, for a process that ends at once."""
    for place in list(_temporary):
        _remove_place(place)


def sync_to_disk(path: Path) -> None:
    """Put what a file holds on the disk; of a folder, the names in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def require_utf_8(where: object) -> Iterator[None]:
    """Name what is being read if it is not text in UTF-8."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise BilateralError(f"{where} is not text in UTF-8: {error}.", remedy="Save it as UTF-8.") from error


def read_text(path: Path, *, remedy: str = "Restore it from version control.") -> str:
    """Read a file that somebody wrote by hand.

    Raises:
        BilateralError: It does not exist, is not text in UTF-8, or is far larger than anybody writes.
    """
    if not path.is_file():
        found = f"{path} is not a file." if path.exists() else f"{path} does not exist."
        raise BilateralError(found, remedy=remedy)
    if (size := path.stat().st_size) > LARGEST:
        raise BilateralError(f"{path} has {size:,} bytes; {LARGEST:,} are the most it may have.", remedy=remedy)
    with require_utf_8(path):
        return path.read_text(encoding="utf-8")


def read_kept_json(path: Path) -> Any | None:
    """Read JSON that a program has kept; return None if it does not exist, or a power cut left half of it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def read_csv(path: Path, needed: Iterable[str] = ()) -> tuple[list[str], list[list[str]]]:
    """Read the header and the rows of a CSV that somebody wrote by hand.

    Raises:
        BilateralError: As `read_text`; or it is no CSV, lacks a column, has one twice, or a row of another length.
    """
    try:
        header, *rows = list(csv.reader(io.StringIO(read_text(path), newline=""), strict=True)) or [[]]
    except csv.Error as error:
        raise BilateralError(f"{path} is not CSV: {error}.", remedy="Mend its quotes.") from error
    missing = sorted(set(needed) - set(header))
    if missing or len(set(header)) != len(header) or not header:
        raise BilateralError(
            f"{path} does not have its columns: it has {', '.join(header)[:200]}.",
            remedy=f"Write each column once; {', '.join(missing) or 'none'} is missing.",
        )
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise BilateralError(
                f"{path}: row {number} has {len(row)} values for {len(header)} columns.",
                remedy="Mend that row; a value with a comma stands in quotes.",
            )
    return header, rows


def read_yaml_fields(
    path: Path, needed: Iterable[str], optional: Iterable[str] = (), *, what: str, remedy: str
) -> dict[str, Any]:
    """Read a YAML file that is a mapping, and check that it has the fields it needs and no others.

    Raises:
        BilateralError: A field is missing or unknown; or as `read_text` and `load_yaml`.
    """
    content = load_yaml(read_text(path, remedy=remedy), path, remedy=remedy)
    return check_mapping(content, needed, optional, where=str(path), what=what)


def check_mapping(
    content: object, needed: Iterable[str], optional: Iterable[str] = (), *, where: str, what: str
) -> dict[str, Any]:
    """Check that something is a mapping that has the fields it needs and no others, and return it.

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
        where: What a complaint calls it.
        remedy: What to do if it is not YAML.

    Raises:
        BilateralError: It is not YAML; a name stands twice in a mapping; aliases stand for more than anybody
            writes; or a value is none, such as a day that no month has.
    """
    import yaml

    try:
        if b"*" in text if isinstance(text, bytes) else "*" in text:
            _check_aliases(text)
        return yaml.load(text, Loader=_make_loader())  # noqa: S506 - the loader is a safe one
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise BilateralError(f"{where} is not YAML: {' '.join(str(error).split())}.", remedy=remedy) from error


@cache
def _make_loader() -> Any:
    """Make a loader that reads nothing that JSON could not say, but for days."""
    import yaml

    # The C parser, where there is one: suites, headers and manifests are read each time Dagster loads.
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
        _refuse_node(loader, node, f"{min(twice)!r} is there twice")
    found: dict[Any, Any] = {}
    yield found
    found.update(loader.construct_mapping(node))


def _construct_number(loader: Any, node: yaml.ScalarNode) -> float:
    value = float(loader.construct_yaml_float(node))
    if not math.isfinite(value):
        _refuse_node(loader, node, f"{node.value!r} is not a number")
    return value


def _refuse_node(_loader: Any, node: yaml.Node, why: str | None = None) -> None:
    from yaml.constructor import ConstructorError

    raise ConstructorError(None, None, why or f"{node.tag} is not a plain value", node.start_mark)


def _check_aliases(text: str | bytes) -> None:
    """Refuse an alias that contains itself, and a few lines that stand for more than memory holds."""
    import yaml

    sizes: dict[str, int] = {}
    # Of each list and mapping that is open: its anchor, and how many values it holds with all that stands for them.
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
                raise yaml.YAMLError(f"*{event.anchor} contains itself, or too much")
        anchor, held = inside[-1]
        inside[-1] = (anchor, held + size)


def _remove_place(place: Path) -> None:
    # On a disk that has become read-only nothing goes; what is wrong has been said by then.
    with suppress(OSError):
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
