"""YAML, read by the C parser where there is one: suites, headers and manifests are read each time Dagster loads.

Here: the reading. Not here: what the content has to be.
"""

from __future__ import annotations

from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str | bytes) -> Any:
    """The content of a YAML document; only plain values, never objects.

    Raises:
        yaml.YAMLError: It is not YAML.
    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader is a safe one
