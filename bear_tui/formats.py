"""The formats that a run can be written in: its model as a file, and its report."""

from typing import Literal, TypeAlias, get_args

ModelFormat: TypeAlias = Literal["pt2", "onnx", "safetensors"]
ReportFormat: TypeAlias = Literal["html", "csv", "tensorboard"]

MODEL_FORMATS: tuple[ModelFormat, ...] = get_args(ModelFormat)
REPORT_FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)
