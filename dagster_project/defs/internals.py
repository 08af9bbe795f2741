"""Private names of Dagster that this project needs, imported in this module only.

Here: names, each with the reason. Not here: their use. A new version of Dagster may move or change them, so
`pyproject.toml` limits its version; check these names before you raise the limit.
"""

from typing import TYPE_CHECKING

# A result of a check that its own step does not yield has to say itself which materialization it is about.
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData

# By these tags Dagster compares an asset with its code and with what it reads; it writes them for planned assets alone.
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_IS_USER_PROVIDED_TAG,
    DATA_VERSION_TAG,
    INPUT_DATA_VERSION_TAG_PREFIX,
    get_input_data_version_tag,
    get_input_event_pointer_tag,
)

# Its default launcher does not tell whether the process of a run is there, and its code server knows.
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

if TYPE_CHECKING:
    # The types of what the records of checks and assets return. To import them takes as long as half of Dagster.
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord
    from dagster._core.storage.event_log.base import AssetEntry

__all__ = [
    "CODE_VERSION_TAG",
    "DATA_VERSION_IS_USER_PROVIDED_TAG",
    "DATA_VERSION_TAG",
    "GRPC_INFO_TAG",
    "INPUT_DATA_VERSION_TAG_PREFIX",
    "AssetCheckEvaluationTargetMaterializationData",
    "AssetCheckExecutionRecord",
    "AssetEntry",
    "CanCancelExecutionRequest",
    "CanCancelExecutionResult",
    "CheckRunHealthResult",
    "DagsterUserCodeUnreachableError",
    "DefaultRunLauncher",
    "WorkerStatus",
    "deserialize_value",
    "get_input_data_version_tag",
    "get_input_event_pointer_tag",
]
