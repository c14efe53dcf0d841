# ruff: noqa: RUF012 (pydantic copies defaults)
"""Every setting of a run, its type, its range and its default. ``conf/`` holds the files that fill them."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from rl.config.section import PositiveShare, Section, Share
from rl.data.settings import Data

CallFormat = Literal[
    "auto", "hermes", "qwen3_coder", "llama3_json", "mistral", "pythonic", "lfm2", "bfcl", "api_bank", "itc", "json"
]  # fmt: skip


Slice = Literal[
    "typos", "native_digits", "romanized", "code_switched", "result_in_prompt", "localized_tools", "glossary",
    "tools_4", "tools_10", "tools_20", "tools_40",
]  # fmt: skip


RunName = Annotated[
    str, BeforeValidator(str), Field(pattern=r"^[^/\x00-\x1f\s.-][^/\x00-\x1f]*$", max_length=200)
]


Price = Annotated[list[NonNegativeFloat], Field(min_length=2, max_length=2)]
Schedule = Literal["constant", "constant_with_warmup", "linear", "cosine"]


class WarmStart(Section):
    """Supervised steps that give the tiny model the call format before GRPO starts."""

    steps: NonNegativeInt = 300  # updates
    rows: PositiveInt = 64  # of each update
    learning_rate: PositiveFloat = 3e-3  # at its height
    english_share: Share = 0.8  # of the rows
    english_replies: Share = 0.5  # share of the other languages' rows that are answered in English
    seconds_limit: PositiveFloat = 240  # after which it ends, wherever it is


class Tiny(Section):
    """Sizes of the built-in Qwen3 that is made from nothing on a laptop."""

    hidden_size: PositiveInt = 192  # an even multiple of heads
    layers: PositiveInt = 4  # of the network
    heads: PositiveInt = 6  # of attention
    kv_heads: PositiveInt = 2  # that share keys and values; divides heads
    intermediate_size: PositiveInt = 512  # of the feed-forward part
    vocab_size: Annotated[int, Field(ge=512)] = 4096  # tokens, learned from the training split
    warm_start: WarmStart = WarmStart()


class Model(Section):
    """``path`` is ``tiny``, a folder, or the id of a model on the Hugging Face hub."""

    path: str  # see above
    dtype: Literal["float32", "bfloat16"] = "float32"  # that weights are trained in
    trust_remote_code: bool = False  # run code that comes with a model
    attn_implementation: str | None = None  # eager, sdpa, ...: transformers'; vLLM has its own
    cache_dir: str = "outputs/cache"  # of warm starts and converted models
    call_format: CallFormat = "auto"  # auto: as the model's chat template writes calls
    chat_template_kwargs: dict[str, Any] = {}  # of templates with options, such as enable_thinking
    tiny: Tiny = Tiny()


class Endpoint(Section):
    """A server that speaks OpenAI's chat API, for evaluations; ``model.path`` is its name for the model."""

    base_url: str | None = None  # up to and with /v1
    api_key_env: str = "OPENAI_API_KEY"  # the environment variable that has the key; "": none is needed
    tools: Literal["field", "prompt"] = "field"  # told in the API's own field, or in the system prompt
    timeout: PositiveFloat = 120.0  # seconds
    retries: NonNegativeInt = 3  # of a request that failed
    price: Price = [0.0, 0.0]  # of a million tokens of prompt, and of completion
    body: dict[str, Any] = {}  # fields of each request, over ours; null leaves one out


class Rollout(Section):
    """Token counts are per turn (``max_new_tokens``) and per sequence (``max_model_len``)."""

    engine: Literal["vllm", "hf", "openai"] = "vllm"  # hf: transformers; openai: an endpoint
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"  # auto: bfloat16 where the hardware has it
    workers: PositiveInt = 1  # engines in all, shared by every rank
    concurrency: PositiveInt = 128  # samples in flight in each engine
    ahead: NonNegativeInt = 0  # updates that sampling may run ahead of the policy; 0: on-policy
    temperature: PositiveFloat = 1.0  # of sampling in training
    top_p: PositiveShare = 1.0  # in evaluations; training refuses less than 1
    grammar: Literal["none", "calls"] = "none"  # calls: only calls that fit their tool's schema are sampled
    max_new_tokens: PositiveInt = 96  # of a turn
    max_turns: Annotated[int, Field(ge=1, le=16)] = 4  # seeds are spaced by 16
    max_model_len: Annotated[int, Field(ge=64)] = 1024  # tokens of prompt, turns and results together
    gpu_memory_utilization: PositiveShare = 0.4  # share of a GPU that its engine may take
    tensor_parallel: PositiveInt = 1  # GPUs of each engine
    kv_cache_gib: PositiveFloat = 1.0  # on the CPU only
    start_timeout: PositiveFloat = 300  # seconds
    check_each_step: bool = (
        False  # that engines and trainer agree, which is looked at in the first step anyway
    )
    scale_tokens: bool = (
        False  # max_new_tokens is English's; others' in proportion to their tokens for the same
    )
    transfer: Literal["auto", "nccl", "ipc", "shared", "objects"] = (
        "auto"  # how weights come to vLLM's engines
    )
    transfer_timeout: PositiveFloat = 600  # seconds in which an engine ends its turns and takes new weights
    endpoint: Endpoint = Endpoint()


