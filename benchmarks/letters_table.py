"""Makes ``rewards/language/letters.zip``: how likely letters follow one another, by language.

    python -m benchmarks.letters_table FOLDER

FOLDER holds the unpacked packages that the figures are counted from, all free to use and to pass on:
``lingua-language-detector==1.3.5`` (Apache-2.0) with its frequencies of letters in newspapers, ``django==5.2.7``
and ``wagtail==7.0`` (BSD-3-Clause) with their translated messages, ``jieba==0.42.1`` (MIT) with its Chinese
words, ``opencc-python-reimplemented==0.1.7`` (Apache-2.0) with the traditional character of each simplified
one; and ``brotli``, to read the first; of Debian 12 ``libreoffice-help-{ko,zh-cn,zh-tw}`` (MPL-2.0) with the
handbook, ``libreoffice-l10n-{ko,th}`` (MPL-2.0) with the messages, and ``hunspell-ko`` (MPL-1.1) with Korean
words, each unpacked (``dpkg-deb -x``) in a folder of its name. The catalog's own phrases and CLDR's names (Babel)
are counted as well, which have changed since, as have the lists of everyday words: today's tables of Bengali, Hindi,
Japanese and Telugu, and the shares of everyday words of fourteen others, are not those that the file has; the other 73
of its 91 languages come out the same to the byte.
"""

import gettext
import html
import json
import math
import re
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import brotli
from babel import Locale, UnknownLocaleError

from rewards.language.letters import FLOOR, PIECES, STEP, TABLE
from rewards.language.tags import language_of
from rewards.language.tokens import everyday

PHRASES = Path("rl/data/catalog/phrases")
# Languages whose vowel signs are marks, which lingua does not count, and those that it does not know.
COUNTED = (
    "hi mr ne bn te ta kn ml gu pa th km my lo si am ja ko zh gl lb fy ky uz tg tk tt ckb ig br gd io ug"
).split()
ORDER = {"th": 3}
LOCALES = {
    "zh": ["zh_Hans", "zh_Hant", "zh"], "pt": ["pt", "pt_BR", "pt_PT"], "he": ["he", "he_IL"],
    "hr": ["hr", "hr_HR"], "is": ["is", "is_IS"], "sk": ["sk", "sk_SK"], "az": ["az", "az_AZ"],
    "id": ["id", "id_ID"], "tr": ["tr", "tr_TR"],
}  # fmt: skip
MASS = {"ko": 0.995, "zh": 0.99}  # of all that is read in a language is kept,
USUAL_MASS = 0.98  # in the others,
MOST = {"ko": 90_000, "zh": 60_000, "ja": 30_000}  # in at most so many groups of letters
USUAL_MOST = {2: 30_000, 3: 20_000}
NEWSPAPERS = 4_500
MESSAGES = 3  # weight of the messages beside a handbook
LEAST = 5_200  # groups of letters from which a language is counted, if there are messages beside its names
NOISE = re.compile(r"%\([^)]*\)[sd]|%[sd]|\{[^}]*\}|<[^>]+>|&\w+;|https?://\S+|\\n")
WORDS = re.compile(r"[^\W\d_][\w'\u0300-\u036f\u0900-\u0dff]*")
MANUALS = {"ko": ["ko"], "zh": ["zh-cn", "zh-tw"]}
PARAGRAPH = re.compile(r"<(?:p|td|li|h\d)\b[^>]*>(.*?)</(?:p|td|li|h\d)>", re.DOTALL)
MESSAGE = re.compile(r'^msgstr(?:\[\d\])? ((?:".*"\n?)+)', re.MULTILINE)


def main(folder: Path) -> None:
    tables: dict[str, str] = {}
    for path in sorted((folder / "lingua/lingua/language-models").iterdir()):
        if (path / "trigrams.json.br").exists() and path.name not in COUNTED:
            key = language_of(path.name).key
            share = everyday_share(messages(folder, path.name), key)
            found = table(3, share, newspapers(path), NEWSPAPERS, USUAL_MASS)
            tables[key] = tables.get(key, "") + found
    for code in COUNTED:
        key, order = language_of(code).key, ORDER.get(code, 2)
        groups = Counter[str]()
        groups.update(groups_of(messages(folder, code), order, key))
        if written := groups_of(prose(folder, code), order, key):  # nearer to replies than a handbook is
            groups = Counter({group: MESSAGES * count for group, count in groups.items()}) + written
        groups += Counter(chinese_words(folder) if code == "zh" else {})
        if groups.total() >= LEAST and any(translated(folder, code)):
            share = everyday_share(messages(folder, code), key)
            most, mass = MOST.get(code, USUAL_MOST[order]), MASS.get(code, USUAL_MASS)
            tables[key] = table(order, share, groups, most, mass)
    with zipfile.ZipFile(TABLE, "w", zipfile.ZIP_LZMA) as packed:
        for key, text in sorted(tables.items()):
            packed.writestr(zipfile.ZipInfo(key), text, zipfile.ZIP_LZMA)


