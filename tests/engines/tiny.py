"""A real transformer without a download: two layers that know a few edits by heart.

``python -m tests.engines.tiny`` makes it in about a minute on one core, and prints its folder. It is
kept in .cache, under a name that depends on all that it is made of.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.utils import logging as transformers_logging

from fastapply_lsp.prompt.build import build_messages
from fastapply_lsp.prompt.dialects import DIALECTS
from fastapply_lsp.request.model import EditFile
from tests.engines.tiny_examples import EXAMPLES, Example

CACHE = Path(__file__).parents[2] / ".cache" / "tiny-model"
CONTEXT = 4096
END, START, PAD = "<|im_end|>", "<|im_start|>", "<|pad|>"
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "{% if not (continue_final_message and loop.last) %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
VOCABULARY = 448
STEPS_MOST = 600
SURE = 0.98
"""Every token of every answer has at least this probability when training ends."""


def messages_of(example: Example) -> list[dict[str, str]]:
    """Return what the language server asks for an example."""
    call = EditFile(example.path, "", example.code_edit)
    dialect = DIALECTS["fastapply"]
    return [
        {"role": one.role, "content": one.content}
        for one in build_messages(dialect, call, example.path, example.original, dialogue_tokens=0)
    ]


def new_tokenizer(texts: Sequence[str], size: int = VOCABULARY) -> PreTrainedTokenizerFast:
    """Train byte-level BPE on texts; takes milliseconds."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[PAD, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, chat_template=TEMPLATE
    )


def new_model(tokenizer: PreTrainedTokenizerFast, *, width: int = 96) -> LlamaForCausalLM:
    """Return a model with random weights."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=32,  # vLLM's attention on a CPU takes multiples of 32
            max_position_embeddings=CONTEXT,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def prompt_ids(tokenizer: Any, example: Example) -> list[int]:
    """Return the prompt of an example."""
    ids: list[int] = tokenizer.apply_chat_template(
        messages_of(example), add_generation_prompt=True, return_dict=False
    )
    return ids


def folder(examples: Sequence[Example] = EXAMPLES) -> Path:
    """Return the folder of the trained model; the first time it is made."""
    made_of = [Path(__file__).read_text(encoding="utf-8"), repr([astuple(one) for one in examples])]
    made_of += [repr(messages_of(one)) for one in examples]
    name = hashlib.sha256("".join(made_of).encode()).hexdigest()[:16]
    there = CACHE / name
    if not there.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=CACHE))
        _train(examples, fresh)
        try:
            fresh.rename(there)
        except OSError:  # another process was faster
            shutil.rmtree(fresh)
    return there


def _train(examples: Sequence[Example], into: Path) -> None:
    torch.manual_seed(1)
    transformers_logging.disable_progress_bar()
    texts = [text for one in examples for text in (one.original, one.code_edit, one.written)]
    texts += [message["content"] for one in examples for message in messages_of(one)]
    tokenizer = new_tokenizer(texts)
    model = new_model(tokenizer)
    inputs, labels = _batch(tokenizer, examples)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=STEPS_MOST)
    for _ in range(STEPS_MOST):
        logits = model(input_ids=inputs).logits[:, :-1]
        chances = torch.log_softmax(logits, dim=-1).gather(2, inputs[:, 1:, None])[..., 0]
        answers = chances[labels[:, 1:]]
        if float(answers.detach().min().exp()) > SURE:
            break
        loss = -answers.mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    else:
        message = "the tiny model has not learnt its examples"
        raise RuntimeError(message)
    model.save_pretrained(into)
    tokenizer.save_pretrained(into)


def _batch(
    tokenizer: PreTrainedTokenizerFast, examples: Sequence[Example]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the ids, padded at the end, and which of them are answers."""
    prompts = [prompt_ids(tokenizer, one) for one in examples]
    answers = [tokenizer(f"{one.written}{END}")["input_ids"] for one in examples]
    longest = max(len(one) + len(two) for one, two in zip(prompts, answers, strict=True))
    inputs = torch.full((len(examples), longest), tokenizer.pad_token_id)
    labels = torch.zeros_like(inputs, dtype=torch.bool)
    for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        inputs[row, : len(prompt) + len(answer)] = torch.tensor([*prompt, *answer])
        labels[row, len(prompt) : len(prompt) + len(answer)] = True
    return inputs, labels


if __name__ == "__main__":
    sys.stdout.write(f"{folder()}\n")
