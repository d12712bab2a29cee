"""What `fastapply serve` starts where vLLM is installed: pure, and without vLLM."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.commands import serve
from fastapply_lsp.commands.serve import Options
from fastapply_lsp.commands.vllm_launch import Installed, Launch, launch_of
from fastapply_lsp.commands.vllm_process import Ended
from fastapply_lsp.settings import Secret
from tests.cli.conftest import Fastapply

PLAIN = Options(
    model=Path("/models/seven"),
    name="seven",
    host="127.0.0.1",
    port=8000,
    device="auto",
    dtype="auto",
    engine="auto",
    draft_tokens=0,
    more=(),
)
GPU, CPU = Installed("0.32.0"), Installed("0.32.0+cpu")


def launched(
    vllm: Installed = GPU,
    key: Secret | None = None,
    given: dict[str, str] | None = None,
    **changes: Any,
) -> Launch:
    return launch_of(replace(PLAIN, **changes), key, vllm, given or {})


def value(launch: Launch, option: str) -> str:
    return launch.arguments[launch.arguments.index(option) + 1]


def test_the_command_line_of_a_gpu() -> None:
    launch = launched(host="::1", port=8123, dtype="bfloat16")
    assert launch.arguments[:5] == (
        *(sys.executable, "-m", "vllm.entrypoints.cli.main", "serve"),
        str(Path("/models/seven")),
    )
    assert value(launch, "--served-model-name") == "seven"
    assert (value(launch, "--host"), value(launch, "--port")) == ("::1", "8123")
    assert value(launch, "--dtype") == "bfloat16"
    assert json.loads(value(launch, "--speculative-config")) == {
        "method": "custom_class",
        "model": "fastapply_lsp.engines.vllm.proposer.Proposer",
        "num_speculative_tokens": 128,
    }
    assert "--enforce-eager" not in launch.arguments
    assert "VLLM_CPU_KVCACHE_SPACE" not in launch.environment


def test_a_cpu_gets_no_graphs_and_not_all_the_memory() -> None:
    launch = launched(CPU)
    assert "--enforce-eager" in launch.arguments
    assert launch.environment["VLLM_CPU_KVCACHE_SPACE"] == "4"
    said = launched(CPU, given={"VLLM_CPU_KVCACHE_SPACE": "9", "VLLM_LOGGING_LEVEL": "INFO"})
    assert said.environment["VLLM_CPU_KVCACHE_SPACE"] == "9"
    assert said.environment["VLLM_LOGGING_LEVEL"] == "INFO"


def test_each_request_is_told_what_became_of_its_drafts_where_vllm_can() -> None:
    assert value(launched(), "--per-request-spec-decode-metrics") == "summary"
    assert "--per-request-spec-decode-metrics" not in launched(Installed("0.31.1")).arguments


def test_nothing_is_asked_of_the_network() -> None:
    environment = launched(given={"HF_HUB_OFFLINE": "0", "PATH": "/bin"}).environment
    assert environment["HF_HUB_OFFLINE"] == environment["TRANSFORMERS_OFFLINE"] == "1"
    assert environment["VLLM_NO_USAGE_STATS"] == "1"
    assert environment["PATH"] == "/bin"


def test_the_users_own_options_come_last() -> None:
    launch = launched(more=("--tensor-parallel-size", "2", "-pp", "2"))
    assert launch.arguments[-4:] == ("--tensor-parallel-size", "2", "-pp", "2")


@given(key=st.text(st.characters(exclude_categories=["C"]), min_size=8), name=st.text(max_size=7))
def test_no_key_is_ever_an_argument(key: str, name: str) -> None:
    given = {"FASTAPPLY_SERVE_API_KEY": key}
    launch = launched(key=Secret(key), given=given, name=name)
    assert launch.environment["VLLM_API_KEY"] == key
    assert "FASTAPPLY_SERVE_API_KEY" not in launch.environment
    assert all(argument == name or key not in argument for argument in launch.arguments)


def test_without_a_key_none_is_set() -> None:
    assert "VLLM_API_KEY" not in launched().environment


@pytest.mark.parametrize(
    ("vllm", "device", "visible"),
    [(GPU, "auto", None), (GPU, "cuda", None), (GPU, "cuda:3", "3"), (CPU, "cpu", None)],
)
def test_the_device(vllm: Installed, device: str, visible: str | None) -> None:
    assert launched(vllm, device=device).environment.get("CUDA_VISIBLE_DEVICES") == visible


@pytest.mark.parametrize(
    ("vllm", "changes", "says"),
    [
        (GPU, {"device": "cpu"}, "built for --device cuda"),
        (CPU, {"device": "cuda:1"}, "built for --device cpu"),
        (Installed("0.19.1"), {}, "0.24 or newer"),
        (GPU, {"more": ("two", "words")}, r"unexpected extra argument \(two\)"),
        (GPU, {"more": ("--host", "0.0.0.0")}, "use --host"),
        (GPU, {"more": ("--host=0.0.0.0",)}, "use --host"),
        (GPU, {"more": ("--ho", "0.0.0.0")}, "use --host"),
        (GPU, {"more": ("-tp", "2", "--uds", "/tmp/x")}, "use --host"),
        (GPU, {"more": ("--api_key", "secret")}, "FASTAPPLY_SERVE_API_KEY"),
        (GPU, {"more": ("--served-model-name", "a")}, "use --name"),
    ],
)
def test_what_vllm_cannot_do_is_a_sentence(
    vllm: Installed, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(click.UsageError, match=says):
        launched(vllm, **changes)


@pytest.mark.parametrize("version", ["0.24.0", "0.33.1", "1.0", "dev", "0.32.0+cpu"])
def test_versions_that_take_our_drafts(version: str) -> None:
    assert not Installed(version).old


def test_a_vllm_that_does_not_know_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    with pytest.raises(click.UsageError, match="does not find its own version"):
        Installed.found()


Pretended = Callable[[Ended], list[tuple[Launch, str]]]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "seven"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def vllm(monkeypatch: pytest.MonkeyPatch) -> Pretended:
    """Let vLLM seem to be installed, and a start end as told; returns what was started."""

    def pretended(ended: Ended) -> list[tuple[Launch, str]]:
        started: list[tuple[Launch, str]] = []

        def run(launch: Launch, health: str, announce: Callable[[], object]) -> Ended:
            started.append((launch, health))
            if ended.ready:
                announce()
            return ended

        monkeypatch.setattr(serve, "find_spec", lambda name: name)
        monkeypatch.setattr(metadata, "version", lambda name: "0.32.0")
        monkeypatch.setattr("fastapply_lsp.commands.vllm_process.run", run)
        return started

    return pretended


def test_where_vllm_is_installed_it_serves(
    fastapply: Fastapply, vllm: Pretended, model: Path
) -> None:
    started = vllm(Ended(status=0, asked=True, ready=True))
    ran = fastapply("serve", str(model), "--port", "0", "--draft-tokens", "64", "--", "-tp", "2")
    (launch, health), *others = started
    assert (ran.exit, others) == (0, [])
    port = value(launch, "--port")
    assert int(port) > 0
    assert ran.out.decode() == f"seven at http://127.0.0.1:{port}/v1\n"
    assert health == f"http://127.0.0.1:{port}/health"
    assert json.loads(value(launch, "--speculative-config"))["num_speculative_tokens"] == 64
    assert launch.arguments[-2:] == ("-tp", "2")


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (Ended(status=1, asked=False, ready=False), (2, "ended with status 1 before it served")),
        (Ended(status=-9, asked=False, ready=True), (3, "vLLM ended by itself, with status -9")),
        (Ended(status=0, asked=True, ready=False), (0, "vLLM 0.32.0 starts")),
    ],
)
def test_how_it_ends(
    fastapply: Fastapply, vllm: Pretended, model: Path, ended: Ended, told: tuple[int, str]
) -> None:
    vllm(ended)
    ran = fastapply("serve", str(model), "--port", "0")
    code, says = told
    assert (ran.exit, says in ran.err) == (code, True)


def test_without_a_key_other_machines_cannot_reach_it(
    fastapply: Fastapply, vllm: Pretended, model: Path
) -> None:
    started = vllm(Ended(status=0, asked=True, ready=True))
    ran = fastapply("serve", str(model), "--host", "0.0.0.0", "--port", "0")
    assert (ran.exit, started) == (2, [])
    assert "FASTAPPLY_SERVE_API_KEY" in ran.err


def test_a_folder_without_a_model_starts_nothing(
    fastapply: Fastapply, vllm: Pretended, tmp_path: Path
) -> None:
    started = vllm(Ended(status=0, asked=True, ready=True))
    ran = fastapply("serve", str(tmp_path / "none"))
    assert (ran.exit, started) == (2, [])
    assert "there is no such folder" in ran.err


def test_the_choice_of_the_engine(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    ran = fastapply("serve", str(model), "--engine", "vllm")
    assert (ran.exit, "vLLM is not installed" in ran.err) == (2, True)
    for words in (["--draft-tokens", "4"], ["--", "-tp", "2"]):
        ran = fastapply("serve", str(model), *words)
        assert (ran.exit, "are for vLLM" in ran.err) == (2, True)
