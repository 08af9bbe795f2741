"""Load and cache the declarations of a project's tables and checks: models, views, analyses, suites, claims.

The catalog only caches declarations by name. Other packages read the files: `models`, for example, reads models.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dagster_project.errors import BilateralError
from dagster_project.models.cache import load_cached_models
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.analysis import Analysis
    from dagster_project.audit.suites import Suite
    from dagster_project.claims.schema import Article
    from dagster_project.models import Model
    from dagster_project.reference.rows import Rows
    from dagster_project.snapshots import Snapshot


@dataclass(frozen=True)
class Catalog:
    """Models, views, analyses, suites and claims of a project, by name.

    Each kind is read when it is first used, which raises a `BilateralError` if one of its files is invalid.
    """

    project: Project

    @cached_property
    def analyses(self) -> dict[str, Analysis]:
        """Every analysis that Python computes for models, by name."""
        from dagster_project.analysis import load_analyses
        from dagster_project.claims import tables as claims

        judged = claims.declare_analysis(self.project)
        return {judged.name: judged, **load_analyses(self.project)}

    def list_analyses(self, name: str) -> list[Analysis]:
        """List the analyses that a model reads."""
        needed = sorted(self.models[name].depends_on)
        return [self.analyses[one.partition(".")[2]] for one in needed if one.startswith("analysis.")]

    @cached_property
    def models(self) -> dict[str, Model]:
        """Every table and macro, by name, in an order in which they can run."""
        return load_cached_models(self.project, self._read_models)

    def _read_models(self) -> dict[str, Model]:
        from dagster_project.claims import tables as claims
        from dagster_project.models.reading import load_models
        from dagster_project.reference import tables

        references = tables.list_columns(self.project) | {"claims": tuple(claims.CLAIM_COLUMNS)}
        inputs = {f"reference.{name}": columns for name, columns in references.items()}
        inputs |= {f"analysis.{name}": tuple(analysis.columns) for name, analysis in self.analyses.items()}
        reads = {f"analysis.{name}": analysis.reads for name, analysis in self.analyses.items()}
        return load_models(self.project, inputs, reads)

    @cached_property
    def views(self) -> dict[str, Model]:
        """Every view, by name."""
        from dagster_project.models.reading import load_views

        return load_views(self.project, self.models)

    @cached_property
    def suites(self) -> dict[str, Suite]:
        """Every suite, by the name of its table."""
        from dagster_project.audit.suites import load_suites

        suites = load_suites(self.project)
        for name, suite in suites.items():
            if unmade := {name, *suite.reads} - set(self.models):
                raise BilateralError(
                    f"The suite {name} checks or reads {', '.join(sorted(unmade))}, which no model makes.",
                    remedy=f"Correct the name in expectations/{name.replace('.', '/')}.yml, or remove the suite.",
                )
        return suites

    @cached_property
    def claims(self) -> tuple[Article, ...]:
        """The registered claims, an article for each file of `warehouse/claims`; invalid files are left out."""
        from dagster_project.claims import register

        return register.read_register(self.project.claims)

    def reference_tables(self, found: Mapping[str, Iterable[Snapshot]] | None = None) -> list[Rows]:
        """Read every table of the `reference` catalog; `found` has, by dataset, the snapshots to use. Default: all."""
        from dagster_project.claims import tables as claims
        from dagster_project.reference import tables

        return [*tables.load_tables(self.project, found), claims.load_register(self.project)]
