"""transformers as the rollout engine, for machines without vLLM. Slower, same interface.

Requests that are waiting when a batch starts are sampled together.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import AutoModelForCausalLM

from rl.rollout.engines.base import Completion, Sampling
from rl.weights.base import Weights


@dataclass
class _Request:
    prompt_ids: list[int]
    sampling: Sampling
    seed: int
    done: asyncio.Future[Completion]


class HfEngine:
    """A transformers model, sampled in batches of up to ``concurrency``."""

    def __init__(
        self,
        model: str,
        *,
        dtype: str,
        concurrency: int,
        end_ids: Sequence[int],
        trust_remote_code: bool = False,
        attn_implementation: str | None = None,
    ) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = AutoModelForCausalLM.from_pretrained(
            model,
            dtype=getattr(torch, dtype),
            trust_remote_code=trust_remote_code,
            attn_implementation=attn_implementation,
        )
        self.model.to(self.device).eval()  # type: ignore[arg-type]  # its wrapper hides the signature
        self.concurrency = concurrency
        self.end_ids = tuple(end_ids)
        self.waiting: list[_Request] = []
        self.loop_task: asyncio.Task[None] | None = None

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion:
        done: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self.waiting.append(_Request(prompt_ids, sampling, seed, done))
        if self.loop_task is None or self.loop_task.done():
            self.loop_task = asyncio.create_task(self._drain())
        return await done

    async def _drain(self) -> None:
        while self.waiting:
            await asyncio.sleep(0)  # let requests of the same moment join the batch
            batch, self.waiting = self.waiting[: self.concurrency], self.waiting[self.concurrency :]
            try:
                samples = await asyncio.to_thread(sample_batch, self.model, batch, self.end_ids)
            except Exception as error:  # each caller gets it; none may wait for ever
                for request in batch:
                    if not request.done.cancelled():
                        request.done.set_exception(error)
                continue
            for request, sample in zip(batch, samples, strict=True):
                if not request.done.cancelled():
                    request.done.set_result(sample)

    async def load_weights(self, parts: Sequence[Weights]) -> None:
        for part in parts:
            # Tied weights are sent once, so the other name is missing here by design.
            names = self.model.load_state_dict(part.tensors, strict=False)
            if names.unexpected_keys:
                raise ValueError(f"the rollout model has no weight named {names.unexpected_keys[0]!r}")

    def close(self) -> None:
        del self.model


@torch.inference_mode()
def sample_batch(model: torch.nn.Module, batch: list[_Request], end_ids: Sequence[int]) -> list[Completion]:
    """Complete every request of ``batch`` to its end, each from its own generator."""
    device = next(model.parameters()).device
    width = max(len(r.prompt_ids) for r in batch)
    padding = [width - len(r.prompt_ids) for r in batch]
    rows = list(zip(padding, batch, strict=True))
    ids = torch.tensor([[end_ids[0]] * p + r.prompt_ids for p, r in rows], device=device)
    mask = torch.tensor([[0] * p + [1] * (width - p) for p in padding], device=device)
    generators = [torch.Generator("cpu").manual_seed(r.seed % 2**63) for r in batch]
    tokens: list[list[int]] = [[] for _ in batch]
    logprobs: list[list[float]] = [[] for _ in batch]
    running = [True] * len(batch)
    cache = None
    while any(running):
        position = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        output = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=position,
            past_key_values=cache,
            use_cache=True,  # whatever the saved config says: one of a training run says no
            logits_to_keep=1,
        )
        cache = output.past_key_values
        logits = output.logits[:, -1].float().cpu()
        following = []
        for i, request in enumerate(batch):
            token, logprob = _draw(logits[i], request.sampling, generators[i])
            following.append(token)
            if running[i]:
                tokens[i].append(token)
                logprobs[i].append(logprob)
                running[i] = token not in end_ids and len(tokens[i]) < request.sampling.max_tokens
        ids = torch.tensor(following, device=device)[:, None]
        mask = torch.cat([mask, torch.ones_like(ids)], 1)
    return [Completion(t, p, ended=t[-1] in end_ids) for t, p in zip(tokens, logprobs, strict=True)]


def _draw(logits: torch.Tensor, sampling: Sampling, generator: torch.Generator) -> tuple[int, float]:
    if sampling.temperature == 0:
        token = int(logits.argmax())
        return token, float(logits.log_softmax(-1)[token])
    logits = logits / sampling.temperature
    if sampling.top_p < 1:
        ordered, order = logits.softmax(-1).sort(descending=True)
        outside = ordered.cumsum(-1) - ordered >= sampling.top_p
        logits[order[outside]] = -torch.inf
    logps = logits.log_softmax(-1)
    token = int(torch.multinomial(logps.exp(), 1, generator=generator))
    return token, float(logps[token])
