"""How editors and agents show a file and an edit to a model, each in its manner.

The forms are those of tools in wide use, in our own words: what matters is where the file, its
path and the edit stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapply_lsp.prompt.build import fenced

Others = Sequence[tuple[str, str]]
"""Other files of the prompt: path and text."""
Shape = Callable[[str, str, str, Others], list[str]]
"""Path, file, edit and other files to the messages."""


def _opened(info: str, text: str) -> str:
    """Return a fence with these words on its opening."""
    whole = fenced(text)
    ticks = len(whole) - len(whole.lstrip("`"))
    return f"{whole[:ticks]}{info}{whole[ticks:]}"


def path_above_the_fence(path: str, file: str, edit: str, others: Others) -> list[str]:
    """All files first, each below its bare path; then the edit in the same form."""
    shown = "\n\n".join(f"{name}\n{fenced(text)}" for name, text in (*others, (path, file)))
    return [
        "Act as an expert developer.",
        f"These files are in the chat:\n\n{shown}",
        f"{path}\n{_opened('text', edit)}",
    ]


def path_on_the_fence(path: str, file: str, edit: str, others: Others) -> list[str]:
    """Language and path on the opening of each fence; the file that is meant comes first."""
    word = path.rpartition(".")[2]
    shown = "\n\n".join(_opened(f"{word} {name}", text) for name, text in ((path, file), *others))
    question = f"Apply this to the file:\n\n{_opened(f'{word} {path}', edit)}\n"
    return [shown, question]


def lines_and_path_on_the_fence(path: str, file: str, edit: str, others: Others) -> list[str]:
    """Line numbers before the path, as in references to code; the edit names nothing."""
    shown = "".join(
        f"{_opened(f'1:{text.count(chr(10))}:src/{name}', text)}\n\n" for name, text in others
    )
    return [
        f"{shown}{_opened(f'1:{file.count(chr(10))}:src/{path}', file)}",
        f"Now merge this:\n\n{fenced(edit)}\n\nInto {path}, please.",
    ]


def tags_with_paths(path: str, file: str, edit: str, others: Others) -> list[str]:
    """Each file in a tag that names it, the edit in a tag of its own."""
    shown = "\n\n".join(
        f'<file_content path="{name}">\n{text}</file_content>'
        for name, text in ((path, file), *others)
    )
    return [f"Edit `{path}`.\n\n{shown}", f'<code_edit path="{path}">\n{edit}</code_edit>']


def tags_of_an_apply_model(path: str, file: str, edit: str, others: Others) -> list[str]:
    """The file and the edit in tags, in one message, inside the words of a chat template."""
    del path, others
    shown = f"<original_code>\n{file}</original_code>"
    update = f"<update_snippet>\n{edit}</update_snippet>"
    return [f"[INST]{shown}\n\n{update}\n\nWrite the updated file.[/INST]"]


def edit_first(path: str, file: str, edit: str, others: Others) -> list[str]:
    """The edit, and then the file that it belongs to."""
    del others
    return [f"Apply this change:\n\n{fenced(edit)}\n\nto {path}:\n\n{fenced(file)}\n"]


SHAPES: dict[str, Shape] = {
    shape.__name__: shape
    for shape in (
        path_above_the_fence,
        path_on_the_fence,
        lines_and_path_on_the_fence,
        tags_with_paths,
        tags_of_an_apply_model,
        edit_first,
    )
}