class Reward(Section):
    """``components``: name → ``{_target_: module.function, weight: ..., **options}``; see docs/rewards.md."""

    components: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]  # see above
    on_abstain: Literal["renormalize", "mask"] = (
        "renormalize"  # a part that says nothing: left out, or the sample
    )
    time_limit: PositiveFloat = 10.0  # seconds for one part of one trajectory
    actors: PositiveInt = 2  # processes that score
    in_flight: PositiveInt = 256  # trajectories that are scored at once
    max_masked_share: Share = 0.5  # of a step, above which the run stops


class Judge(Section):
    """Who grades the part culture: ``rules``, one model, a jury's median, or two that debate.

    ``budget`` is a run's, in the currency of ``price``.
    """

    kind: Literal["rules", "openai", "jury", "debate"] = "rules"  # see above
    base_url: str | None = None  # up to and with /v1
    model: str | None = None  # who judges alone, or gives the verdict of a debate
    models: list[str] = []  # the jury, or the two who debate
    api_key_env: str = "OPENAI_API_KEY"  # the environment variable that has the key; "": none is needed
    timeout: PositiveFloat = 30.0  # seconds
    retries: NonNegativeInt = 2  # of a request that failed
    connections: PositiveInt = 8  # of each reward actor
    requests_per_minute: PositiveFloat | None = None  # of all actors together
    price: Price = [0.0, 0.0]  # of a million tokens of prompt, and of answer
    budget: PositiveFloat | None = None  # see above; null: none
    when_spent: Literal["abstain", "mask"] = "abstain"  # the part stays out, or masks the sample
    cache: str | None = None  # a file; answers and spending are shared through it


class Advantage(Section):
    """``estimator`` is a name of ``rl.advantages.ESTIMATORS`` or the dotted path of a function of one's own, which
    gets ``options``. ``baseline`` and ``scale`` name the group that each is taken over; see docs and presets."""

    estimator: str = "grouped"  # see above
    options: dict[str, Any] = {}  # keyword arguments of the estimator
    baseline: Literal["prompt", "language", "task", "batch", "shrunk"] = (
        "shrunk"  # group whose mean is taken off
    )
    scale: Literal["prompt", "language", "task", "batch", "none"] = "language"  # group whose spread divides
    min_group: Annotated[int, Field(ge=1)] = 2  # scored samples that a group needs for a statistic of its own
    scale_floor: NonNegativeFloat = 0.0  # the least spread that divides
    weights: Literal["uniform", "inverse_frequency", "worst_first"] = "uniform"  # of languages, on average 1
    smoothing: Share = (
        0.0  # of a language's mean reward over steps, which worst_first goes by; 0: this step's alone
    )


class Rest(Section):
    """Tools that are REST APIs, as ``sandbox.backends.rest.tools.HttpTools`` takes them."""

    sources: list[str | dict[str, Any]]  # OpenAPI documents, files of records, or records
    hosts: list[str] = []  # name or name:port that may be reached
    private_hosts: list[str] = []  # address:port that may be although it is not public
    mode: Literal["live", "record", "replay"] = "live"  # to the cassette, or from it
    cassette: str | None = None  # a JSON-lines file
    seconds: PositiveFloat = 10.0  # for a call
    output_kb: PositiveInt = 256  # of an answer
    rate: PositiveFloat = 5.0  # calls a second, for each host
    failures: PositiveInt = 5  # in a row after which an API is out
    pause: PositiveFloat = 30.0  # seconds that it is out
    drop_dead: bool = False  # call each API once at the start, and leave out those that do not answer


