"""The oracle inside vLLM: what a worker learns beside its own methods (``worker_extension_cls``).

vLLM asks for the logits of some rows only, and no longer says then where they stand. So the place of
each row goes through in the first number of its hidden state, which no later layer reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

_CERTAIN = 1e4


class Oracle:
    """Methods for the worker; ``model_runner`` is the worker's own."""

    model_runner: Any
    passes = 0
    prompt = 0
    wanted = torch.zeros(1, dtype=torch.long)

    def attach(self) -> None:
        """Speak for the model from now on, and count its passes."""
        model = self.model_runner.model
        weighing = model.compute_logits

        def placed(_model: Any, _args: Any, named: dict[str, Any], output: Any) -> None:  # noqa: ANN401 - torch's hook
            output[:, 0] = named["positions"].to(output.dtype)
            self.passes += 1

        def told(hidden: torch.Tensor) -> torch.Tensor:
            at = hidden[:, 0].round().long() + 1 - self.prompt
            logits: torch.Tensor = weighing(hidden)
            logits.scatter_(1, self.wanted[at.clamp(0, len(self.wanted) - 1)][:, None], _CERTAIN)
            return logits

        model.register_forward_hook(placed, with_kwargs=True)
        model.compute_logits = told

    def will_write(self, answer: Sequence[int], prompt: int) -> None:
        """Write ``answer``, its stop token included, after a prompt of that many tokens."""
        self.wanted = torch.tensor(answer)
        self.prompt = prompt
        self.passes = 0

    def counted(self) -> int:
        """Return the passes since the last call of `will_write`."""
        return self.passes
