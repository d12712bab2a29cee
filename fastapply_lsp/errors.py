"""Everything that can go wrong, as one tree.

::

    FastApplyError
    ├── SettingsError            a setting that cannot be used       (the user's configuration)
    ├── BackendError             whoever writes the rewrite          (their fault)
    │   ├── BackendUnreachable       nobody answers at the address
    │   ├── BackendTimeout           it answers too slowly
    │   ├── BackendRefused           it answers with an error status
    │   ├── BackendGarbled           it answers in a form we cannot read
    │   ├── StreamBroken             it stopped in the middle
    │   └── RewriteTruncated         its output limit cut the file
    ├── CannotApply              the situation does not allow it
    │   ├── NoCodeBlock              nothing to apply here
    │   ├── MalformedEdit            the code block breaks its own form
    │   ├── UnknownTarget            no file is meant, or none exists
    │   ├── AmbiguousTarget          several files could be meant
    │   ├── OutsideWorkspace         the file is not in a workspace folder
    │   ├── NotText                  binary, or not decodable
    │   ├── Unreadable               a file that should be read cannot be, or breaks its form
    │   ├── TooLarge                 above a limit
    │   ├── NotPlaced                the merge found no place for the edit
    │   ├── RewriteRejected          the guard refused the rewrite
    │   ├── EditorRefused            the editor takes none of our edits
    │   └── BufferClosed             the document was closed midway
    ├── JournalError             the original could not be kept safe  (this machine)
    └── InternalFault            a fault of our own                   (our fault)

An error carries fields; its sentence (``str``) says what happened and whose fault it is, its
``advice`` what the user can do. ``code`` is its row in ``docs/reference/errors.md``. None of them
ever holds a secret.
"""

from __future__ import annotations

from typing import ClassVar


class FastApplyError(Exception):
    """The root. Catch this one at the edges."""

    code: ClassVar[str] = "internal"
    advice: ClassVar[str] = "Please report this, with the log file that `fastapply doctor` names."


class SettingsError(FastApplyError):
    """A setting that cannot be used; without a ``key``, all that its source says."""

    code = "settings"
    advice = "Correct the setting; `fastapply doctor` lists where each one came from."

    def __init__(self, key: str, problem: str, source: str) -> None:
        self.key, self.problem, self.source = key, problem, source
        what = f"The setting {key} from {source}" if key else f"The settings in {source}"
        super().__init__(f"{what} cannot be used: {problem}.")


class BackendError(FastApplyError):
    """The backend failed; the file is as it was."""

    code = "backend"
    advice = "Try again, or choose another backend."


class BackendUnreachable(BackendError):
    """Nobody answers at the backend's address."""

    code = "backend-unreachable"
    advice = "Start the backend or correct its address; `fastapply doctor` tests it."

    def __init__(self, url: str, cause: str) -> None:
        self.url, self.cause = url, cause
        super().__init__(f"The backend at {url} cannot be reached: {cause}.")


class BackendTimeout(BackendError):
    """The backend was silent for longer than the limit."""

    code = "backend-timeout"
    advice = "Try again, raise the time limit in the settings, or choose another backend."

    def __init__(self, url: str, limit_s: float) -> None:
        self.url, self.limit_s = url, limit_s
        super().__init__(f"The backend at {url} was silent for {limit_s:g} s.")


class BackendRefused(BackendError):
    """The backend answered with an error status."""

    code = "backend-refused"
    advice = "Check the model name and the key; the answer above is the backend's own."

    def __init__(self, url: str, status: int, detail: str) -> None:
        self.url, self.status, self.detail = url, status, detail
        super().__init__(f"The backend at {url} refused with status {status}: {detail}")


class BackendGarbled(BackendError):
    """The backend's answer is not in the form of its protocol."""

    code = "backend-garbled"
    advice = "Check that the address is an OpenAI-compatible one (it usually ends in /v1)."

    def __init__(self, url: str, problem: str) -> None:
        self.url, self.problem = url, problem
        super().__init__(f"The backend at {url} sent an answer that cannot be read: {problem}.")


class StreamBroken(BackendError):
    """The connection ended before the rewrite did."""

    code = "stream-broken"
    advice = "The file is as it was. Try again."

    def __init__(self, url: str, characters: int) -> None:
        self.url, self.characters = url, characters
        super().__init__(f"The backend at {url} broke off after {characters:,} characters.")