class Mcp(Section):
    """A server of the Model Context Protocol, as ``sandbox.backends.mcp.servers`` takes it: a ``command`` or a ``url``."""

    command: list[str] | None = None  # that starts it
    env: dict[str, str] | None = None  # its environment
    isolated: bool | None = None  # None: yes
    network: bool | None = None  # None: no
    url: str | None = None  # of one that runs already
    headers: dict[str, str] | None = None  # of each request
    locale: str | None = None  # whose tools they are, such as de-DE; null: everybody's


class Sandbox(Section):
    """Limits as ``sandbox.open_sandbox`` has them; ``tools`` and ``trusted_tools`` name modules.

    With ``url`` the tools run where ``python -m sandbox.serve`` serves them, under its own limits.
    """

    url: str | None = None  # see above; null: in this process
    token_env: str = "POLYGLOT_SANDBOX_TOKEN"  # the environment variable that has the token of url
    isolation: Literal["full", "unprivileged", "process"] = "full"  # docs/sandbox.md has what each keeps out
    workers: PositiveInt | None = None  # None: one a core
    wall_seconds: PositiveFloat = 5.0  # for a call
    cpu_seconds: PositiveInt = 2  # for a call or program
    memory_mb: Annotated[int, Field(ge=256)] = 1024  # of a worker
    program_mb: Annotated[int, Field(ge=64)] = 256  # resident memory of a program
    disk_mb: PositiveInt = 16  # of a session
    output_kb: PositiveInt = 256  # of a result
    programs: PositiveInt = 128  # that run at once
    spares: NonNegativeInt = 8  # of sessions for programs, started before they are needed
    recycle_calls: PositiveInt = 100_000  # after which a worker is replaced
    tools: list[str] = []  # modules whose tools run isolated
    trusted_tools: list[str] = []  # modules whose tools run beside the catalog
    rest: Rest | None = None  # tools that are REST APIs
    mcp: list[Mcp] = []  # tools of MCP servers
    descriptions: Literal["english", "localized", "both"] = "english"  # of tools, as the model is shown them
    transliterate: bool = False  # results in other scripts carry Latin letters, too


class Curriculum(Section):
    """How a step's prompts are shared among languages; docs/advantages.md has the formulas."""

    kind: Literal["uniform", "temperature", "gap", "schedule"] = "uniform"  # see above
    temperature: PositiveFloat = 1.0  # of temperature and gap; larger ones are nearer to uniform
    start: dict[str, NonNegativeFloat] = {}  # of schedule: each language's share at the first step,
    end: dict[str, NonNegativeFloat] = {}  # and at the last


class Trainer(Section):
    """``steps`` counts optimizer updates.

    A generation batch is ``prompts_per_language`` prompts of each language, ``generations`` times each. It
    feeds ``minibatches`` x ``updates_per_batch`` updates.
    """

    steps: PositiveInt = 100  # see above
    learning_rate: PositiveFloat = 1e-6  # at its height
    prompts_per_language: PositiveInt = 2  # of each generation batch
    generations: Annotated[int, Field(ge=2)] = 8  # samples of each prompt
    updates_per_batch: PositiveInt = 1  # passes over a generation batch
    minibatches: PositiveInt = 1  # updates that a pass over a generation batch is split into
    accumulation: PositiveInt = 1  # forward and backward passes of each update
    tokens_per_pass: PositiveInt | None = (
        None  # padded tokens of a pass, which then is cut by length; None: by rows
    )
    refill: NonNegativeInt = (
        0  # other prompts that are tried in the place of one whose samples all earn the same
    )
    beta: NonNegativeFloat = 0.0  # of the KL term; 0: no reference model
    loss_type: Literal["grpo", "dr_grpo", "dapo", "bnpo", "cispo", "luspo", "sapo", "vespo"] = "dapo"  # TRL's
    ratio: Literal["auto", "policy", "sampling"] = (
        "auto"  # what the loss divides by; auto: sampling where ahead > 0 or the engine computes in another dtype
    )
    max_grad_norm: PositiveFloat = 1.0  # to which gradients are clipped
    warmup_steps: NonNegativeInt = 0  # in which the learning rate rises
    lr_scheduler: Schedule = "constant"  # of the learning rate over the steps
    curriculum: Curriculum = Curriculum()
    save_every: PositiveInt = 50  # steps; a multiple of minibatches x updates_per_batch
    keep: PositiveInt = 2  # checkpoints; older ones are removed
    report_to: list[str] = []  # of wandb, tensorboard, trackio and others that transformers knows
    sharding: Literal["none", "fsdp2", "hsdp"] = "none"  # of weights, gradients and optimizer over the ranks
    shard_over: PositiveInt | None = None  # hsdp: ranks that hold one copy together, such as a node's
    offload: bool = False  # shards wait in the CPU's memory
    optimizer: str = "adamw_torch_fused"  # as transformers names them
    bf16: bool | Literal["auto"] = False  # auto: where the hardware has it
    gradient_checkpointing: bool = False  # compute activations again instead of keeping them
    peft: dict[str, Any] | None = None  # fields of peft.LoraConfig; null: all weights are trained
    trl: dict[str, Any] = {}  # other fields of trl.GRPOConfig


