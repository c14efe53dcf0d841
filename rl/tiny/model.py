"""The built-in policy: a Qwen3 of a few million parameters and its tokenizer, both made here.

It exists so that the whole trainer can be run, tested and measured on a laptop in minutes, with no
download. The tokenizer learns from the training split alone; the weights start random and get their
call format from the warm start.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from rewards.types import Task
from rl.config.schema import Tiny
from rl.data.catalog.tasks import gold_messages

END, PAD = "<|end|>", "<|pad|>"
ROLES = ["<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"]
# A call's fixed parts are one token each: nothing to learn in them, and a third fewer tokens.
SYNTAX = [
    '<tool_call>{"name": "',
    '", "arguments": {',
    '", "arguments": {"',
    '"}}</tool_call>',
    "}}</tool_call>",
    '{"',
    '": "',
    '": ',
    '", "',
    ', "',
    '"}',
]

TEMPLATE = """\
{%- if tools or messages[0].role == 'system' -%}
<|system|>
{%- if messages[0].role == 'system' %}{{ messages[0].content }}{% endif -%}
{%- for tool in tools or [] -%}
{{ "\n" ~ tool.function.name ~ "(" ~ tool.function.parameters.properties | join(", ") ~ ")" }}
{%- endfor -%}
<|end|>
{%- endif -%}
{%- for message in messages if message.role != 'system' -%}
<|{{ message.role }}|>
{{- message.content -}}
{%- for call in message.tool_calls or [] -%}
<tool_call>{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson -}} }</tool_call>
{%- endfor -%}
<|end|>
{%- endfor -%}
{%- if add_generation_prompt %}<|assistant|>{% endif -%}
"""


def train_tokenizer(tasks: Iterable[Task], vocab_size: int, max_length: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE over the tasks' texts: every string can be written, digits stand alone."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [PAD, END, *ROLES]
    tokenizer.add_special_tokens(special)
    tokenizer.add_tokens([AddedToken(s, normalized=False, special=False) for s in SYNTAX])
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - len(SYNTAX),
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(tasks), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=ROLES,
        chat_template=TEMPLATE,
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
    )


def _texts(tasks: Iterable[Task]) -> Iterator[str]:
    for task in tasks:
        for tool in task.tools:
            yield f"{tool.name}({', '.join(tool.parameters['properties'])})"
        for message in [*task.messages, *gold_messages(task)]:
            yield message["content"]
            for call in message.get("tool_calls", []):
                yield call["function"]["name"]
                yield from map(str, call["function"]["arguments"].values())


def architecture(config: Tiny, vocab_size: int, max_length: int, **tokens: Any) -> Qwen3Config:
    """The shape of the model."""
    return Qwen3Config(
        vocab_size=vocab_size,
        hidden_size=config.hidden_size,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        num_key_value_heads=config.kv_heads,
        head_dim=config.hidden_size // config.heads,
        intermediate_size=config.intermediate_size,
        max_position_embeddings=max_length,
        tie_word_embeddings=True,
        **tokens,
    )


def new_model(
    config: Tiny, tokenizer: PreTrainedTokenizerFast, max_length: int, seed: int
) -> Qwen3ForCausalLM:
    """A Qwen3 with random weights. Raises ValueError above five million parameters."""
    torch.manual_seed(seed)
    tokens = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    model = Qwen3ForCausalLM(architecture(config, len(tokenizer), max_length, **tokens, bos_token_id=None))
    model.set_attn_implementation("eager")  # twice as fast as SDPA on the CPU at these lengths
    if model.num_parameters() > 5_000_000:
        raise ValueError(
            f"model.tiny has {model.num_parameters():,} parameters; keep it under 5,000,000 by lowering "
            "model.tiny.hidden_size, layers or vocab_size."
        )
    return model
