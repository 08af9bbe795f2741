"""Fixtures that the tests of the audit share.

Here: Great Expectations, imported once a process and with its own warnings left to its maintainers. Not here: what
every test shares.
"""

from __future__ import annotations

import warnings

import pytest


@pytest.fixture(scope="session")
def great_expectations() -> None:
    """Import Great Expectations, which takes seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dagster_project.audit.auditor import warm_up

        warm_up().join()
