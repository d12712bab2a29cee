"""How does a model get from a folder onto a device? And why not, where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_ACCELERATE = "with accelerate installed, all GPUs together are used"
_SMALLER = "--dtype bfloat16 may make it smaller; vLLM divides it among GPUs"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in evaluation mode, on its device, and its tokenizer."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


def load_model(folder: Path, device: str, dtype: str) -> Loaded:
    """Return the model of a folder; see `engines.transformers.Engine.load`."""
    transformers_logging.disable_progress_bar()
    _demand(device, dtype)
    several = device == "auto" and torch.cuda.device_count() > 1
    spread = several and find_spec("accelerate") is not None
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = _tokenizer(folder)
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            str(folder),
            local_files_only=True,
            dtype=dtype,
            trust_remote_code=False,
            **({"device_map": "auto"} if spread else {}),
        )
        return Loaded((model if spread else model.to(device)).eval(), tokenizer)
    except torch.OutOfMemoryError as error:
        advice = _ACCELERATE if several and not spread else _SMALLER
        raise ValueError(f"the model does not fit on {device}: {advice}") from error


def _demand(device: str, dtype: str) -> None:
    """Find out before the weights are read whether the device and the type can be used.

    Raises:
        LookupError: the device cannot, or there is no such type.
    """
    if dtype != "auto" and not isinstance(getattr(torch, dtype, None), torch.dtype):
        raise LookupError(f"torch has no type {dtype}; bfloat16 and float32 are two")
    if device == "auto":
        return
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # torch without CUDA asserts
        why = str(error).partition("\n")[0].rstrip(".")
        raise LookupError(f"torch cannot use the device {device}: {why}") from error


def _tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    try:
        return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"transformers finds no tokenizer that it can load: {why}") from error
