"""Every switch of the program: its name, its meaning, its default. Values only; nothing is read.

``files.settings_sources`` reads them from the call, the environment, the editor and the user's
file. This module stands on the ground floor, beside ``errors``, because ``backends`` and ``files``
both need it and do not know each other. The descriptions are the text of the settings reference.
"""

# ruff: noqa: RUF009 - `_setting` returns a dataclass field, as `field` itself does

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

BackendName = Literal["auto", "embedded", "openai", "completions", "scripted"]
DialectName = Literal[
    "fastapply", "morph", "relace", "kortix", "osmosis", "search_replace", "unified_diff"
]
DraftWay = Literal["auto", "no", "prediction", "vllm", "vllm_prompt"]
CompletionsProtocol = Literal["openai", "sglang"]
Continuation = Literal["no", "continue_final_message", "prefix"]
LogLevel = Literal["debug", "info", "warning", "error"]
ReviewMode = Literal["ask", "accept"]


class Secret:
    """A text that no log, error, ``repr`` or ``asdict`` ever shows.

    >>> key = Secret("sk-123")
    >>> print(key, repr(key), f"{key:>5}", key.reveal() == "sk-123")
    *** Secret('***') *** True
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; only for the request that needs it, and for redaction."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Header:
    """One more HTTP header; its value may be a credential, so it is kept as one."""

    name: str
    value: Secret


def _setting(default: T, what: str, *, minimum: float | None = None) -> T:
    return field(default=default, metadata={"what": what, "minimum": minimum})


@dataclass(frozen=True, slots=True)
class OpenAISettings:
    """The server that is asked for rewrites: any with an OpenAI-compatible chat endpoint."""

    base_url: str | None = _setting(
        None,
        "Address of the server, up to and including `/v1`. Without it no model is configured.",
    )
    model: str | None = _setting(
        None, "Name of the model. Without it none is sent, and the server takes its own."
    )
    api_key: Secret | None = _setting(
        None,
        "Key for the server. It goes to the host of `base_url` in the user's own settings only.",
    )
    api_key_env: str | None = _setting(
        None,
        "Name of the environment variable that holds the key. Only the user's own file or"
        " environment may set it.",
    )
    headers: tuple[Header, ...] = _setting(
        (), "More HTTP headers, name to value; guarded as the key is. In the environment: JSON."
    )
    dialect: DialectName = _setting(
        "fastapply",
        "The prompt that the model was trained for; `fastapply` suits any chat model. With"
        " `search_replace` and `unified_diff` it answers with an edit, which the merge places.",
    )
    takes_prediction: bool = _setting(
        False,
        "Whether the server takes the draft as `prediction`; `fastapply doctor` finds out.",
    )
    draft: DraftWay = _setting(
        "auto",
        "How the draft goes to the server. `auto`: as `prediction` where `takes_prediction` says so"
        " or the host is known to take it; `no`: not at all; `prediction`: in any case; `vllm`: as"
        " text for this project's vLLM plug-in; `vllm_prompt`: the plug-in finds it in the prompt.",
    )
    continuation: Continuation = _setting(
        "no",
        "How the server continues a rewrite that its output limit cut off: not at all, by vLLM's"
        " `continue_final_message`, or by a `prefix` message as DeepSeek and Mistral do.",
    )
    max_tokens: int = _setting(
        32_768, "Highest output limit that one request asks for, in tokens.", minimum=1
    )
    context_tokens: int = _setting(
        0,
        "How many tokens the prompt and the answer may have together; 0 where that is unknown. A"
        " file that does not fit is rewritten in windows.",
        minimum=0,
    )
    dialogue_tokens: int = _setting(
        8_000, "Room for the dialogue in the prompt, in tokens; the oldest turns go.", minimum=0
    )
    connect_timeout_s: float = _setting(
        10.0, "How long connecting may take, in seconds.", minimum=0.001
    )
    silence_timeout_s: float = _setting(
        60.0, "How long the server may be silent, in seconds.", minimum=0.001
    )


@dataclass(frozen=True, slots=True)
class CompletionsSettings:
    """The backend that verifies a draft over a plain completions endpoint, chunk by chunk.

    It asks the server, and with the model and key, of ``OpenAISettings``.
    """

    protocol: CompletionsProtocol = _setting(
        "openai",
        "What the server of `openai.base_url` speaks: `/completions` with `echo` and `logprobs`, or"
        " SGLang's `/generate`.",
    )
    chunk_tokens: int = _setting(4_096, "Most draft tokens that one call verifies.", minimum=1)


@dataclass(frozen=True, slots=True)
class ScriptedSettings:
    """The backend that plays a script, for demos and tests."""

    script: str | None = _setting(None, "File with the script, TOML or JSON.")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on everything, so that a surprise is an error with a number and not a hang."""

    file_bytes: int = _setting(5_000_000, "Largest file to edit, in bytes.", minimum=1)
    file_lines: int = _setting(100_000, "Longest file to edit, in lines.", minimum=1)
    edit_bytes: int = _setting(2_000_000, "Largest code block to apply, in bytes.", minimum=1)
    known_files: int = _setting(
        50_000, "How many files of the workspace are looked at to find a target.", minimum=1
    )
    journal_bytes: int = _setting(
        64_000_000, "How much the journal keeps of finished edits, in bytes.", minimum=1
    )


