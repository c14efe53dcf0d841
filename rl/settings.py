"""Every setting of a run, its type, its range and its default. ``conf/`` holds the files that fill them."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
)

PositiveShare = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]


CallFormat = Literal[
    "auto", "hermes", "qwen3_coder", "llama3_json", "mistral", "pythonic", "bfcl", "api_bank", "itc", "json"
]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class WarmStart(Section):
    """Supervised steps that give the tiny model the call format before GRPO starts."""

    steps: NonNegativeInt = 300
    rows: PositiveInt = 64
    learning_rate: PositiveFloat = 3e-3
    english_share: Share = 0.8
    english_replies: Share = 0.5  # share of the other languages' rows that are answered in English
    seconds_limit: PositiveFloat = 240


class Tiny(Section):
    """Sizes of the built-in Qwen3 that is made from nothing on a laptop."""

    hidden_size: PositiveInt = 192
    layers: PositiveInt = 4
    heads: PositiveInt = 6
    kv_heads: PositiveInt = 2
    intermediate_size: PositiveInt = 512
    vocab_size: Annotated[int, Field(ge=512)] = 4096
    warm_start: WarmStart = WarmStart()


class Model(Section):
    """``path`` is ``tiny``, a folder, or the id of a model on the Hugging Face hub."""

    path: str
    dtype: Literal["float32", "bfloat16"] = "float32"
    trust_remote_code: bool = False
    attn_implementation: str | None = None
    cache_dir: str = "outputs/cache"
    call_format: CallFormat = "auto"  # auto: as the model's chat template writes calls
    chat_template_kwargs: dict[str, Any] = {}  # of templates with options, such as enable_thinking
    tiny: Tiny = Tiny()


class Data(Section):
    source: Literal["catalog", "xsid", "massive", "bfcl", "mapicall", "itc", "xlam", "jsonl"] = "catalog"
    path: str | None = None
    languages: Annotated[list[str], Field(min_length=1)] | None = None
    tools: Annotated[list[str], Field(min_length=1)] | None = None
    per_tool: PositiveInt = 40
    tools_per_task: PositiveInt = 4
    underscore_names: bool = False  # bfcl: "_" for "." in names of functions
    held_out: Share = 0.0  # bfcl, mapicall, itc, xlam, which have no splits: the share of tasks for test
    split: str = "train"
    test_split: str = "test"
    system: str | None = None


class Rollout(Section):
    """Token counts are per turn (``max_new_tokens``) and per sequence (``max_model_len``)."""

    engine: Literal["vllm", "hf"] = "vllm"
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"  # auto: bfloat16 where the hardware has it
    workers: PositiveInt = 1
    concurrency: PositiveInt = 128
    temperature: PositiveFloat = 1.0
    top_p: PositiveShare = 1.0
    max_new_tokens: PositiveInt = 96
    max_turns: Annotated[int, Field(ge=1, le=16)] = 4  # seeds are spaced by 16
    max_model_len: Annotated[int, Field(ge=64)] = 1024
    gpu_memory_utilization: PositiveShare = 0.4
    tensor_parallel: PositiveInt = 1
    kv_cache_gib: PositiveFloat = 1.0  # on the CPU only
    start_timeout: PositiveFloat = 300  # seconds


class Reward(Section):
    """``components``: name → ``{_target_: module.function, weight: ..., **options}``; see docs/rewards.md.

    ``aggregation``: the advantages of the parts' weighted mean, or (GDPO) the sum of the parts' advantages.
    """

    components: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
    aggregation: Literal["sum_then_normalize", "normalize_then_sum"] = "sum_then_normalize"
    on_abstain: Literal["renormalize", "mask"] = "renormalize"
    time_limit: PositiveFloat = 10.0  # seconds for one part of one trajectory
    actors: PositiveInt = 2
    in_flight: PositiveInt = 256  # trajectories that are scored at once
    max_masked_share: Share = 0.5


class Judge(Section):
    """Who grades the part culture: ``rules``, one model, a jury's median, or two that debate.

    ``budget`` is a run's, in the currency of ``price``: that of a million tokens of prompt and of answer.
    """

    kind: Literal["rules", "openai", "jury", "debate"] = "rules"
    base_url: str | None = None
    model: str | None = None  # who judges alone, or gives the verdict of a debate
    models: list[str] = []  # the jury, or the two who debate
    api_key_env: str = "OPENAI_API_KEY"
    timeout: PositiveFloat = 30.0  # seconds
    retries: NonNegativeInt = 2
    connections: PositiveInt = 8  # of each reward actor
    requests_per_minute: PositiveFloat | None = None  # of all actors together
    price: Annotated[list[NonNegativeFloat], Field(min_length=2, max_length=2)] = [0.0, 0.0]
    budget: PositiveFloat | None = None
    when_spent: Literal["abstain", "mask"] = "abstain"
    cache: str | None = None  # a file; answers and spending are shared through it


class Advantage(Section):
    """``baseline`` and ``scale`` name the group that each is taken over; see docs and presets."""

    baseline: Literal["prompt", "language", "task", "batch", "shrunk"] = "shrunk"
    scale: Literal["prompt", "language", "task", "batch", "none"] = "language"
    min_group: Annotated[int, Field(ge=1)] = 2
    scale_floor: NonNegativeFloat = 0.0
    weights: Literal["uniform", "inverse_frequency", "worst_first"] = "uniform"


class Rest(Section):
    """Tools that are REST APIs, as ``sandbox.http_tools.HttpTools`` takes them."""

    sources: list[str | dict[str, Any]]
    hosts: list[str] = []
    private_hosts: list[str] = []
    mode: Literal["live", "record", "replay"] = "live"
    cassette: str | None = None
    seconds: PositiveFloat = 10.0
    output_kb: PositiveInt = 256
    rate: PositiveFloat = 5.0  # calls a second, for each host
    failures: PositiveInt = 5
    pause: PositiveFloat = 30.0  # seconds


class Mcp(Section):
    """A server of the Model Context Protocol, as ``sandbox.mcp.servers`` takes it: a ``command`` or a ``url``."""

    command: list[str] | None = None
    env: dict[str, str] | None = None
    isolated: bool | None = None  # None: yes
    network: bool | None = None  # None: no
    url: str | None = None
    headers: dict[str, str] | None = None


class Sandbox(Section):
    """Limits as ``sandbox.open_sandbox`` has them; ``tools`` and ``trusted_tools`` name modules.

    With ``url`` the tools run where ``python -m sandbox.serve`` serves them, under its own limits.
    """

    url: str | None = None
    token_env: str = "POLYGLOT_SANDBOX_TOKEN"
    isolation: Literal["full", "process"] = "full"
    workers: PositiveInt | None = None  # None: one a core
    wall_seconds: PositiveFloat = 5.0
    cpu_seconds: PositiveInt = 2
    memory_mb: Annotated[int, Field(ge=256)] = 1024
    program_mb: Annotated[int, Field(ge=64)] = 256
    disk_mb: PositiveInt = 16
    output_kb: PositiveInt = 256
    programs: PositiveInt = 128
    spares: NonNegativeInt = 8
    recycle_calls: PositiveInt = 100_000
    tools: list[str] = []
    trusted_tools: list[str] = []
    rest: Rest | None = None
    mcp: list[Mcp] = []
    descriptions: Literal["english", "localized", "both"] = "english"  # of tools, as the model is shown them
    transliterate: bool = False


class Trainer(Section):
    """``steps`` counts optimizer updates.

    A generation batch is ``prompts_per_language`` prompts of each language, ``generations`` times each. It
    feeds ``minibatches`` x ``updates_per_batch`` updates.
    """

    steps: PositiveInt = 100
    learning_rate: PositiveFloat = 1e-6
    prompts_per_language: PositiveInt = 2
    generations: Annotated[int, Field(ge=2)] = 8
    updates_per_batch: PositiveInt = 1  # passes over a generation batch
    minibatches: PositiveInt = 1  # updates that a pass over a generation batch is split into
    accumulation: PositiveInt = 1  # forward and backward passes of each update
    beta: NonNegativeFloat = 0.0
    loss_type: Literal["grpo", "dr_grpo", "dapo", "bnpo", "cispo", "luspo", "sapo", "vespo"] = "dapo"
    max_grad_norm: PositiveFloat = 1.0
    warmup_steps: NonNegativeInt = 0
    lr_scheduler: Literal["constant", "constant_with_warmup", "linear", "cosine"] = "constant"
    save_every: PositiveInt = 50  # steps; a multiple of minibatches x updates_per_batch
    keep: PositiveInt = 2
    report_to: list[str] = []
    bf16: bool | Literal["auto"] = False  # auto: where the hardware has it
    gradient_checkpointing: bool = False
    peft: dict[str, Any] | None = None
    trl: dict[str, Any] = {}


class Cluster(Section):
    kind: Literal["local", "ray"] = "local"
    processes: PositiveInt = 1  # training ranks
    gpus_per_process: NonNegativeInt = 0
    address: str | None = None  # of a Ray cluster that runs already


class Evaluate(Section):
    tasks_per_language: PositiveInt = 40
    temperature: NonNegativeFloat = 1.0
    split: str = "test"
    before: bool = True
    after: bool = True


class Config(Section):
    seed: NonNegativeInt = 0
    run: Annotated[str, BeforeValidator(str), Field(pattern=r"^\w[^/\x00-\x1f]*$", max_length=200)]
    output_dir: str = "outputs"
    resume: str | None = None
    model: Model
    data: Data
    rollout: Rollout
    reward: Reward
    judge: Judge
    advantage: Advantage
    sandbox: Sandbox
    trainer: Trainer
    cluster: Cluster
    evaluate: Evaluate = Evaluate()

    @property
    def folder(self) -> Path:
        """Where this run writes: ``output_dir/run``."""
        return Path(self.output_dir) / self.run