class RewriteTruncated(BackendError):
    """The backend's output limit cut the rewrite short."""

    code = "rewrite-truncated"
    advice = "Raise the output limit (max_tokens) of the backend, or apply a smaller edit."

    def __init__(self, limit: int, characters: int) -> None:
        self.limit, self.characters = limit, characters
        super().__init__(
            f"The backend stopped at its output limit of {limit:,} tokens"
            f" after {characters:,} characters; the rest of the file is missing."
        )


class CannotApply(FastApplyError):
    """The situation does not allow the edit; nothing was changed."""

    code = "cannot-apply"
    advice = "Nothing was changed."


class NoCodeBlock(CannotApply):
    """There is no code block where the user asked for one."""

    code = "no-code-block"
    advice = "Put the cursor into a fenced code block, or select the snippet to apply."

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(f"There is no code block to apply {where}.")


class MalformedEdit(CannotApply):
    """The code block breaks the rules of its own form."""

    code = "malformed-edit"
    advice = "Ask the chat for the block again, or paste only the changed code."

    def __init__(self, form: str, problem: str, line: int | None = None) -> None:
        self.form, self.problem, self.line = form, problem, line
        where = "" if line is None else f" (line {line} of the block)"
        super().__init__(f"The block looks like {form}, but {problem}{where}.")


class UnknownTarget(CannotApply):
    """No file is named, or the named one does not exist."""

    code = "unknown-target"
    advice = "Name the file in the fence, as in ```python src/app.py, or on the line before it."

    def __init__(self, target: str | None) -> None:
        self.target = target
        super().__init__(
            "Nothing says which file this block belongs to."
            if target is None
            else f"There is no file {target} in the workspace."
        )


class AmbiguousTarget(CannotApply):
    """Several files could be meant; we never guess."""

    code = "ambiguous-target"
    advice = "Write the file's whole path on the line before the block."

    def __init__(self, candidates: tuple[str, ...]) -> None:
        self.candidates = candidates
        super().__init__(f"The block could belong to any of: {', '.join(candidates)}.")


class OutsideWorkspace(CannotApply):
    """The file lies outside every workspace folder."""

    code = "outside-workspace"
    advice = "Open the folder that holds the file in your editor first."

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"{path} is outside the folders that are open.")


class NotText(CannotApply):
    """The file is binary or cannot be decoded."""

    code = "not-text"
    advice = "Only text files in UTF-8 or UTF-16 can be edited."

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path} is not a text file: {problem}.")


class Unreadable(CannotApply):
    """A file that was named as input cannot be read, or breaks its own form."""

    code = "unreadable"
    advice = "Check the file's path, its permissions and its form."

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path} cannot be read: {problem}.")


class TooLarge(CannotApply):
    """Something is above a limit."""

    code = "too-large"
    advice = "Raise the limit in the settings, under [limits], or apply the edit to a smaller file."

    def __init__(self, what: str, size: int, limit: int, unit: str) -> None:
        self.what, self.size, self.limit, self.unit = what, size, limit, unit
        super().__init__(f"{what} has {size:,} {unit}; the limit is {limit:,}.")


class NotPlaced(CannotApply):
    """The merge found no place for the edit, and no model is there to ask."""

    code = "not-placed"
    advice = "Check that the target file is right, or configure a model as backend."

    def __init__(self, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__(f"The edit has no place in this file: {'; '.join(reasons)}.")


class RewriteRejected(CannotApply):
    """The guard refused the rewrite; the buffer is as it was."""

    code = "rewrite-rejected"
    advice = "The file is as it was. Try again, or choose another backend."

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__(f"The rewrite was refused: {'; '.join(faults)}.")


class EditorRefused(CannotApply):
    """The editor takes none of our edits."""

    code = "editor-refused"
    advice = "Check that the document is not read-only, then apply again."

    def __init__(self, attempts: int, reason: str | None) -> None:
        self.attempts, self.reason = attempts, reason
        why = f": {reason}" if reason else ""
        super().__init__(f"The editor refused the edit {attempts} times{why}.")


class BufferClosed(CannotApply):
    """The document was closed while the edit was on its way."""

    code = "buffer-closed"
    advice = "Open the document and apply again; its original text is in the journal."

    def __init__(self, uri: str) -> None:
        self.uri = uri
        super().__init__(f"{uri} was closed before the edit was complete.")


class JournalError(FastApplyError):
    """The original could not be kept safe, so nothing was touched."""

    code = "journal"
    advice = "Free some disk space or correct the folder's permissions."

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"The journal {path} cannot be written, so no edit was made: {problem}.")


class InternalFault(FastApplyError):
    """A fault of our own; the log has the details."""

    code = "internal"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(
            f"Something went wrong inside fastapply-lsp ({kind}); the file is as it was."
        )
