"""What does a client hear that asks for something it cannot get? A sentence, in OpenAI's form."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The request is not served; the sentence says why.

    Args:
        sentence: for the person behind the client.
        status: of HTTP.
        param: the field that is at fault, if it is one.
        code: as OpenAI names the case, if it does.
    """

    def __init__(
        self, sentence: str, *, status: int = 400, param: str | None = None, code: str | None = None
    ) -> None:
        self.status, self.param, self.code = status, param, code
        # Half a surrogate pair, which JSON may carry in and UTF-8 not out again.
        super().__init__(sentence.encode("utf-8", "replace").decode())

    def body(self) -> dict[str, Any]:
        """Return the body of the answer."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"  # noqa: PLR2004 - where HTTP's own faults begin
        return {
            "error": {
                "message": str(self),
                "type": kind,
                "param": self.param,
                "code": self.code,
            }
        }
