"""Makes ``rewards/language/order.zip``: which words stand beside one another, by language.

    python -m benchmarks.order_table FOLDER [LANGUAGE ...]

FOLDER holds the unpacked packages that the figures come from, all free to use and to pass on: of Debian 12
``chromium-l10n`` (BSD-3-Clause) with the messages, ``libreoffice-help-*`` (MPL-2.0) with the handbook in
``de en-us es fr hi ja ko pt-br ru zh-cn zh-tw`` and ``libreoffice-l10n-{ar,bn,hi,te,th}`` (MPL-2.0) with the messages, each
unpacked (``dpkg-deb -x``) in a folder of its name; ``chatterbot-corpus`` (BSD-3-Clause) with small talk. The training
split of the catalog's phrases and ``benchmarks/spoken`` (what assistants and people say, written for this) count several
times; every fourth line of the latter is kept back for the bars of ``order.py``. Where no spaces set words apart,
``jieba``, ``budoux`` and ``pythainlp`` cut the texts that are then shuffled.

The vectors are fitted by logistic regression: are these two neighbours of a text, or of the same words shuffled?
"""

import html
import random
import re
import struct
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
import yaml
from babel.messages.mofile import read_mo

from rewards.language.marks import BREAK, UNSPACED, tokens
from rewards.language.order import ANY, STEP, TABLE, pieces
from rewards.language.plain import GAP, INVISIBLE
from rewards.language.tags import language_of

LANGUAGES = "ar bn de en es fr hi ja ko pt ru sw te th zh".split()
CHROMIUM = {"en": ["en-GB"], "es": ["es", "es-419"], "pt": ["pt-BR", "pt-PT"], "zh": ["zh-CN", "zh-TW"]}
HANDBOOK = {"en": ["en-us"], "pt": ["pt-br"], "zh": ["zh-cn", "zh-tw"]} | {
    x: [x] for x in "de es fr hi ja ko ru".split()
}
SMALL_TALK = {
    "bn": "bengali", "zh": "chinese", "en": "english", "fr": "french", "de": "german", "hi": "hindi", "ja": "japanese",
    "ko": "korean", "pt": "portuguese", "ru": "russian", "es": "spanish", "te": "telugu", "th": "thai",
}  # fmt: skip
PHRASES = Path("rl/data/catalog/phrases")
SPOKEN = Path("benchmarks/spoken")
PARAGRAPH = re.compile(r"<(?:p|td|li|h\d)\b[^>]*>(.*?)</(?:p|td|li|h\d)>", re.DOTALL)
TAG = re.compile("<[^>]*>")
HOLE = re.compile(r"%\([^)]*\)[sd]|%\d?\$?[sd@]|\$\{?\w+\}?|\{[^{}]*\}|https?://\S+|\S*\d\S*")
PIECES = {"zh": 12_000, "ja": 8_000, "ko": 8_000, "th": 12_000}  # of words or letters that have vectors
USUAL_PIECES = 5_000
SIZE = {"zh": 10, "th": 10}  # numbers of a vector
USUAL_SIZE = 16
WORDS = {"de": 800_000}  # of manuals and messages, and letters of the languages without spaces twice as many
USUAL_WORDS = 500_000
OWN, TALK = 12.0, 3.0  # weight of the catalog's phrases and of what was written for this, and of small talk
ROUNDS = {"de": 4}
DECAY = {"th": 3e-6, "zh": 3e-6}
USUAL_ROUNDS, BATCH, RATE, FORGET, USUAL_DECAY = 3, 8192, 0.02, 0.1, 2e-5
EDGES = ".,!?:;()\"'«»،؟।。，！？"
Said = list[tuple[str, float]]  # texts with their weights


def main(folder: Path, languages: list[str]) -> None:
    kept: dict[str, bytes] = {}
    if TABLE.exists():
        with zipfile.ZipFile(TABLE) as packed:
            kept = {key: packed.read(key) for key in packed.namelist()}
    for key in languages or LANGUAGES:
        kept[key] = table(key, native(folder, key))
        print(key, len(kept[key]), flush=True)
        with zipfile.ZipFile(TABLE, "w", zipfile.ZIP_LZMA) as packed:
            for name, text in sorted(kept.items()):
                packed.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_LZMA)


def native(folder: Path, key: str) -> Said:
    """Sentences of a language."""
    draw, count = random.Random(0), 0
    manuals = sorted(
        {line for text in _written(folder, key) for line in clean(text).split("\n") if _is_in(line, key)}
    )
    draw.shuffle(manuals)
    most = WORDS.get(key, USUAL_WORDS) * (2 if key in UNSPACED else 1)
    said: Said = []
    for line in manuals:
        if count < most:
            said.append((line, 1.0))
            count += len(tokens(line, key))
    file = yaml.safe_load((PHRASES / f"{key}.yaml").read_text("utf-8"))
    said += [(clean(text), OWN) for text in sorted(set(_texts(file)))]
    said += [(clean(text), OWN) for text in spoken(key)[0]]
    return said + [(text, TALK) for text in sorted(set(_talk(folder, key))) if len(text) < 200]


