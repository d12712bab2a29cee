"""The prompt of a model that only continues, and where its answer ends."""

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.prompt.completion import FencedAnswer, completion_prompt
from fastapply_lsp.request.model import EditFile, Message

CALL = EditFile(
    "src/total.py",
    "I sum with the builtin.",
    "```python\ndef total(xs):\n    return sum(xs)\n```\n",
    (Message("user", "Make it shorter."),),
)
PROMPT = """\
The file src/total.py:

```
def total(xs):
    return 0
```

The conversation about it:

```
user: Make it shorter.
```

The edit, where `... existing code ...` is what stays:

```
def total(xs):
    return sum(xs)
```

What the edit is for: I sum with the builtin.

The whole file src/total.py after the edit, every line written out:

```py
"""


def test_what_the_model_continues() -> None:
    prompt = completion_prompt(
        CALL, "src/total.py", "def total(xs):\r\n    return 0", predicted="", dialogue_tokens=99
    )
    assert (prompt.text, prompt.fence) == (PROMPT, "```")


def test_asked_again_it_names_the_faults() -> None:
    prompt = completion_prompt(
        CALL, "f", "", predicted="", dialogue_tokens=0, refused=("line 2: wrong",)
    )
    assert "must not have:\n\n- line 2: wrong\n\nThe whole file f" in prompt.text


fences = st.lists(st.sampled_from(["a", "`", "```", "````\n", "\n", "\r\n", " "]), max_size=12).map(
    "".join
)


@given(fences, fences, fences)
def test_no_text_closes_the_fence(code: str, edit: str, predicted: str) -> None:
    prompt = completion_prompt(
        EditFile("f", "", edit), "f", code, predicted=predicted, dialogue_tokens=0
    )
    assert prompt.text.endswith(f"\n{prompt.fence}text\n")
    fenced = edit.lstrip().startswith("```")  # a fence of the chat's own is left out
    for text in (code, predicted) if fenced else (code, edit, predicted):
        assert prompt.fence not in text


@given(fences, st.data())
def test_the_cutting_of_the_answer_changes_nothing(answer: str, data: st.DataObject) -> None:
    whole = FencedAnswer("```")
    expected = whole.push(answer) + whole.finish()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(answer)), max_size=8)))
    stage = FencedAnswer("```")
    said = ""
    for start, end in zip([0, *cuts], [*cuts, len(answer)], strict=True):
        said += stage.push(answer[start:end])
        assert expected.startswith(said)
    assert said + stage.finish() == expected
    assert (
        stage.closed == whole.closed == any(line.startswith("```") for line in answer.split("\n"))
    )


def test_what_comes_before_the_fence_is_the_file() -> None:
    stage = FencedAnswer("```")
    assert stage.push("a = 1\n  ```\nb") == "a = 1\n  ```\nb"
    assert stage.push("\n") == "\n"
    assert stage.push("```\n\nThat is it.") == ""
    assert stage.closed
