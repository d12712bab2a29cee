"""What becomes of applies that arrive at servers? Discrete events, pass by pass.

A server makes one pass after the other while it has anything to do. A pass holds one row and a draft
of every rewrite under way, and as much of the waiting prompts as there is room for, the oldest
first. An apply is over when its last token is. Nothing here is random: the arrivals are an input.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.capacity.costs import Work
from fastapply_lsp.draft.load import sure_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.capacity.assumptions import Engine
    from benchmarks.capacity.costs import Cost
    from benchmarks.capacity.policies import Policy, Steady
    from benchmarks.capacity.traces import Trace
    from fastapply_lsp.draft.depth import Depth


@dataclass(frozen=True, slots=True)
class Arrival:
    """An apply that begins ``at_s``; ``cached`` tokens of its prompt need not be read again."""

    at_s: float
    trace: Trace
    cached: int = 0


@dataclass(slots=True)
class Apply:
    """An apply on a server.

    ``read`` counts tokens of the prompt, ``at`` those written, ``missed`` the passes whose draft did
    not all come true.
    """

    arrival: Arrival
    depth: Depth | Steady
    read: int
    at: int = 0
    drafted: int = 0
    missed: int = 0
    ended_s: float = 0.0

    @property
    def room(self) -> int:
        """Tokens that it will hold at its end, and one that ends the file."""
        return self.arrival.trace.prompt + self.arrival.trace.tokens + 1

    @property
    def latency_s(self) -> float:
        """From its arrival to its last token."""
        return self.ended_s - self.arrival.at_s


@dataclass(slots=True)
class Tally:
    """What servers did. Times in seconds; ``present_s`` sums the applies there over time."""

    passes: int = 0
    busy_s: float = 0.0
    present_s: float = 0.0
    prompt_rows: int = 0
    written: int = 0
    wasted: int = 0
    most_draft_rows: int = 0

    @property
    def rows(self) -> int:
        """All that was computed."""
        return self.prompt_rows + self.written + self.wasted


@dataclass(slots=True)
class Server:
    """One replica: its queue, its rewrites, and the pass under way."""

    cost: Cost
    engine: Engine
    policy: Policy
    memory_tokens: float
    tally: Tally = field(default_factory=Tally)
    _waiting: deque[Apply] = field(default_factory=deque)
    _reading: list[Apply] = field(default_factory=list)
    _writing: list[Apply] = field(default_factory=list)
    _chunks: list[tuple[Apply, int]] = field(default_factory=list)
    _held: int = 0

    @property
    def present(self) -> int:
        """Applies that have arrived and not ended."""
        return len(self._waiting) + len(self._reading) + len(self._writing)

    def add(self, arrival: Arrival) -> None:
        """Take in an apply."""
        cached = min(arrival.cached, arrival.trace.prompt - 1)
        self._waiting.append(Apply(arrival, self.policy.depth(self.policy.limit), cached))

    def begin(self) -> float:
        """Decide on the next pass; return how long it will take, in seconds."""
        draft_rows = self._draft()
        work = self._read(self.engine.rows_most - draft_rows)
        rows, attended, pairs = work.rows + draft_rows, work.attended, work.pairs
        drafts = 0
        for one in self._writing:
            context = one.arrival.trace.prompt + one.at + one.drafted
            attended += context
            pairs += context * (one.drafted + 1)
            drafts += one.drafted > 0
        seconds = self.engine.pass_s + self.cost.seconds(Work(rows, attended, pairs))
        seconds += self.engine.draft_s * drafts
        self.tally.passes += 1
        self.tally.busy_s += seconds
        self.tally.most_draft_rows = max(self.tally.most_draft_rows, draft_rows)
        return seconds

    def end(self, now_s: float) -> list[Apply]:
        """Take in what the pass gave; return the applies that are over."""
        over = [one for one in self._writing if self._verify(one)]
        for one, rows in self._chunks:
            one.read += rows
            self.tally.prompt_rows += rows
            if one.read == one.arrival.trace.prompt:
                one.at = 1
                self._reading.remove(one)
                (self._writing if one.arrival.trace.tokens else over).append(one)
        for one in over:
            one.ended_s = now_s
            self._held -= one.room
        if over:
            self._writing = [one for one in self._writing if not one.ended_s]
        return over

    def _draft(self) -> int:
        """Give every rewrite its draft; return the rows of them all."""
        writing = self._writing
        if not writing or not self.policy.limit:
            return len(writing)
        points = [one.arrival.trace.point(one.at) for one in writing]
        wishes = [
            max(0, min(one.depth.next(lost=point.lost), point.reach - one.at))
            for one, point in zip(writing, points, strict=True)
        ]
        sure = [
            sure_tokens(one.at, one.missed, lost=point.lost)
            for one, point in zip(writing, points, strict=True)
        ]
        left = self.engine.rows_most - len(writing)
        for one, share in zip(writing, self.policy.share(wishes, sure), strict=True):
            one.drafted = min(share, left)
            left -= one.drafted
        return self.engine.rows_most - left

    def _read(self, room: int) -> Work:
        """Plan the prompts' part of the pass, in order of arrival."""
        self._chunks = []
        rows = attended = pairs = 0
        for one in self._reading:
            rows += self._chunk(one, room - rows)
        while rows < room and self._admits():
            one = self._waiting.popleft()
            self._held += one.room
            self._reading.append(one)
            rows += self._chunk(one, room - rows)
        for one, chunk in self._chunks:
            attended += one.read + chunk
            pairs += chunk * one.read + chunk * (chunk + 1) // 2
        return Work(rows, attended, pairs)

    def _chunk(self, one: Apply, room: int) -> int:
        chunk = min(one.arrival.trace.prompt - one.read, room)
        if chunk:
            self._chunks.append((one, chunk))
        return chunk

    def _admits(self) -> bool:
        """Whether the oldest that waits may begin; one that fits nowhere may where it is alone."""
        if not self._waiting:
            return False
        under_way = len(self._reading) + len(self._writing)
        return not under_way or (
            under_way < self.engine.requests_most
            and self._held + self._waiting[0].room <= self.memory_tokens
        )

    def _verify(self, one: Apply) -> bool:
        trace, drafted, accepted = one.arrival.trace, one.drafted, 0
        if drafted:
            accepted = max(0, min(drafted, trace.point(one.at).until - one.at))
            one.missed += accepted < drafted
            self.tally.wasted += drafted - accepted
        one.depth.learned(drafted=drafted, accepted=accepted)
        one.at += accepted + 1
        self.tally.written += accepted + 1
        return one.at > trace.tokens


def simulate(arrivals: Iterable[Arrival], servers: Sequence[Server]) -> list[Apply]:
    """Run until all is done; return the applies in the order in which they arrived.

    An apply goes to the server with the fewest of them, as a router does that counts; of equal ones
    to the first.
    """
    done: list[Apply] = []
    passes: list[tuple[float, int]] = []  # the end of each pass under way
    waiting = deque(sorted(arrivals, key=lambda each: each.at_s))
    now_s = 0.0
    present = 0
    tally = servers[0].tally
    while waiting or passes:
        before_s = now_s
        if passes and (not waiting or passes[0][0] <= waiting[0].at_s):
            now_s, which = heapq.heappop(passes)
            server = servers[which]
            over = server.end(now_s)
            done += over
            began = bool(server.present)
            change = -len(over)
        else:
            arrival = waiting.popleft()
            now_s = arrival.at_s
            which = min(range(len(servers)), key=lambda at: servers[at].present)
            server = servers[which]
            began = not server.present
            server.add(arrival)
            change = 1
        tally.present_s += present * (now_s - before_s)
        present += change
        if began:
            heapq.heappush(passes, (now_s + server.begin(), which))
    return sorted(done, key=lambda one: one.arrival.at_s)
