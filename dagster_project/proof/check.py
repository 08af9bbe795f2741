"""Check the files of a proof: `python check.py DIGEST`, with the digest of the citation. Needs only Python."""

import csv
import hashlib
import sys
import zipfile
from pathlib import Path


def find_faults(folder: Path, digest: str) -> list[str]:
    """List the files that differ from their hashes, and the values that are not where their locators say."""
    sums, left_out = folder / "SHA256SUMS", folder / "LEFT_OUT"
    if hash_file(sums) != digest:
        return ["SHA256SUMS is not the list that was cited"]
    listed = read_hashes(sums)
    found = {path.relative_to(folder).as_posix(): hash_file(path) for path in folder.rglob("*") if path.is_file()}
    known = (read_hashes(left_out) if left_out.exists() else {}) | listed | {sums.name: digest}
    faults = [f"{name} is missing" for name in listed if name not in found]
    faults += [
        f"{name} is {'changed' if name in known else 'not listed'}"
        for name, one in found.items()
        if one != known.get(name)
    ]
    if not faults:
        for locators in sorted((folder / "locators").rglob("*.csv")):
            (response,) = (folder / "bytes" / locators.relative_to(folder / "locators").with_suffix("")).iterdir()
            faults += find_misplaced(response, locators)
    return faults


def hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_hashes(path: Path) -> dict[str, str]:
    """Read a list of hashes into a dictionary by file name."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def find_misplaced(response: Path, locators: Path) -> list[str]:
    """List the values that a publisher's response does not print where their locators say."""
    content = read_content(response)
    with locators.open(encoding="utf-8", newline="") as file:
        return [
            f"{response.name}: {row['column']} of row {row['row_number']} is not {row['value']}"
            for row in csv.DictReader(file)
            if not content.startswith(row["printed"].encode(), int(row["offset"]))
        ]


def read_content(response: Path) -> bytes:
    """Read a response; if it is a zip, return the unpacked bytes of its files."""
    if not zipfile.is_zipfile(response):
        return response.read_bytes()
    with zipfile.ZipFile(response) as packed:
        return b"".join(map(packed.read, packed.namelist()))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python check.py DIGEST, with the digest of the citation.")
    found = find_faults(Path(__file__).parent, sys.argv[1])
    sys.stdout.write("\n".join(found) + "\n" if found else "Every file has its hash, and every value its place.\n")
    sys.exit(bool(found))