def table(order: int, share: float, groups: Mapping[str, float], most: int, kept_mass: float) -> str:
    """Lines: the order and the share of everyday words; each letter's share; for each step of likelihood the groups
    of letters that have it: ``most`` at most, or the ``kept_mass`` of all."""
    before, letters, total = Counter[str](), Counter[str](), sum(groups.values())
    for group, count in groups.items():
        before[group[:-1]] += count
        letters[group[-1]] += count
    kept: dict[int, list[str]] = {}
    mass = 0.0
    for group, count in sorted(groups.items(), key=lambda item: (-item[1], item[0]))[:most]:
        kept.setdefault(step(count / before[group[:-1]]), []).append(group)
        mass += count
        if mass > kept_mass * total:
            break
    alone = "".join(f"{c}{chr(65 + step(n / total))}" for c, n in sorted(letters.items()) if n > 1e-5 * total)
    lines = [f"{chr(65 + at)}{''.join(sorted(found))}" for at, found in sorted(kept.items())]
    return "\n".join([f"{order} {share:.2f}", alone, *lines]) + "\n\n"


def everyday_share(texts: Iterable[str], key: str) -> float:
    """The share of a text's words that is in the language's list of everyday words."""
    known = everyday().get(key, frozenset())
    words = [word for text in texts for word in WORDS.findall(unicodedata.normalize("NFKC", text).lower())]
    return sum(word in known for word in words) / max(len(words), 1) if known else 0.0


def step(probability: float) -> int:
    return min(round(-math.log(probability) / STEP), round(-FLOOR / STEP))


def newspapers(path: Path) -> dict[str, float]:
    """Shares of all groups of three letters within words, from lingua's conditional ones."""
    ones, twos, threes = (_shares(path / f"{name}grams.json.br") for name in ("uni", "bi", "tri"))
    return {g: p * twos[g[:2]] * ones[g[0]] for g, p in threes.items() if g[:2] in twos}


def _shares(file: Path) -> dict[str, float]:
    read = json.loads(brotli.decompress(file.read_bytes()))["ngrams"]
    found = {}
    for fraction, groups in read.items():
        part, whole = map(int, fraction.split("/"))
        found |= dict.fromkeys(groups.split(" "), part / whole)
    return found


def messages(folder: Path, code: str) -> Iterator[str]:
    """What Django, Wagtail, the catalog and CLDR write in a language."""
    yield from translated(folder, code)
    if (own := PHRASES / f"{code}.yaml").exists():
        yield from 3 * re.findall(r'"([^"\n]+)"', NOISE.sub(" ", own.read_text("utf-8")))
    try:
        locale = Locale.parse(code)
    except UnknownLocaleError:
        return
    yield from map(
        str, [*locale.territories.values(), *locale.languages.values(), *locale.currencies.values()]
    )
    yield from [*locale.months["format"]["wide"].values(), *locale.days["format"]["wide"].values()]


def translated(folder: Path, code: str) -> Iterator[str]:
    """Django's and Wagtail's messages."""
    for locale in LOCALES.get(code, [code]):
        for path in sorted(folder.glob(f"*/**/locale/{locale}/LC_MESSAGES/django.po")):
            for found in MESSAGE.finditer(path.read_text("utf-8")):
                text = "".join(re.findall(r'"(.*)"', found[1]))
                if "Content-Type" not in text:
                    yield NOISE.sub(" ", text)


def prose(folder: Path, code: str) -> Iterator[str]:
    """What LibreOffice's handbook and its messages write in a language, each line once, and Korean words."""
    pages = [
        p for name in MANUALS.get(code, ()) for p in (folder / f"libreoffice-help-{name}").rglob("*.html")
    ]
    found = {" ".join(re.sub("<[^>]+>", " ", line).split()) for p in sorted(pages) for line in _lines(p)}
    for path in sorted((folder / f"libreoffice-l10n-{code}").rglob("*.mo")):
        with path.open("rb") as opened:
            told = gettext.GNUTranslations(opened)._catalog  # type: ignore[attr-defined]
        found |= {NOISE.sub(" ", text) for text in told.values() if isinstance(text, str)}
    yield from sorted(map(html.unescape, found))
    if code == "ko":
        words = (folder / "hunspell-ko/usr/share/hunspell/ko.dic").read_text("utf-8").splitlines()
        yield from (word.split("/")[0] for word in words)


def _lines(page: Path) -> list[str]:
    return PARAGRAPH.findall(page.read_text("utf-8"))


def groups_of(texts: Iterable[str], order: int, key: str) -> Counter[str]:
    scripts = language_of(key).scripts
    found = Counter[str]()
    for text in texts:
        for word in PIECES.findall(unicodedata.normalize("NFKC", text).lower()):
            if any(unicodedata.name(word[0], "").startswith(name) for name in scripts):
                found.update(word[i : i + order] for i in range(len(word) - order + 1))
    return found


def chinese_words(folder: Path) -> dict[str, int]:
    """Pairs of characters within words, simplified and traditional, by how often the words are read."""
    lines = (folder / "opencc/opencc/dictionary/STCharacters.txt").read_text("utf-8").splitlines()
    other = {line.split("\t")[0]: line.split("\t")[1].split(" ")[0] for line in lines if "\t" in line}
    found = Counter[str]()
    for line in (folder / "jieba-0.42.1/jieba/dict.txt").read_text("utf-8").splitlines():
        word, count, _ = line.split(" ")
        traditional = "".join(other.get(c, c) for c in word)
        for written in {word, traditional}:
            found.update({written[i : i + 2]: int(count) // 30 for i in range(len(written) - 1)})
    return +found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
