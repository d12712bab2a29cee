"""What is the text of OpenAI's ``prediction``? It comes whole or in parts.

Source: OpenAI's reference of /v1/chat/completions, ``prediction``.
"""

from __future__ import annotations


class NoPredictionError(ValueError):
    """Something else stands in the field: ``value`` should be ``form``."""

    def __init__(self, form: str, value: object) -> None:
        super().__init__(f"a prediction must be {form}")
        self.form = form
        self.value = value


def prediction_text(value: object) -> str | None:
    """Return the text, or ``None`` where there is no prediction.

    Raises:
        NoPredictionError: it has another form.

    >>> prediction_text({"type": "content", "content": [{"type": "text", "text": "a = 1"}]})
    'a = 1'
    """
    match value:
        case None:
            return None
        case {"type": "content", "content": str(content)}:
            return content
        case {"type": "content", "content": [*parts]}:
            return "".join(_part(part) for part in parts)
        case _:
            form = '{"type": "content", "content": a text}'
            raise NoPredictionError(form, value)


def _part(part: object) -> str:
    match part:
        case {"type": "text", "text": str(text)}:
            return text
        case _:
            form = "made of text alone"
            raise NoPredictionError(form, part)
