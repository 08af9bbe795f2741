"""An environment for each program that is measured beside ours.

Here: making one out of its requirements file, with uv if it is there and with pip if not. Not here: what is in it.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent


def make(name: str, folder: Path) -> Path:
    """The interpreter of an environment with what `requirements-<name>.txt` names, which is made if it is not there."""
    wanted = HERE / f"requirements-{name}.txt"
    home = folder / name
    python, mark = home / "bin" / "python", home / ".requirements"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted.read_text(encoding="utf-8"):
        return python
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, home)
        _run(uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", wanted)
    else:
        _run(sys.executable, "-m", "venv", "--clear", home)
        _run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", wanted)
    mark.write_text(wanted.read_text(encoding="utf-8"), encoding="utf-8")
    return python


def versions(python: Path, *packages: str) -> dict[str, str]:
    """The versions of packages in an environment."""
    asked = f"from importlib.metadata import version; print(*map(version, {list(packages)!r}))"
    told = subprocess.run([python, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    return dict(zip(packages, told, strict=True))


def own_versions(*packages: str) -> dict[str, str]:
    return {package: version(package) for package in packages}


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True)