def spoken(key: str) -> tuple[list[str], list[str]]:
    """What was written for the table, and every fourth line, which is kept back for the bars of ``order.py``."""
    lines = (SPOKEN / f"{key}.txt").read_text("utf-8").splitlines()
    return [line for i, line in enumerate(lines) if i % 4 < 3], lines[3::4]


def _written(folder: Path, key: str) -> Iterator[str]:
    for name in CHROMIUM.get(key, [key]):
        yield from _messages(folder / f"chromium-l10n/usr/lib/chromium/locales/{name}.pak")
    for name in HANDBOOK.get(key, []):
        for page in sorted((folder / f"libreoffice-help-{name}").rglob("*.html")):
            yield from (" ".join(TAG.sub("", p).split()) for p in PARAGRAPH.findall(page.read_text("utf-8")))
    for path in sorted((folder / f"libreoffice-l10n-{key}").rglob("*.mo")):
        with path.open("rb") as opened:
            told = [message.string for message in read_mo(opened) if message.id]
        yield from (text for text in told if isinstance(text, str))


def _messages(pack: Path) -> Iterator[str]:
    """Chromium's messages: a table of ids and places, then the texts."""
    data = pack.read_bytes()
    count = struct.unpack("<H", data[8:10])[0]
    places = [struct.unpack("<HI", data[12 + 6 * i : 18 + 6 * i])[1] for i in range(count + 1)]
    for start, end in pairwise(places):
        yield re.sub(r"\{\w+,\s*plural,.*", "", data[start:end].decode("utf-8", "replace"), flags=re.DOTALL)


def _talk(folder: Path, key: str) -> Iterator[str]:
    for path in sorted(folder.glob(f"**/chatterbot_corpus/data/{SMALL_TALK.get(key, '-')}/*.yml")):
        try:
            yield from _texts(yaml.safe_load(path.read_text("utf-8")).get("conversations", []))
        except yaml.YAMLError:  # one file of the package is none
            continue


def _texts(value: Any) -> Iterator[str]:
    """All texts in it but those of a test split."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner) if name != "test" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def clean(text: str) -> str:
    """Its lines, a gap for each value."""
    text = TAG.sub("\x01", unicodedata.normalize("NFKC", INVISIBLE.sub("", html.unescape(text))))
    text = re.sub(r"\s*\x01\s*\x01[\s\x01]*", "\n", text).replace("\x01", "").replace("&", "")
    return "\n".join(line.strip(" \t•*-") for line in HOLE.sub(GAP, text).split("\n"))


def _is_in(line: str, key: str) -> bool:
    """Whether most of its letters are of the language's script."""
    letters = [unicodedata.name(c, "") for c in line[:80] if c.isalpha()]
    scripts = tuple(language_of(key).scripts)
    own = sum(name.startswith(scripts) for name in letters)
    kana = sum(name.startswith(("HIRAGANA", "KATAKANA")) for name in letters)
    return 6 < len(line) < 400 and own > 0.6 * len(letters) and (kana > 0) == (key == "ja")