@dataclass(frozen=True, slots=True)
class Lenses:
    """Which lenses the editor shows; actions and commands stay in any case."""

    chat: bool = _setting(True, "Show `Apply to PATH` above code blocks of a chat document.")
    review: bool = _setting(True, "Show accept and reject above the hunks of an edit.")


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration for all backends and front ends."""

    backend: BackendName = _setting(
        "auto",
        "Who writes the rewrite. `auto` takes the embedded merge where it is certain, else the"
        " model if one is configured, else the merge's guess, marked unsure.",
    )
    review: ReviewMode = _setting(
        "ask",
        "Whether hunks wait for accept or reject, or are accepted at once. What is unsure, was not"
        " asked for or was refused waits in any case.",
    )
    log_level: LogLevel = _setting("info", "How much the log file holds.")
    openai: OpenAISettings = field(default_factory=OpenAISettings)
    completions: CompletionsSettings = field(default_factory=CompletionsSettings)
    scripted: ScriptedSettings = field(default_factory=ScriptedSettings)
    limits: Limits = field(default_factory=Limits)
    lenses: Lenses = field(default_factory=Lenses)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the settings reference: a switch, as the sources name it.

    ``kind`` is the type that parses it, ``form`` the same in words for readers.
    """

    name: str
    environment: str
    kind: Any
    default: object
    what: str
    minimum: float | None

    @property
    def form(self) -> str:
        """What may stand here, in words."""
        return _form(self.kind, self.minimum)

    @property
    def secret(self) -> bool:
        """Whether the value may be a credential."""
        return Secret in get_args(self.kind) or Header in get_args(self.kind)


def describe() -> tuple[Setting, ...]:
    """Return every setting, in the order of the reference.

    >>> [row.name for row in describe()][:2], describe()[0].environment
    (['backend', 'review'], 'FASTAPPLY_BACKEND')
    """
    return tuple(_rows(Settings, ""))


def _rows(kind: type[Any], prefix: str) -> Iterator[Setting]:
    hints = get_type_hints(kind)
    for one in fields(kind):
        name = prefix + one.name
        if is_dataclass(hints[one.name]):
            yield from _rows(hints[one.name], f"{name}.")
            continue
        environment = "FASTAPPLY_" + name.replace(".", "_").upper()
        what, minimum = one.metadata["what"], one.metadata["minimum"]
        yield Setting(name, environment, hints[one.name], one.default, what, minimum)


_WORDS: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    Secret: "text, kept secret",
}


def _form(kind: Any, minimum: float | None) -> str:  # noqa: ANN401 - a type, of whatever sort
    if get_origin(kind) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(kind))
    for part, words in _WORDS.items():
        if kind is part or part in get_args(kind):
            return words if minimum is None else f"{words}, at least {minimum:g}"
    return "table of name and value"
