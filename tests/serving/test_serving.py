"""The server's answers, in OpenAI's forms."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tokenizers.processors import TemplateProcessing

from fastapply_lsp.engines.transformers import Engine
from tests.engines import tiny
from tests.engines.tiny_examples import DEVIATING, EXAMPLES, RIGHT, Example
from tests.serving.running import MODEL, Running, running

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"


def chat_of(example: Example, **more: object) -> dict[str, object]:
    return {"messages": tiny.messages_of(example), "temperature": 0, "model": MODEL, **more}


def predicted(text: str) -> dict[str, object]:
    return {"prediction": {"type": "content", "content": text}}


async def test_a_chat_is_answered_with_a_file_and_figures(server: Running) -> None:
    answer = (await server.post(CHAT, **chat_of(RIGHT, **predicted(RIGHT.written)))).json()
    assert answer["object"] == "chat.completion"
    assert answer["model"] == MODEL
    (choice,) = answer["choices"]
    assert choice["message"] == {"role": "assistant", "content": RIGHT.written}
    assert (choice["index"], choice["finish_reason"], choice["logprobs"]) == (0, "stop", None)
    usage = answer["usage"]
    details = usage["completion_tokens_details"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert details["rejected_prediction_tokens"] == 0
    assert details["forward_passes"] == 1
    assert details["accepted_prediction_tokens"] == usage["completion_tokens"] - 1


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)
async def test_a_stream_says_the_same_in_pieces(server: Running, example: Example) -> None:
    more = {"stream_options": {"include_usage": True}, "draft_tokens": 16}
    events = await server.events(CHAT, **chat_of(example, **more, **predicted(example.original)))
    assert {event["object"] for event in events} == {"chat.completion.chunk"}
    assert len({event["id"] for event in events}) == 1
    assert events[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    deltas = [event["choices"][0]["delta"].get("content", "") for event in events[:-1]]
    assert "".join(deltas) == example.written
    assert len(deltas) > 5
    assert [event["choices"][0]["finish_reason"] for event in events[:-1]][-2:] == [None, "stop"]
    assert events[-1]["choices"] == []
    assert [event["usage"] for event in events[:-1]] == [None] * (len(events) - 1)
    assert events[-1]["usage"]["completion_tokens"] > 0


@pytest.mark.parametrize("options", [{}, {"stream_options": {"include_usage": False}}])
async def test_a_stream_without_usage_says_none(
    server: Running, options: dict[str, object]
) -> None:
    events = await server.events(CHAT, **chat_of(RIGHT, **options))
    assert not any("usage" in event for event in events)


async def test_without_a_prediction_the_draft_is_found_in_the_prompt(server: Running) -> None:
    plain = (await server.post(CHAT, **chat_of(RIGHT, draft_tokens=0))).json()
    found = (await server.post(CHAT, **chat_of(RIGHT))).json()
    assert plain["choices"][0]["message"] == found["choices"][0]["message"]
    took = [one["usage"]["completion_tokens_details"]["forward_passes"] for one in (plain, found)]
    assert took[0] == plain["usage"]["completion_tokens"]
    assert took[1] <= 2


async def test_text_completions(server: Running, engine: Engine) -> None:
    prompt = engine.tokenizer.apply_chat_template(
        tiny.messages_of(RIGHT), add_generation_prompt=True, tokenize=False
    )
    body = {"temperature": 0, "max_tokens": 1_000}
    answer = (await server.post(TEXT, prompt=prompt, **body)).json()
    assert (answer["object"], answer["choices"][0]["text"]) == ("text_completion", RIGHT.written)
    ids = tiny.prompt_ids(engine.tokenizer, RIGHT)
    assert (await server.post(TEXT, prompt=ids, **body)).json()["choices"] == answer["choices"]
    events = await server.events(TEXT, prompt=[ids], **body)
    assert "".join(event["choices"][0]["text"] for event in events) == RIGHT.written
    short = (await server.post(TEXT, prompt=prompt, temperature=0)).json()
    assert short["choices"][0]["finish_reason"] == "length"
    assert short["usage"]["completion_tokens"] == 16


async def test_an_echo_scores_the_prompt(server: Running, engine: Engine) -> None:
    text = "def low(stock, limit):\n    return '漢'\n"
    body = {"prompt": text, "echo": True, "logprobs": 2, "max_tokens": 0, "temperature": 0}
    answer = (await server.post(TEXT, **body)).json()
    (choice,) = answer["choices"]
    ids = engine.tokenizer(text)["input_ids"]
    assert choice["text"] == text
    chances = choice["logprobs"]
    assert {len(column) for column in chances.values()} == {len(ids)}
    assert (chances["token_logprobs"][0], chances["top_logprobs"][0]) == (None, None)
    assert all(value <= 0 for value in chances["token_logprobs"][1:])
    assert chances["text_offset"][0] == 0
    at = chances["tokens"].index("return", 3) if "return" in chances["tokens"] else 0
    assert text[chances["text_offset"][at] :].startswith(chances["tokens"][at])
    assert any(token.startswith("bytes:\\x") for token in chances["tokens"])
    assert answer["usage"]["completion_tokens"] == 0
    # A token more comes after the echo, with its own row.
    more = (await server.post(TEXT, **{**body, "max_tokens": 1})).json()["choices"][0]
    assert more["text"].startswith(text)
    assert len(more["logprobs"]["tokens"]) == len(ids) + 1
    assert more["logprobs"]["top_logprobs"][-1]


def check_offsets(choice: dict[str, Any]) -> None:
    """Check that each token stands in the text where its offset says, if it is text by itself."""
    chances = choice["logprobs"]
    assert len({len(column) for column in chances.values()}) == 1
    ends = [*chances["text_offset"][1:], len(choice["text"])]
    for token, at, end in zip(chances["tokens"], chances["text_offset"], ends, strict=True):
        assert choice["text"][at:end] in (token, "") or token.startswith("bytes:")


async def test_a_draft_beside_an_echo(server: Running, engine: Engine) -> None:
    prompt = str(
        engine.tokenizer.apply_chat_template(
            tiny.messages_of(RIGHT), add_generation_prompt=True, tokenize=False
        )
    )
    assert "<|im_start|>" in prompt  # which is shown, for it was sent
    body = {"prompt": prompt, "echo": True, "logprobs": 1, "max_tokens": 400, "temperature": 0}
    plain = (await server.post(TEXT, **body, draft_tokens=0)).json()["choices"][0]
    answer = (await server.post(TEXT, **body, **predicted(RIGHT.written))).json()
    (choice,) = answer["choices"]
    assert answer["usage"]["completion_tokens_details"]["forward_passes"] == 1
    assert choice["text"] == plain["text"] == prompt + RIGHT.written
    check_offsets(choice)
    one, other = plain["logprobs"], choice["logprobs"]
    assert (one["tokens"], one["text_offset"]) == (other["tokens"], other["text_offset"])
    assert one["token_logprobs"][1:] == pytest.approx(other["token_logprobs"][1:], abs=1e-4)
    ids = tiny.prompt_ids(engine.tokenizer, RIGHT)
    by_ids = (await server.post(TEXT, **{**body, "prompt": ids}, draft_tokens=0)).json()
    assert by_ids["choices"] == [plain]


async def test_what_a_tokenizer_adds_is_no_text_of_an_echo(server: Running, engine: Engine) -> None:
    backend = engine.tokenizer.backend_tokenizer
    before, start = backend.post_processor, "<|im_start|>"
    special = [(start, backend.token_to_id(start))]
    backend.post_processor = TemplateProcessing(single=f"{start} $A", special_tokens=special)
    try:
        body = {"prompt": f"a{start}b", "echo": True, "logprobs": 1, "max_tokens": 0}
        (choice,) = (await server.post(TEXT, **body)).json()["choices"]
    finally:
        backend.post_processor = before
    assert choice["text"] == f"a{start}b"
    assert choice["logprobs"]["tokens"] == [start, "a", start, "b"]
    assert choice["logprobs"]["text_offset"] == [0, 0, 1, 1 + len(start)]
    check_offsets(choice)


async def test_the_probabilities_of_a_chat(server: Running) -> None:
    body = chat_of(RIGHT, logprobs=True, top_logprobs=2, max_tokens=5)
    content = (await server.post(CHAT, **body)).json()["choices"][0]["logprobs"]["content"]
    assert len(content) == 5
    assert b"".join(bytes(one["bytes"]) for one in content).decode() in RIGHT.written
    assert all(one["top_logprobs"][0]["token"] == one["token"] for one in content)
    assert all(math.exp(one["logprob"]) > 0.9 for one in content)


@pytest.mark.parametrize("more", [predicted(RIGHT.written), {"draft_tokens": 0}])
async def test_a_stop_text_ends_the_answer_before_it(
    server: Running, more: dict[str, object]
) -> None:
    body = chat_of(RIGHT, stop=["never there", "class Stock"], **more)
    answer = (await server.post(CHAT, **body)).json()
    expected = RIGHT.written[: RIGHT.written.index("class Stock")]
    assert answer["choices"][0]["message"]["content"] == expected
    assert answer["choices"][0]["finish_reason"] == "stop"


async def test_a_stop_text_within_a_draft_ends_it_at_the_same_token(server: Running) -> None:
    def asked(**more: object) -> dict[str, object]:
        return chat_of(RIGHT, stop="class Stock", logprobs=True, top_logprobs=0, **more)

    plain = (await server.post(CHAT, **asked(draft_tokens=0))).json()
    draft = (await server.post(CHAT, **asked(**predicted(RIGHT.written)))).json()
    rows = [
        [one["token"] for one in each["choices"][0]["logprobs"]["content"]]
        for each in (plain, draft)
    ]
    assert rows[0] == rows[1]
    assert "".join(rows[1]) == RIGHT.written[: RIGHT.written.index("class Stock") + 11]
    usage = draft["usage"]
    assert usage["completion_tokens"] == plain["usage"]["completion_tokens"] == len(rows[1])
    details = usage["completion_tokens_details"]
    assert (details["forward_passes"], details["accepted_prediction_tokens"]) == (1, len(rows[1]))
    # What was written before the stop text stays known, as after any other end.
    assert usage["prompt_tokens_details"]["cached_tokens"] == usage["prompt_tokens"] - 1
    assert (await server.figures())["fastapply_cancelled_total"] == 0


async def test_a_half_written_answer_is_continued(server: Running) -> None:
    half = RIGHT.written[:300]
    messages = [*tiny.messages_of(RIGHT), {"role": "assistant", "content": half}]
    body = {"continue_final_message": True, "add_generation_prompt": False, "temperature": 0}
    answer = (await server.post(CHAT, messages=messages, **body)).json()
    assert answer["choices"][0]["message"]["content"][-40:] == RIGHT.written[-40:]


async def test_models_health_and_metrics(server: Running) -> None:
    models = (await server.client.get("/v1/models")).json()
    assert [model["id"] for model in models["data"]] == [MODEL]
    assert models["data"][0]["max_model_len"] == tiny.CONTEXT
    assert (await server.client.get(f"/v1/models/{MODEL}")).json() == models["data"][0]
    assert (await server.client.get("/health")).text == "ok\n"
    before = await server.figures()
    answer = (await server.post(CHAT, **chat_of(RIGHT, **predicted(RIGHT.written)))).json()
    after = await server.figures()
    changed = {name: after[name] - before.get(name, 0) for name in after}
    usage = answer["usage"]
    assert changed["fastapply_completion_tokens_total"] == usage["completion_tokens"]
    assert changed["fastapply_forward_passes_total"] == 1
    assert changed[f'fastapply_requests_total{{path="{CHAT}",status="200"}}'] == 1
    assert after["fastapply_cached_tokens"] == usage["total_tokens"] - 1
    assert after["fastapply_requests_running"] == after["fastapply_requests_waiting"] == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            {"prediction": "text"},
            '`prediction` must be {"type": "content", "content": a text}, not "text".',
        ),
        ({"prediction": {"type": "content"}}, "`prediction` must be"),
        ({"prediction": {"type": "content", "content": 3}}, "`prediction` must be"),
        ({"prediction": {"type": "content", "content": [{"type": "image"}]}}, "made of text alone"),
        ({"prediction": ["x" * 10_000]}, "…"),
        ({"messages": []}, "`messages` must be a list of at least one message, not []."),
        ({"messages": [{"role": "user"}]}, "a `content` of text"),
        ({"messages": "hello"}, "`messages` must be"),
        ({"temperature": "hot"}, "`temperature` must be a number from 0 to 2"),
        ({"temperature": 3}, "not 3."),
        ({"temperature": True}, "`temperature` must be"),
        ({"max_tokens": 0}, "`max_tokens` must be a whole number of at least 1, not 0."),
        ({"max_tokens": 1.5}, "`max_tokens`"),
        ({"stream": "yes"}, "`stream` must be true or false"),
        ({"stream_options": 1}, "`stream_options` must be an object"),
        ({"stop": 5}, "`stop` must be a text or a list"),
        ({"stop": [""]}, "`stop`"),
        ({"n": 2}, "`n` is not served here: one answer is written at a time."),
        ({"tools": [{}]}, "calls no tools"),
        ({"logit_bias": {"5": 1}}, "`logit_bias`"),
        ({"frequency_penalty": 0.5}, "`repetition_penalty` is"),
        ({"response_format": {"type": "json_object"}}, "plain text"),
        ({"top_logprobs": 3}, "`top_logprobs` needs `logprobs`"),
        ({"seed": 1 << 70}, "`seed`"),
        ({"max_tokens": 4_000}, "The model's context holds 4,096 tokens; this needs"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
async def test_what_makes_no_sense_is_refused_in_a_sentence(
    server: Running, wrong: dict[str, object], says: str
) -> None:
    status, sentence = await server.refusal(CHAT, **{**chat_of(RIGHT), **wrong})
    assert status == 400
    assert says in sentence
    assert len(sentence) < 300
    assert (await server.figures())["fastapply_forward_passes_total"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        *({"prompt": prompt} for prompt in ("", [], [-1], [10**9], [True], ["a", "b"], None)),
        *({"prompt": "a", **more} for more in ({"best_of": 2}, {"suffix": "b"}, {"max_tokens": 0})),
        {"prompt": "a", "logprobs": 99},
    ],
    ids=repr,
)
async def test_a_prompt_that_makes_no_sense(server: Running, wrong: dict[str, object]) -> None:
    status, _ = await server.refusal(TEXT, **wrong)
    assert status == 400


async def test_bodies_that_are_none(server: Running) -> None:
    json = {"content-type": "application/json"}
    for content, headers, status in (
        (b"{", json, 400),
        (b"[]", json, 400),
        (b"[" * 100_000, json, 400),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b" " * 33_000_000, json, 413),
    ):
        answer = await server.client.post(CHAT, content=content, headers=headers)
        assert answer.status_code == status
        assert answer.json()["error"]["message"].endswith(".")


async def test_another_model_and_another_path(server: Running) -> None:
    status, sentence = await server.refusal(CHAT, **chat_of(RIGHT, model="gpt"))
    assert (status, sentence) == (404, "There is no model gpt here; this server has tiny.")
    for name in ("gpt", "gpt/large"):
        answer = await server.client.get(f"/v1/models/{name}")
        sentence = f"There is no model {name} here; this server has tiny."
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, sentence)
    # Whoever asks has no say in what the counters are called.
    figures = await server.figures()
    assert figures['fastapply_requests_total{path="/v1/models/{name:path}",status="404"}'] == 2
    assert (await server.refusal("/v1/embeddings"))[0] == 404
    assert (await server.client.get(CHAT)).status_code == 405


async def test_only_this_machine_is_answered_by_its_name(server: Running) -> None:
    answer = await server.client.get("/v1/models", headers={"host": "evil.example"})
    assert answer.status_code == 403


async def test_a_key_opens_all_but_health(engine: Engine) -> None:
    async with running(engine, key="right", loopback=False) as server:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "right"}):
            for path in ("/v1/models", "/metrics"):
                answer = await server.client.get(path, headers=headers)
                assert answer.status_code == 401
                assert "API key" in answer.json()["error"]["message"]
        assert (await server.client.get("/health")).status_code == 200
        good = {"authorization": "Bearer right", "host": "gpu.example"}
        assert (await server.client.get("/v1/models", headers=good)).status_code == 200


@pytest.mark.parametrize(
    "prediction",
    ["", DEVIATING.written, "漢字 " * 500, "x" * 1_000_000, "\ud800 lone", "<|im_end|>" * 50],
    ids=["empty", "another file", "another language", "a megabyte", "a lone surrogate", "control"],
)
async def test_no_prediction_changes_the_answer(server: Running, prediction: str) -> None:
    answer = (await server.post(CHAT, **chat_of(RIGHT, **predicted(prediction)))).json()
    assert answer["choices"][0]["message"]["content"] == RIGHT.written


async def test_half_a_character_in_a_message_is_no_fault(server: Running) -> None:
    answer = await server.post(
        CHAT, messages=[{"role": "user", "content": "a\ud800b"}], max_tokens=2
    )
    assert answer.status_code == 200