class TokenWeights(Section):
    """Of a token in the supervised loss, by what it belongs to."""

    thought: NonNegativeFloat = 1.0  # before a reply or call
    call: NonNegativeFloat = 1.0  # of a tool
    reply: NonNegativeFloat = 1.0  # to the user


class Sft(Section):
    """``python -m rl.sft``: supervised steps on gold trajectories, under ``trainer.peft`` and ``trainer.bf16``."""

    steps: PositiveInt = 200  # updates
    epochs: PositiveFloat | None = None  # instead of steps: how often each trajectory of the mixture is seen
    rows: PositiveInt = 32  # trajectories of each update
    accumulation: PositiveInt = 1  # forward and backward passes of each update
    learning_rate: PositiveFloat = 1e-5  # at its height
    lr_scheduler: Schedule = "cosine"  # of the learning rate over the steps
    warmup: Share = 0.03  # share of the steps
    weight_decay: NonNegativeFloat = 0.01  # AdamW's
    mixture: list[str] | dict[str, NonNegativeFloat] | None = (
        None  # None: all languages; a list: those alike; shares
    )
    temperature: PositiveFloat | None = None  # without shares: p ~ trajectories^(1/temperature); None: alike
    weights: TokenWeights = TokenWeights()


class Cluster(Section):
    kind: Literal["local", "ray"] = "local"  # ray: several processes, GPUs or nodes
    processes: PositiveInt = 1  # training ranks
    gpus_per_process: NonNegativeInt = 0  # of a training rank
    address: str | None = None  # of a Ray cluster that runs already
    placement: Literal["apart", "colocated"] = (
        "apart"  # engines: on devices of their own, or on the trainers'
    )
    device_gb: PositiveFloat | None = None  # memory of a device, 10^9 bytes; None: this machine's is asked


class During(Section):
    """Evaluation while a run trains, on held-out tasks that the evaluations before and after do not have."""

    every: NonNegativeInt = 0  # steps between two evaluations; 0: none
    tasks_per_language: PositiveInt = 20  # of each look
    choose: Literal["last", "mean", "worst"] = (
        "last"  # the policy that is kept: by success over the languages
    )
    patience: NonNegativeInt = 0  # evaluations without a better one after which training ends; 0: it does not
    retained: Data | None = None  # tasks of another source, which must not get worse
    alarm: PositiveShare = 0.05  # the smallest fall that gives alarm


class Evaluate(Section):
    tasks_per_language: PositiveInt = 40  # held out, the same requests in every language
    samples: PositiveInt = 1  # of each task
    temperature: NonNegativeFloat = 1.0  # of sampling; 0: the likeliest token
    split: str = "test"  # of the data that rl.evaluate takes; a run takes data.test_split
    before: bool = True  # evaluate what training starts from
    after: bool = True  # evaluate what it ends with
    languages: Annotated[list[str], Field(min_length=1)] | None = None  # None: those of data.languages
    slices: list[Slice] = []  # the same tasks under a change, beside the plain ones
    during: During = During()


class Report(Section):
    tokens: bool = False  # keep each sample's tokens and log-probabilities in rollouts/*.parquet
    trace: bool = False  # write trace.json, which ui.perfetto.dev opens


class Config(Section):
    seed: NonNegativeInt = 0  # of data, sampling and weights
    run: RunName  # its name, and that of its folder
    output_dir: str = "outputs"  # where runs have their folders
    resume: str | None = None  # the folder of a run to go on with
    model: Model
    data: Data
    rollout: Rollout
    reward: Reward
    judge: Judge
    advantage: Advantage
    sandbox: Sandbox
    trainer: Trainer
    sft: Sft = Sft()
    cluster: Cluster
    evaluate: Evaluate = Evaluate()
    report: Report = Report()

    @property
    def folder(self) -> Path:
        """Where this run writes: ``output_dir/run``."""
        return Path(self.output_dir) / self.run
