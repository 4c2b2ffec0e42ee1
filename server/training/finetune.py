"""Contrastive training of the deep model on text-to-code pairs, on a CPU or a GPU.

    python server/training/finetune.py MODEL WORK PAIRS.jsonl.xz... --pairs 40000 [--minutes M]

InfoNCE (van den Oord et al. 2018) in both directions. A batch consists of runs of neighbouring
pairs from few repositories, so that most negatives are of the same code base, many of the same
folder. Places of the same file or with the same text are not negatives of each other.

A checkpoint is written to WORK every ten minutes and at the end of the time, and the next call
continues from it. The model is written to WORK as `model.onnx`, in the format that it came from.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tokenizers
import torch
from bert import network, written
from text import read_pairs
from transformers import BertModel

KEEP = {"long": 1.0, "doc": 0.25, "commit": 0.25, "header": 0.5, "name": 0.03}
"""Share of the pairs of each kind that an epoch uses."""
REPOSITORIES, RUN = 4, 10
"""Runs of a batch, each of one repository, and pairs of a run."""
TEMPERATURE, RATE, WARMING = 0.03, 3e-5, 0.05
"""Temperature and largest rate of a trial that was measured; share of the steps of the rise."""
QUERY_TOKENS, CODE_TOKENS = 128, 160
AS_WHOLE, AS_TITLE = 0.5, 0.25
"""How often a long text is asked as a whole, and by its first line; else by one paragraph."""
LINES_BEFORE = 18
"""Lines of context that long pairs have before the place that changed."""
WITH_NAME = 0.7
"""How often the name of the file precedes the code, as the name of a definition does in use."""
CHECKPOINT_S = 600.0
_CASE_CHANGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")


@dataclass(frozen=True)
class Batch:
    """Texts of the queries and the codes, and (pairs, pairs): which are no negatives."""

    queries: list[str]
    codes: list[str]
    same: np.ndarray


class Texts:
    """Tokens of texts, cut and padded to the longest of a batch."""

    def __init__(self, file: Path) -> None:
        self._tokenizer = tokenizers.Tokenizer.from_file(str(file))
        self._tokenizer.enable_padding()

    def tensors(self, texts: Sequence[str], tokens: int, device: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (texts, tokens): numbers of tokens, and the mask of those that are not padding."""
        self._tokenizer.enable_truncation(tokens)
        found = self._tokenizer.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
        ids, mask = ([getattr(one, name) for one in found] for name in ("ids", "attention_mask"))
        return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def runs(paths: Sequence[Path]) -> dict[str, list[list[dict[str, str]]]]:
    """Return, by kind, runs of pairs of one repository that are neighbours by path."""
    pairs: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for pair in read_pairs(paths):
        if pair["kind"] in KEEP:
            pairs[pair["kind"], pair["repo"]].append(pair)
    found: dict[str, list[list[dict[str, str]]]] = defaultdict(list)
    for (kind, _), own in pairs.items():
        own.sort(key=lambda pair: pair["path"])
        found[kind].extend(own[at : at + RUN] for at in range(0, len(own) - RUN + 1, RUN))
    return found


def batches(kinds: dict[str, list[list[dict[str, str]]]], prompt: str, seed: int) -> Iterator[Batch]:
    """Yield batches without end, each of one kind, the same ones for the same seed.

    Raises ValueError if no repository has enough pairs for a run.
    """
    if not any(kinds.values()):
        raise ValueError(f"No repository has {RUN} pairs of a kind. To fix: give files with more pairs.")
    epoch = 0
    while True:
        chance = random.Random(f"{seed} {epoch}")
        of_epoch = []
        for kind, own in sorted(kinds.items()):
            chosen = chance.sample(own, min(len(own), max(REPOSITORIES, round(KEEP[kind] * len(own)))))
            of_epoch += [chosen[at : at + REPOSITORIES] for at in range(0, len(chosen), REPOSITORIES)]
        chance.shuffle(of_epoch)
        for group in of_epoch:
            yield _batch([pair for run in group for pair in run], prompt, chance)
        epoch += 1


def _batch(pairs: Sequence[dict[str, str]], prompt: str, chance: random.Random) -> Batch:
    places = np.array([f"{pair['repo']} {pair['path']}" for pair in pairs])
    asked = np.array([pair["query"] for pair in pairs])
    same = (places[:, None] == places) | (asked[:, None] == asked)
    np.fill_diagonal(same, val=False)
    queries = [prompt + _asked(pair, chance) for pair in pairs]
    return Batch(queries, [_CASE_CHANGE.sub(" ", _code(pair, chance)) for pair in pairs], same)


