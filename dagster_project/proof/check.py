"""Check the files of a proof: `python check.py DIGEST`, with the digest of the citation. Needs only Python."""

import csv
import gzip
import hashlib
import io
import sys
import zipfile
from pathlib import Path


def find_faults(folder: Path, digest: str) -> list[str]:
    """List the files that differ from their hashes, and the values that are not where their locators say."""
    sums = (folder / "SHA256SUMS").read_bytes()
    if hashlib.sha256(sums).hexdigest() != digest:
        return ["SHA256SUMS is not the list that was cited"]
    listed = read_hashes(sums)
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    faults = [f"{name} is missing" for name in listed if name not in paths]
    if "LEFT_OUT" in listed.keys() & paths.keys():
        listed = read_hashes(paths["LEFT_OUT"].read_bytes()) | listed
    for name, path in paths.items():
        if name != "SHA256SUMS" and hashlib.sha256(path.read_bytes()).hexdigest() != listed.get(name):
            faults.append(f"{name} is {'changed' if name in listed else 'not listed'}")
    return faults or [one for path in sorted(folder.glob("locators/**/*.csv")) for one in find_misplaced(folder, path)]


def read_hashes(content: bytes) -> dict[str, str]:
    """Read a list of hashes by the names of their files."""
    return {name: digest for digest, _, name in (line.partition("  ") for line in content.decode().splitlines())}


def find_misplaced(folder: Path, locators: Path) -> list[str]:
    """List the values that a publisher's response does not show at their places."""
    faults, contents = [], {}
    with locators.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = row["file"], row["member"]
            if key not in contents:
                contents[key] = read_content(folder / row["file"], row["member"])
            printed, start = row["printed"].encode(), int(row["offset"])
            if contents[key][start : start + len(printed)] != printed:
                faults.append(f"{row['file']}: {row['column']} of row {row['row_number']} is not {row['value']}")
    return faults


def read_content(path: Path, member: str) -> bytes:
    """Read a file, or a member of it if it is a zip, without compression."""
    content = path.read_bytes()
    if member:
        return zipfile.ZipFile(io.BytesIO(content)).read(member)
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python check.py DIGEST, with the digest of the citation.")
    found = find_faults(Path(__file__).parent, sys.argv[1])
    sys.stdout.write("\n".join(found) + "\n" if found else "Every file has its hash, and every value its place.\n")
    sys.exit(bool(found))
