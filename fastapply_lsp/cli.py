"""The command line: reads arguments and hands them to `commands`.

Whatever a command needs is imported when it runs, so that ``--help`` answers at once. The texts
here are the reference; `docs/reference/cli.md` is made of them.
"""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fastapply_lsp import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ADDRESS = "127.0.0.1:2087"
_BACKEND_HELP = "auto, embedded, openai, completions or scripted; else as the settings say."
_DRAFT_TOKENS_HELP = "vLLM's longest draft in one pass (128, which is its own limit)."
_JSON_HELP = "Print one JSON object instead of words."
_ONLY_ASKED_HELP = "Leave out, and show, what a model changed beyond the block."


class _Grouped(click.Group):
    """Lists the commands in the order in which they are defined."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


@click.group(cls=_Grouped, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fastapply")
def program() -> None:
    """Put the code block of a chat into a file, as small and safe edits."""


@program.command()
@click.argument("file", metavar="FILE")
@click.option("--edit", required=True, metavar="EDIT", help="File with the code block; - is stdin.")
@click.option("--instructions", default="", metavar="TEXT", help="What the edit shall do.")
@click.option("--chat", metavar="CHAT.md", help="The dialogue before the block, in Markdown.")
@click.option("--backend", metavar="NAME", help=_BACKEND_HELP)
@click.option("--write", is_flag=True, help="Write the file, if the edit is certain.")
@click.option("--diff", is_flag=True, help="Print a unified diff (what happens otherwise).")
@click.option("--stdout", is_flag=True, help="Print the whole new file, byte for byte.")
@click.option("--only-asked", is_flag=True, help=_ONLY_ASKED_HELP)
@click.option("--json", "as_json", is_flag=True, help=_JSON_HELP)
def apply(
    file: str,
    edit: str,
    instructions: str,
    chat: str | None,
    backend: str | None,
    **switches: bool,
) -> int:
    """Apply the code block EDIT to FILE.

    EDIT may be a snippet with "... existing code ..." markers, a unified diff, search/replace
    blocks, whole definitions, or a whole file; with or without its fence.

    Exit status: 0 applied; 1 not certain, or rejected by a check; 2 bad usage or input; 3 the
    backend failed. Nothing is written unless it is 0; --diff and --stdout show an uncertain guess
    all the same. The original goes to the journal before a file is written.
    """
    from fastapply_lsp.commands.apply import Arguments, Mode, run

    modes = [mode for mode in Mode if switches[mode.value]]
    if len(modes) > 1:
        raise click.UsageError("--write, --diff and --stdout exclude each other.")
    mode = modes[0] if modes else None
    arguments = Arguments(
        file, edit, instructions, chat, backend, mode, only_asked=switches["only_asked"]
    )
    return run(arguments, as_json=switches["as_json"])


def _lsp(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of the server, which two programs share."""
    address: dict[str, Any] = {"metavar": "[HOST:]PORT", "is_flag": False, "flag_value": ADDRESS}
    options = (
        click.option("--stdio", is_flag=True, help="Speak over stdin and stdout (the default)."),
        click.option("--tcp", **address, help=f"Listen on a TCP port; alone, {ADDRESS}."),
        click.option("--ws", **address, help="The same for WebSocket clients. Port 0 takes any."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@program.command()
@_lsp
def lsp(tcp: str | None, ws: str | None, *, stdio: bool) -> int:
    """Start the language server.

    It writes nothing but the protocol to stdout; `fastapply doctor` names its log file. Each
    client of --tcp and --ws gets a process of its own.
    """
    if stdio + (tcp is not None) + (ws is not None) > 1:
        raise click.UsageError("--stdio, --tcp and --ws exclude each other.")
    from fastapply_lsp.commands.lsp import run

    return run(tcp, ws)


@program.command()
@click.argument("model", metavar="MODEL", type=click.Path(path_type=Path))
@click.argument("more", metavar="[-- VLLM-OPTION...]", nargs=-1, type=click.UNPROCESSED)
@click.option("--engine", default="auto", type=click.Choice(["auto", "vllm", "transformers"]))
@click.option("--host", default="127.0.0.1", metavar="HOST", help="Listen here (127.0.0.1).")
@click.option("--port", default=8000, type=click.IntRange(0, 65535), help="0 takes any (8000).")
@click.option("--name", metavar="NAME", help="What clients call the model; its folder's name.")
@click.option("--device", default="auto", metavar="DEVICE", help="cpu, cuda, cuda:1 (auto).")
@click.option("--dtype", default="auto", metavar="TYPE", help="bfloat16, float32 (auto).")
@click.option("--draft-tokens", default=0, type=click.IntRange(0, 128), help=_DRAFT_TOKENS_HELP)
def serve(model: Path, name: str | None, **how: Any) -> int:  # noqa: ANN401 - click's own
    """Serve the model in the folder MODEL, with drafts, to any OpenAI client.

    By vLLM with this project's plug-in where vLLM is installed, else by a small server of its own,
    which needs the extra "engine"; --engine chooses. Options after -- go to vLLM, for instance
    --tensor-parallel-size 2.

    Nothing is fetched from the network: MODEL is a folder as models are published, with
    config.json, weights and tokenizer. Requests may bring a draft; else it is made of the file and
    the edit in the prompt.

    It listens on this machine only. With another --host, the environment variable
    FASTAPPLY_SERVE_API_KEY must hold a key, which clients then send.

    Exit status: 0 ended by a signal; 2 bad usage, or MODEL cannot be loaded; 3 vLLM ended by
    itself.
    """
    from fastapply_lsp.commands.serve import Options, run

    return run(Options(model=model, name=name or model.resolve().name, **how))


@program.command()
@click.option("--backend", metavar="NAME", help=_BACKEND_HELP)
@click.option("--json", "as_json", is_flag=True, help=_JSON_HELP)
def doctor(backend: str | None, *, as_json: bool) -> int:
    """Show what is installed and set, and ask the backend.

    Versions, settings and where each came from, grammars, folders; whether the backend answers,
    and whether it takes a draft as prediction. Secrets are never printed. Exit status: 0 all well; 2 a setting cannot be used; 3 the backend
    does not answer.
    """
    from fastapply_lsp.commands.doctor import run

    return run(backend, as_json=as_json)


@program.group("eval")
def evaluation() -> None:
    """Measure a backend, the guard or the draft on cases with known answers."""


@evaluation.command("run")
@click.argument("cases", metavar="CASES.jsonl[.gz]")
@click.option("--backend", required=True, metavar="NAME", help=_BACKEND_HELP)
@click.option(
    "--dialect",
    "dialects",
    metavar="NAME",
    multiple=True,
    help="How a model is asked; given again, the dialects are compared.",
)
@click.option("--out", metavar="RESULTS.jsonl", help="Write one line per case.")
@click.option("--json", "as_json", is_flag=True, help=_JSON_HELP)
def evaluate(
    cases: str, backend: str, out: str | None, *, dialects: tuple[str, ...], as_json: bool
) -> int:
    """Apply each case and compare with its expected file.

    A case is one JSON object on a line; it needs "original", "code_edit" and "expected", all else
    is optional. Cases tagged eof_newline_changed run, but count in no figure.

    Exit status: 0 the run completed, whatever the accuracy; 2 bad usage or input; 3 nobody
    answers at the backend's address.
    """
    from fastapply_lsp.commands.evaluate import run

    return run(cases, backend, out, dialects=tuple(dict.fromkeys(dialects)), as_json=as_json)


@evaluation.command("guard")
@click.argument("cases", metavar="CASES.jsonl[.gz]")
@click.option("--written", metavar="WRITTEN.jsonl[.gz]", help="Judge these rewrites, too.")
@click.option("--out", metavar="RESULTS.jsonl", help="Write one line per rewrite.")
@click.option("--json", "as_json", is_flag=True, help=_JSON_HELP)
def evaluate_guard(cases: str, written: str | None, out: str | None, *, as_json: bool) -> int:
    """Plant a model's faults into each case and see what the guard makes of them.

    Each expected file is spoilt in about thirty ways, one fault and several at a time, and judged
    as a model's rewrite of the original. So are rewrites without a fault, which must pass. No
    backend is asked. Cases tagged eof_newline_changed are left out.

    Exit status: 0 the run completed, whatever the guard caught; 2 bad usage or input.
    """
    from fastapply_lsp.commands.guard_evaluation import run

    return run(cases, written, out, as_json=as_json)


@evaluation.command("draft")
@click.argument("cases", metavar="CASES.jsonl[.gz]")
@click.option("--tokenizer", metavar="FILE", help="A tekken.json or tokenizer.json.")
@click.option("--draft-tokens", type=click.IntRange(1), metavar="K", help="No limit otherwise.")
@click.option("--written", metavar="WRITTEN.jsonl[.gz]", help="What the model writes instead.")
@click.option("--json", "as_json", is_flag=True, help=_JSON_HELP)
def evaluate_draft(
    cases: str,
    tokenizer: str | None,
    draft_tokens: int | None,
    written: str | None,
    *,
    as_json: bool,
) -> int:
    """Count the tokens that a forward pass gives with our draft, and with others.

    An oracle writes each expected file, or the one that WRITTEN has for the case. The ceiling is
    the expected file as draft, and a cursor that is told the right place at once. Without FILE the
    tokens are those of mistral-common, which the extra "eval" brings.

    Exit status: 0 the run completed; 2 bad usage or input.
    """
    from fastapply_lsp.commands.draft_evaluation import run

    return run(cases, tokenizer, draft_tokens, written, as_json=as_json)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fastapply-lsp")
@_lsp
@click.pass_context
def server(ctx: click.Context, /, **options: object) -> int:
    """Start the language server; the same as `fastapply lsp`."""
    code: int = ctx.invoke(lsp, **options)
    return code


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``fastapply``; leaves by `SystemExit`."""
    from fastapply_lsp.commands.guarded import guarded

    sys.exit(guarded(program, "fastapply", arguments))


def lsp_main(arguments: Sequence[str] | None = None) -> None:
    """Run ``fastapply-lsp``; leaves by `SystemExit`."""
    from fastapply_lsp.commands.guarded import guarded

    sys.exit(guarded(server, "fastapply-lsp", arguments))
