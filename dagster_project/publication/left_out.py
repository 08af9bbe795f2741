"""Find the files of questions and claims that a publication is without, because something is wrong with them.

Such a file stops neither the others nor the publication, so each command that publishes or tells the status names it.
Not here: what must hold for a question (`questions.form`) or for claims (`claims.register`).
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from dagster_project import publication
from dagster_project.claims import register
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.project import Project
from dagster_project.questions import answer_questions


def list_faults(project: Project) -> list[str]:
    """List what is wrong with files of questions and claims, a line each; what was found sound is not read again."""
    files = [*(project.sql / "questions").glob("*.sql"), *project.claims.glob("*.yml")]
    digest = hashlib.sha256(str(publication.get_current_id(project)).encode())
    for file in sorted(files):
        with suppress(OSError):
            digest.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}".encode())
    with suppress(OSError):
        if project.sound.read_text(encoding="utf-8") == digest.hexdigest():
            return []
    claims: dict[Path, BilateralError] = {}
    register.read_register(project.claims, claims)
    with publication.open_published(project) as connection:
        _, faults = answer_questions(project, connection, {})
    found = list(dict.fromkeys(map(str, (*faults, *claims.values()))))
    if not found:
        with atomic_write(project.sound) as half:
            half.write_text(digest.hexdigest(), encoding="utf-8")
    return found
