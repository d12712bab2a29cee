"""Speculative decoding over scores: whatever the draft, the text is the server's own."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.backends.scoring import Misaligned, Token, ends_of, token_of
from fastapply_lsp.backends.speculation import Speculation
from fastapply_lsp.backends.text_draft import TextDrafter
from tests.backends.toy_model import END, Tokenizer, ToyServer, Writing, hashing

PROTOCOLS = ("openai", "sglang")

ALPHABET = "ab_ \n<>|é"
texts = st.text(st.sampled_from(ALPHABET), max_size=40)
words = st.lists(
    st.text(st.sampled_from(ALPHABET), min_size=2, max_size=4), max_size=8, unique=True
).map(tuple)
tokenizers = st.builds(Tokenizer, words, st.booleans())


@dataclass(frozen=True)
class Run:
    loop: Speculation
    said: str


def run(  # noqa: PLR0913 - the last two are named
    server: ToyServer, prompt: str, draft: list[str], protocol: str, *, most: int, chunk: int = 8
) -> Run:
    """Run the loop to its end, or until so many characters are written."""
    loop = Speculation(prompt, TextDrafter(draft), chunk=chunk, trust=False)
    written = ""
    while not loop.ended and len(written) < most:
        assert not loop.stalled
        assert loop.calls < 40 * (most + 2)
        written += loop.take(server.score(loop.ask(), protocol))
    return Run(loop, written)


def check(server: ToyServer, prompt: str, draft: list[str], protocol: str) -> None:
    most = 40
    done = run(server, prompt, draft, protocol, most=most)
    alone = server.greedy(prompt, 4 * most + 400)
    assert alone.startswith(done.said)
    if done.loop.ended:
        assert done.said == alone


@settings(max_examples=200)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(tokenizers, st.integers(0, 1 << 30), texts.filter(bool), st.lists(texts, max_size=3))
def test_noise_with_hostile_drafts(
    protocol: str, tokenizer: Tokenizer, seed: int, prompt: str, draft: list[str]
) -> None:
    """The model writes tokens that no tokenizer would make of the text; the draft is anything."""
    allowed = [ord(one) for one in ALPHABET if ord(one) < 128] + list(range(257, tokenizer.size))
    server = ToyServer(tokenizer, hashing(tokenizer, seed, allowed))
    check(server, prompt, draft, protocol)


@settings(max_examples=200)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(tokenizers, texts.filter(bool), texts, st.data())
def test_a_model_that_writes_a_file(
    protocol: str, tokenizer: Tokenizer, prompt: str, answer: str, data: st.DataObject
) -> None:
    """In its usual tokens, bytes of characters among them, with a draft that is nearly right."""
    cut = data.draw(st.integers(0, len(answer)))
    draft = answer[:cut] + data.draw(texts) + answer[cut + data.draw(st.integers(0, 3)) :]
    noise = hashing(tokenizer, 1, [97])
    server = ToyServer(tokenizer, Writing(tokenizer, prompt, answer, noise))
    check(server, prompt, [draft, data.draw(texts)], protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(tokenizers, st.integers(0, 1 << 30), texts.filter(bool))
def test_the_models_own_text_as_draft_changes_nothing(
    protocol: str, tokenizer: Tokenizer, seed: int, prompt: str
) -> None:
    allowed = [97, 98, 32, 10, *range(257, tokenizer.size)]
    server = ToyServer(tokenizer, hashing(tokenizer, seed, allowed))
    check(server, prompt, [server.greedy(prompt, 60)], protocol)


WORDS = Tokenizer(
    (
        *[
            "def",
            "return",
            "value",
            "total",
            "=",
            "(",
            ")",
            ":",
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "7",
            "8",
            "9",
            "_",
        ],
        "\n",
        "    ",
        " ",
    )
)
ANSWER = "".join(f"def value_{n}():\n    return {n} = total_{n}\n" for n in range(60))
PROMPT = "def total():\n"


def figures(draft: str, protocol: str, chunk: int) -> Speculation:
    server = ToyServer(WORDS, Writing(WORDS, PROMPT, ANSWER, hashing(WORDS, 1, [97])))
    done = run(server, PROMPT, [draft], protocol, most=len(ANSWER) + 1, chunk=chunk)
    assert done.said == ANSWER
    assert done.loop.ended
    return done.loop


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_right_draft_takes_a_call_per_chunk(protocol: str) -> None:
    count = len(WORDS.encode(ANSWER))
    loop = figures(ANSWER, protocol, 10_000)
    assert loop.calls <= 4  # the prompt, a first chunk, the rest, and the end
    assert count - loop.calls <= loop.accepted < count  # each call writes one token itself
    assert loop.rejected == 0
    assert loop.written == count


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_change_in_the_draft_costs_a_few_calls(protocol: str) -> None:
    changed = ANSWER.replace("value_30", "other_30").replace("return 45", "return x + 45")
    loop = figures(changed, protocol, 10_000)
    assert loop.calls <= 20
    assert loop.accepted > 0.9 * len(WORDS.encode(ANSWER))
    assert loop.rejected > 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_draft_is_plain_writing_in_steps_that_grow(protocol: str) -> None:
    loop = figures("", protocol, 100)
    assert (loop.accepted, loop.rejected) == (0, 0)
    assert loop.calls < 12


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_end_is_never_text(protocol: str) -> None:
    """Where the draft holds the end's own words, the model that ends there has not written them."""
    tokenizer = Tokenizer(("a", "b"), reads_end=True)
    server = ToyServer(tokenizer, Writing(tokenizer, "a", "ab", hashing(tokenizer, 1, [97])))
    done = run(server, "a", [f"ab{END}ba"], protocol, most=100)
    assert done.said == "ab"
    assert done.loop.ended


