"""What Dagster does not export and we need: the one place that reaches into its private modules.

Here: names, each with the reason. Not here: their use. A new version of Dagster may move or change them, so
`pyproject.toml` bounds its version, and whoever raises the bound looks here.
"""

# The records of checks, and the reference from a check's result to the materialization that it is about: an event that
# is not yielded by a run of the check's own step has to say it itself.
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData

# The tags by which Dagster compares an asset with its code and what it reads; it writes them for planned assets alone.
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_IS_USER_PROVIDED_TAG,
    DATA_VERSION_TAG,
    INPUT_DATA_VERSION_TAG_PREFIX,
    get_input_data_version_tag,
    get_input_event_pointer_tag,
)
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

__all__ = [
    "CODE_VERSION_TAG",
    "DATA_VERSION_IS_USER_PROVIDED_TAG",
    "DATA_VERSION_TAG",
    "INPUT_DATA_VERSION_TAG_PREFIX",
    "AssetCheckEvaluationTargetMaterializationData",
    "AssetCheckExecutionRecord",
    "get_input_data_version_tag",
    "get_input_event_pointer_tag",
]
