"""Store refused responses with the reason in `warehouse/archive/refused`, for a person to look at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dagster_project.files import atomic_folder, load_yaml, write_yaml
from dagster_project.project import Project
from dagster_project.sources import Request, Response

REASON = "reason.yml"
SUFFIXES = {"json": ".json", "xml": ".xml", "csv": ".csv", "zip": ".zip", "html": ".html", "text": ".txt"}


@dataclass(frozen=True)
class Refusal:
    """A refused response, and the folder in which it is stored."""

    dataset: str
    subject: str
    reason: str
    folder: Path


def store_refused(
    project: Project, request: Request, address: str, response: Response, reason: str, now: datetime
) -> Refusal:
    """Store a response with the reason for its refusal; if the same response is stored already, update its record.

    The address, the response and the reason must not contain the user's key.
    """
    content = response.content
    digest = hashlib.sha256(b"\0".join([reason.encode(), address.encode(), content])).hexdigest()[:12]
    home = project.refused / request.dataset
    folder = next(iter(home.glob(f"*-{digest}")), home / f"{now:%Y%m%dT%H%M%SZ}-{digest}")
    record: dict[str, Any] = {
        "reason": reason,
        "dataset": request.dataset,
        "subject": request.subject,
        "url": address,
        "status": response.status,
        "headers": dict(response.headers),
        "bytes": len(content),
        "first_refused_at": now,
        "last_refused_at": now,
        "times": 1,
    }
    if folder.exists():
        before = load_yaml((folder / REASON).read_text(encoding="utf-8"), folder / REASON)
        record |= {"first_refused_at": before["first_refused_at"], "times": before["times"] + 1}
        write_yaml(folder / REASON, record)
    else:
        with atomic_folder(folder, home / f".{digest}") as half:
            (half / f"answer{choose_suffix(response)}").write_bytes(content)
            write_yaml(half / REASON, record)
    return Refusal(request.dataset, request.subject, reason, folder)


def choose_suffix(response: Response) -> str:
    """Choose the ending of a response's file by the media type, for example `.json` for `application/json`."""
    media_type = response.headers.get("content-type", "").lower()
    return next((ending for word, ending in SUFFIXES.items() if word in media_type), ".bin")
