"""Find the invalid files of questions and claims, which a publication leaves out."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from dagster_project import notify, publication
from dagster_project.errors import BilateralError
from dagster_project.project import Project


def list_faults(project: Project) -> list[str]:
    """List the errors in files of questions and claims; [] if no file has changed since a check without errors."""
    files = [project.published_file, *(project.sql / "questions").glob("*.sql"), *project.claims.glob("*.yml")]
    sound = project.archive / "sound"
    if sound.exists() and sound.stat().st_mtime_ns > max(file.lstat().st_ctime_ns for file in files):
        return []
    # What reads claims and questions is imported only to read them, because `bilateral status` need not.
    from dagster_project.claims import register
    from dagster_project.questions import answer_questions

    claims: dict[Path, BilateralError] = {}
    register.read_register(project.claims, claims)
    with publication.open_published(project) as connection:
        _, faults = answer_questions(project, connection, {})
    if not faults and not claims:
        # A user without the right to write checks the files each time.
        with suppress(OSError):
            sound.touch()
    return list(dict.fromkeys(map(str, (*faults, *claims.values()))))


def require_sound(project: Project) -> None:
    """Send a notice and raise an error if the publication leaves out files; both name the files."""
    faults = list_faults(project)
    facts = [notify.Fact(fault, f"Left out: {fault}") for fault in faults]
    notify.send_facts(project, "Bilateral: files were left out", {"left out": facts})
    if faults:
        raise BilateralError("\n".join(faults), remedy="All else is published. Correct these files, and build again.")