def _asked(pair: dict[str, str], chance: random.Random) -> str:
    text, drawn = pair["query"], chance.random()
    if pair["kind"] != "long" or drawn < AS_WHOLE:
        return text
    title, *paragraphs = re.split(r"\n\s*\n", text)
    return chance.choice(paragraphs) if paragraphs and drawn >= AS_WHOLE + AS_TITLE else title


def _code(pair: dict[str, str], chance: random.Random) -> str:
    code = pair["code"]
    if pair["kind"] == "long":
        lines = code.split("\n")
        code = "\n".join(lines[chance.randrange(max(1, min(LINES_BEFORE, len(lines) - LINES_BEFORE))) :])
    return f"{Path(pair['path']).stem}\n{code}" if chance.random() < WITH_NAME else code


def loss(queries: torch.Tensor, codes: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of the right partner, of queries and of codes.

    `queries` and `codes` are (pairs, dim), of length 1.
    """
    logits = (queries @ codes.T / TEMPERATURE).masked_fill(same, -torch.inf)
    right = torch.arange(len(logits), device=logits.device)
    return (torch.nn.functional.cross_entropy(logits, right) + torch.nn.functional.cross_entropy(logits.T, right)) / 2


def vectors(model: BertModel, texts: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Return (texts, dim): the normalised state of the first token."""
    ids, mask = texts
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0].float()
    return torch.nn.functional.normalize(states, dim=-1)


class Training:
    """A network, its optimiser and the number of steps done, all of which a checkpoint keeps."""

    def __init__(self, model: BertModel, texts: Texts, steps: int, device: str) -> None:
        self.done = 0
        self.model, self._texts, self._steps, self._device = model.to(device), texts, steps, device
        for parameter in model.embeddings.parameters():
            parameter.requires_grad = False
        learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._optimizer = torch.optim.AdamW(learnt, lr=RATE, weight_decay=0.01)

    def step(self, batch: Batch) -> float:
        """Learn from one batch and return its loss."""
        for group in self._optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (self.done + 1) / (WARMING * self._steps)) * self._left()
        with torch.autocast(self._device, dtype=torch.bfloat16):
            queries = vectors(self.model, self._texts.tensors(batch.queries, QUERY_TOKENS, self._device))
            codes = vectors(self.model, self._texts.tensors(batch.codes, CODE_TOKENS, self._device))
        value = loss(queries, codes, torch.from_numpy(batch.same).to(self._device))
        self._optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        self.done += 1
        return value.item()

    def _left(self) -> float:
        return max(0.0, 1 - self.done / self._steps)

    def save(self, file: Path) -> None:
        """Write a checkpoint; an interruption leaves the one before it."""
        parts = {"model": self.model.state_dict(), "optimizer": self._optimizer.state_dict(), "done": self.done}
        torch.save(parts, file.with_suffix(".new"))
        file.with_suffix(".new").replace(file)

    def load(self, file: Path) -> None:
        """Continue from a checkpoint."""
        parts = torch.load(file, map_location=self._device, weights_only=True)
        self.model.load_state_dict(parts["model"])
        self._optimizer.load_state_dict(parts["optimizer"])
        self.done = parts["done"]


def train(training: Training, made: Iterator[Batch], steps: int, until: float, checkpoint: Path) -> None:
    """Train until the steps are done or the monotonic clock reaches `until`."""
    began, first, saved, recent = time.monotonic(), training.done, time.monotonic(), 0.0
    for _ in range(training.done):
        next(made)
    while training.done < steps and time.monotonic() < until:
        recent += (training.step(next(made)) - recent) / min(50, training.done + 1 - first + 1)
        if time.monotonic() - saved > CHECKPOINT_S:
            training.save(checkpoint)
            saved = time.monotonic()
        if training.done % 20 == 0:
            rate = (training.done - first) * REPOSITORIES * RUN / (time.monotonic() - began)
            print(f"{training.done} of {steps}: loss {recent:.3f}, {rate:.1f} pairs/s", flush=True)
    training.save(checkpoint)


def main() -> None:
    """Train, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a folder with model.onnx, tokenizer.json and the prompts")
    parser.add_argument("work", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--pairs", type=int, default=40_000)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    arguments.work.mkdir(parents=True, exist_ok=True)
    data = (arguments.model / "model.onnx").read_bytes()
    prompts = json.loads((arguments.model / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    steps = arguments.pairs // (REPOSITORIES * RUN)
    training = Training(network(data), Texts(arguments.model / "tokenizer.json"), steps, arguments.device)
    checkpoint = arguments.work / "checkpoint.pt"
    if checkpoint.exists():
        training.load(checkpoint)
    made = batches(runs(arguments.files), prompts["prompts"]["query"], arguments.seed)
    train(training, made, steps, until, checkpoint)
    (arguments.work / "model.onnx").write_bytes(written(training.model, data))


if __name__ == "__main__":
    main()