def test_a_server_that_writes_nothing_is_given_up() -> None:
    server = ToyServer(WORDS, hashing(WORDS, 1, [97]), most_new=0)
    loop = Speculation(PROMPT, TextDrafter([]), chunk=8, trust=True)
    for _ in range(9):
        loop.take(server.score(loop.ask(), "openai"))
    assert loop.stalled
    assert not loop.ended


def test_a_server_that_writes_little_at_a_time_gets_there() -> None:
    server = ToyServer(
        WORDS, Writing(WORDS, PROMPT, "return 1", hashing(WORDS, 1, [97])), most_new=1
    )
    done = run(server, PROMPT, ["nothing like it"], "openai", most=8)
    assert done.said == "return 1"


def test_a_server_that_never_repeats_itself_still_gets_somewhere() -> None:
    tokenizer = Tokenizer(("a", "b", "ab", "ba"))
    state = [0]

    def dice(ids: object) -> int:
        state[0] += 1
        return 257 + (state[0] * state[0]) % 4

    done = run(ToyServer(tokenizer, dice), "a", ["abab" * 9], "openai", most=60)
    assert len(done.said) >= 60


# The drafter of text


@given(st.lists(texts, max_size=3), st.lists(texts, max_size=5), st.integers(0, 50))
def test_a_proposal_is_a_stretch_of_a_source(
    sources: list[str], written: list[str], characters: int
) -> None:
    drafter = TextDrafter(sources)
    for one in written:
        drafter.observe(one)
        proposal = drafter.propose(characters)
        assert len(proposal) <= characters
        assert any(proposal in source for source in [*sources, "".join(written)])


def test_the_drafter_finds_its_way_back() -> None:
    source = "".join(f"line_{n} = {n}\n" for n in range(50))
    drafter = TextDrafter([source])
    drafter.observe("line_0 = 0\nline_1 = 'renamed'\nline_2 = ")
    assert drafter.propose(30).startswith("2\nline_3 = 3\n")


# Where tokens end


@given(tokenizers, texts)
def test_ends_are_where_the_tokenizer_cut(tokenizer: Tokenizer, text: str) -> None:
    ids = Tokenizer(tokenizer.words).encode(text)
    tokens = [token_of(n, tokenizer.shown(n)) for n in ids]
    ends = ends_of(tokens, text)
    assert list(ends) == sorted(ends)
    for at, token in enumerate(tokens):
        before = ends[at - 1] if at else 0
        assert token.text is None or text[before : ends[at]] == token.text


@pytest.mark.parametrize(
    "tokens", [[Token(1, "a")], [Token(1, "abc")], [Token(1, "a"), Token(2, None), Token(3, "x")]]
)
def test_tokens_of_another_text_are_an_error(tokens: list[Token]) -> None:
    with pytest.raises(Misaligned):
        ends_of(tokens, "ab")
