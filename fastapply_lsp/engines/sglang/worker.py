"""The hook: SGLang's worker for n-grams, whose drafts give way to ours. Not run.

SGLang verifies a fixed number of tokens for each request of a batch, whether they make sense or
not. So nothing is saved by short drafts, and the requests of a batch need not share: how many
tokens it is, the server's flags say. A request for which there is no draft keeps what SGLang's
n-grams found.

Law: what is drafted depends on the request and on what was written, never on a clock: each rank of
a tensor-parallel server drafts for itself, and all must draft the same. So the sources of a draft
are found in the first step of its request, in which the others wait for a merge.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.engines.asked import WrongFieldError, asked_of
from fastapply_lsp.engines.interface import ChangedError, expect
from fastapply_lsp.engines.ledger import Ledger, Row
from fastapply_lsp.engines.sglang.interface import MODEL, REQUEST, STAGED
from fastapply_lsp.engines.sources import Finder, ready
from fastapply_lsp.engines.tokens import texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from fastapply_lsp.engines.diary import Diary


def worker_class(base: Any, diary: Diary) -> Any:  # noqa: ANN401 - SGLang's class
    """Return ``NGRAMWorker`` with our drafts in its batches."""

    class FastApplyWorker(base):  # type: ignore[misc] # known at run time only
        """As its base, and never worse off for what happens here."""

        def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - as its base
            super().__init__(*given, **named)
            self._fastapply: Drafts | None = None
            try:
                self._fastapply = Drafts(self, diary)
                diary.note_not_run()
            except Exception as error:  # noqa: BLE001 - the server runs without drafts, too
                diary.say(error)

        def _prepare_draft_tokens(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as its base
            prepared = super()._prepare_draft_tokens(*given, **named)
            if self._fastapply is not None:
                try:
                    self._fastapply.fill(self, *given, *named.values(), *prepared)
                except Exception as error:  # noqa: BLE001 - an error here would end the engine
                    self._fastapply = None
                    diary.say(error)
            return prepared

    return FastApplyWorker


class Drafts:
    """Our drafts for the batches of one worker.

    Args:
        worker: SGLang's, made.
        diary: is told of requests that fail.

    Raises:
        ChangedError: the worker is not as expected.
    """

    def __init__(self, worker: Any, diary: Diary) -> None:  # noqa: ANN401 - SGLang's
        expect(worker, MODEL, "the worker")
        model = worker.model_runner.model_config
        tokenizer = worker.target_worker.tokenizer
        if tokenizer is None:
            raise ChangedError("tokenizer, which `--skip-tokenizer-init` leaves out")
        self._width: int = worker.draft_token_num
        self._finder = Finder(tokenizer, model.context_len)
        self._ledger = Ledger(
            Vocabulary.of(texts_of(tokenizer, model.vocab_size)),
            limit=self._width - 1,
            context=model.context_len,
            begin=self._begin,
            tell=diary.say,
        )

    def fill(
        self,
        worker: Any,  # noqa: ANN401 - SGLang's
        batch: Any,  # noqa: ANN401 - SGLang's
        tokens: NDArray[np.int64],
        mask: NDArray[np.int64],
    ) -> None:
        """Put a draft in the place of what was prepared, for each request that has one.

        Args:
            worker: that has just prepared the batch.
            batch: the requests, in ``reqs``.
            tokens: ``[requests * width]``; of each request the last token that is written, and then
                what is drafted. Changed in place.
            mask: ``[requests * width * width]``; 1 where a token stands before another, or is it.
                Changed in place.

        Raises:
            ChangedError: SGLang is not as expected; then nothing was changed.
        """
        count, width = len(batch.reqs), self._width
        if tokens.shape != (count * width,) or mask.shape != (count * width * width,):
            raise ChangedError("drafts in the shape that is known")
        expect(worker, STAGED, "the worker")
        rows = [
            self._row(request, _unseen(worker, batch, at)) for at, request in enumerate(batch.reqs)
        ]
        # One by one, for they need not share: see above.
        drafts = [self._ledger.propose([row])[0] for row in rows]
        self._ledger.forget_all_but({row.name for row in rows})
        chain = np.tri(width, dtype=mask.dtype)
        for draft, nodes, ancestors in zip(
            drafts, tokens.reshape(count, width), mask.reshape(count, width, width), strict=True
        ):
            if draft:
                nodes[1 : len(draft) + 1] = draft
                nodes[len(draft) + 1 :] = 0
                ancestors[:] = chain

    def _row(self, request: Any, unseen: Sequence[int]) -> Row:  # noqa: ANN401 - SGLang's
        expect(request, REQUEST, "a request")
        ids = array("q", request.origin_input_ids_unpadded)
        prompt = len(ids)
        ids.extend(request.output_ids)
        ids.extend(unseen)
        most = request.sampling_params.max_new_tokens
        return Row(request.rid, request, ids, prompt, len(ids), writes=True, most=most)

    def _begin(self, request: Any) -> Future[list[list[int]]]:  # noqa: ANN401 - SGLang's
        given = request.sampling_params.custom_params
        try:
            asked = asked_of(None, given if isinstance(given, dict) else None, "prompt")
        except WrongFieldError:
            return ready([])  # nobody is there to be told
        return ready(self._finder.find(asked, list(request.origin_input_ids_unpadded)))


def _unseen(worker: Any, batch: Any, at: int) -> Sequence[int]:  # noqa: ANN401 - SGLang's
    """Return what the last step wrote of a request and the request does not hold yet.

    Where steps overlap, results are taken in one step late.
    """
    if not worker.enable_overlap or batch.grammar_needs_sync():
        return ()
    start = at * worker.draft_token_num
    written: Sequence[int] = worker.prev_token_ids[start : start + worker.prev_accept_lens[at]]
    return written
