"""How is vLLM started with this project's plug-in? Its arguments and environment; starts nothing.

Every value of the command line has one place here, and what the user adds after ``--`` comes last,
where vLLM lets it win; but who can reach the server is never decided there.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

import click

from fastapply_lsp.engines.vllm.interface import PROPOSER
from fastapply_lsp.serving.address import KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapply_lsp.commands.serve import Options
    from fastapply_lsp.settings import Secret

DRAFT_TOKENS = 128
"""vLLM's own limit of a draft (``MAX_SPEC_LEN``)."""

OLDEST = (0, 24)
"""The first vLLM whose drafts come from a class that is named to it."""
COUNTS_SINCE = (0, 32)
"""The first vLLM known to tell each request what became of its drafts."""

_OURS = {
    "--host": "--host",
    "--port": "--port",
    "--uds": "--host",
    "--served-model-name": "--name",
    "--api-key": f"the environment variable {KEY_VARIABLE}",
}
"""What may not stand after ``--``, and what says it instead."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The vLLM that is installed.

    >>> Installed("0.32.0+cpu").for_cpu, Installed("0.32.0").for_cpu
    (True, False)
    """

    version: str

    @property
    def for_cpu(self) -> bool:
        """Whether it is the build for machines without a GPU; vLLM itself reads it here."""
        return "cpu" in self.version

    @property
    def old(self) -> bool:
        """Whether it cannot be given drafts; a version that is no number is a build of today."""
        return self._before(OLDEST)

    @property
    def counts(self) -> bool:
        """Whether it can tell each request what became of its drafts."""
        return not self._before(COUNTS_SINCE)

    def _before(self, version: tuple[int, int]) -> bool:
        numbers = re.match(r"(\d+)\.(\d+)", self.version)
        return numbers is not None and (int(numbers[1]), int(numbers[2])) < version

    @classmethod
    def found(cls) -> Installed:
        """Ask the package's metadata; imports nothing.

        Raises:
            click.UsageError: it does not say its version, and vLLM would not start.
        """
        try:
            return cls(metadata.version("vllm"))
        except metadata.PackageNotFoundError as error:
            problem = (
                "vLLM is installed under another name, and does not find its own version; "
                "docs/how-to/vllm.md says how to help it, --engine transformers does without."
            )
            raise click.UsageError(problem) from error


@dataclass(frozen=True, slots=True)
class Launch:
    """A program and its whole environment."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def launch_of(
    options: Options,
    key: Secret | None,
    vllm: Installed,
    environment: Mapping[str, str] = os.environ,
) -> Launch:
    """Return how vLLM serves a model as the command line says it.

    The key is in the environment, since everybody on a machine can read arguments.

    Raises:
        click.UsageError: this vLLM cannot do it.
    """
    _check(options, vllm)
    speculative = {
        "method": "custom_class",
        "model": PROPOSER,
        "num_speculative_tokens": options.draft_tokens or DRAFT_TOKENS,
    }
    arguments = [
        *(sys.executable, "-m", "vllm.entrypoints.cli.main", "serve", str(options.model)),
        *("--served-model-name", options.name),
        *("--host", options.host, "--port", str(options.port)),
        *("--dtype", options.dtype),
        *("--speculative-config", json.dumps(speculative, separators=(",", ":"))),
        *("--disable-uvicorn-access-log", "--uvicorn-log-level", "warning"),
        *(["--per-request-spec-decode-metrics", "summary"] if vllm.counts else []),
        # Graphs are made for GPUs; on a CPU vLLM would compile for minutes first.
        *(["--enforce-eager"] if vllm.for_cpu else []),
        *options.more,
    ]
    return Launch(tuple(arguments), _environment(options, key, vllm, environment))


def _environment(
    options: Options, key: Secret | None, vllm: Installed, given: Mapping[str, str]
) -> dict[str, str]:
    said = {
        "VLLM_LOGGING_LEVEL": "WARNING",  # INFO is some hundred lines for each start
        **({"VLLM_CPU_KVCACHE_SPACE": "4"} if vllm.for_cpu else {}),  # GiB; else most of the memory
        **given,
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_LOGGING_STREAM": "ext://sys.stderr",
    }
    said.pop(KEY_VARIABLE, None)
    if key is not None:
        said["VLLM_API_KEY"] = key.reveal()
    number = re.fullmatch(r"cuda:(\d+)", options.device)
    if number is not None:
        said["CUDA_VISIBLE_DEVICES"] = number[1]
    return said


def _check(options: Options, vllm: Installed) -> None:
    if vllm.old:
        least = ".".join(map(str, OLDEST))
        message = f"vLLM {vllm.version} takes no drafts of ours: {least} or newer does."
        raise click.UsageError(message)
    wanted = "cpu" if vllm.for_cpu else "cuda"
    if options.device != "auto" and options.device.partition(":")[0] != wanted:
        message = (
            f"vLLM {vllm.version} is built for --device {wanted}, and cannot be told another; "
            "--engine transformers can."
        )
        raise click.UsageError(message)
    _check_more(options.more)


def _check_more(more: Sequence[str]) -> None:
    """Refuse what has its own place, abbreviated as vLLM would take it or not."""
    if more and not more[0].startswith("-"):
        message = f"Got unexpected extra argument ({more[0]})"
        raise click.UsageError(message)
    for word in more:
        name = word.partition("=")[0].replace("_", "-")
        if not name.startswith("--") or name == "--":
            continue
        for ours, instead in _OURS.items():
            if ours.startswith(name):
                message = f"{word.partition('=')[0]} cannot stand after --; use {instead}."
                raise click.UsageError(message)