def shuffled(said: Said, key: str) -> Said:
    """The same words in no order, and words of all texts."""
    draw, cut = random.Random(1), cutter(key)
    found: Said = []
    pool: list[str] = []
    for text, weight in 2 * said:
        words = [word for part in text.replace(GAP, " § ").split() for word in _pieces(part, cut, draw, key)]
        draw.shuffle(words)
        found.append((_joined(words, key), weight))
        pool += words
    bare = [word.strip(EDGES) or word for word in pool if word != "§"]
    every = sorted(set(bare))
    for _ in range(len(said) // 2):
        source = draw.choice((pool, bare, every))
        found.append((_joined(draw.choices(source, k=draw.randint(6, 15)), key), 1.0))
    return found


def _joined(words: Iterable[str], key: str) -> str:
    return ("" if key in UNSPACED else " ").join(GAP if word == "§" else word for word in words)


def _pieces(part: str, cut: Callable[[str], list[str]], draw: random.Random, key: str) -> Iterator[str]:
    """Words; of a text without spaces words, two at a time, or a few letters."""
    if key not in UNSPACED or part == "§":
        yield part
        return
    units, most = (list(part), 3) if draw.random() < 0.25 else (cut(part), draw.choice((1, 1, 2)))
    while units:
        size = draw.randint(1, most)
        yield "".join(units[:size])
        units = units[size:]


@cache
def cutter(key: str) -> Callable[[str], list[str]]:
    match key:
        case "zh":
            import jieba

            return lambda text: [str(word) for word in jieba.lcut(text)]
        case "th":
            from pythainlp.tokenize import word_tokenize

            return lambda text: list(word_tokenize(text, engine="newmm"))
        case "ja":
            import budoux

            runs = re.compile(r"[ぁ-ん]+|[ァ-ヶー]+|[一-龯々]{1,2}|[^\W]+|[^\w\s]+")
            parser = budoux.load_default_japanese_parser()
            return lambda text: [word for phrase in parser.parse(text) for word in runs.findall(phrase)]
    return str.split


def sides(text: str, key: str) -> list[tuple[list[str], list[str]]]:
    """For each two neighbours what the first one ends with and what the second one begins with."""
    said, reach = tuple(tokens(text, key)), UNSPACED.get(key, 1)
    found = []
    for i in range(len(said) - 1):
        if BREAK not in said[i : i + 2]:
            left, _ = pieces(said[max(0, i + 1 - reach) : i + 1], key)
            _, right = pieces(said[i + 1 : i + 1 + reach], key)
            found.append((left, right))
    return found


def table(key: str, said: Said) -> bytes:
    size, rounds = SIZE.get(key, USUAL_SIZE), ROUNDS.get(key, USUAL_ROUNDS)
    counts = Counter[str]()
    for text, weight in said:
        for left, right in sides(text, key):
            for piece in {*left, *right}:
                counts[piece] += int(weight)
    usual = counts.most_common(PIECES.get(key, USUAL_PIECES))
    pieces = [ANY, *(piece for piece, count in usual if count > 3)]
    at = {piece: i + 1 for i, piece in enumerate(pieces)}
    rows: list[list[list[int]]] = [[], []]
    truth: list[float] = []
    weights: list[float] = []
    for is_native, texts in ((1.0, said), (0.0, shuffled(said, key))):
        for text, weight in texts:
            for pair in sides(text, key):
                for side, pieces in zip(rows, pair, strict=True):
                    known = [at[piece] for piece in pieces if piece in at]
                    side.append([at[ANY], *known] if known else [])
                truth.append(is_native)
                weights.append(weight)
    vectors = fitted(
        [_padded(side) for side in rows],
        torch.tensor(truth),
        torch.tensor(weights),
        (len(at) + 1, size),
        rounds,
        DECAY.get(key, USUAL_DECAY),
    )
    steps = (torch.stack(vectors, 1)[1:] / STEP).round().clamp(-128, 127).to(torch.int16) + 128
    return b"\n".join(
        [str(size).encode(), " ".join(at).encode(), bytes(steps.to(torch.uint8).flatten().tolist())]
    )


def _padded(rows: list[list[int]]) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [0] * (width - len(row)) for row in rows])


def fitted(
    sides: list[torch.Tensor],
    truth: torch.Tensor,
    weights: torch.Tensor,
    shape: tuple[int, int],
    rounds: int,
    decay: float,
) -> list[torch.Tensor]:
    """Vectors of a shape after and before which a piece stands, whose products are the log odds of ``truth`` [N]."""
    weights = torch.where(
        truth == 1, weights / weights[truth == 1].sum(), weights / weights[truth == 0].sum()
    )
    weights *= len(truth) / 2
    draw = torch.Generator().manual_seed(0)
    bags = [torch.nn.EmbeddingBag(*shape, mode="sum", padding_idx=0) for _ in sides]
    for bag in bags:
        bag.weight.data = 0.2 * torch.randn(*shape, generator=draw)
        bag.weight.data[0] = 0
    parameters = [bag.weight for bag in bags]
    steps = rounds * (len(truth) // BATCH + 1)
    adam = torch.optim.Adam(parameters, lr=RATE)
    slower = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: max(0.02, 1 - step / steps))
    for _ in range(rounds):
        total = 0.0
        for chosen in torch.randperm(len(truth), generator=draw).split(BATCH):
            seen = [side[chosen] for side in sides]
            seen = [side * (torch.rand(side.shape, generator=draw) > FORGET) for side in seen]
            odds = (bags[0](seen[0]) * bags[1](seen[1])).sum(1)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(odds, truth[chosen], weights[chosen])
            adam.zero_grad()
            (loss + decay * sum((p**2).sum() for p in parameters)).backward()
            adam.step()
            slower.step()
            total += float(loss.detach()) * len(chosen)
    print("loss", round(total / len(truth), 4), "pairs", len(truth), end=" ")
    return [p.detach() for p in parameters]


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), sys.argv[2:])
