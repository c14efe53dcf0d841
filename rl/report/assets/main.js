/* The page: cards, chips, filters, keys, and following a run that goes on. */

const FIELDS = ["run", "set", "language", "kind", "stop", "first", "last", "part", "low", "high", "sort", "text"];
const wanted = () => Object.fromEntries(FIELDS.map((name) => [name, $(`f-${name}`).value]));

function cards() {
  $("run-cards").replaceChildren(...store.runs.map((run) => el(
    "div", { className: "card" },
    el("h3", {}, line(run.name), " ", el("span", { className: "state" }, run.state)),
    el("dl", {}, ...Object.entries(run.settings).map(([name, value]) => pair([name, String(value)])),
      ...(run.points.length ? [pair(["steps taken", String(run.points.at(-1)[1] + 1)])] : []),
      ...(run.peak_memory_gb ? [pair(["peak memory", `${run.peak_memory_gb} GB`])] : []),
      pair(["folder", run.path])),
    run.notes.length ? el("ul", { className: "notes" }, ...run.notes.map((note) => el("li", {}, line(note)))) : null,
  )));
}

function chips(home, items, chosen) {
  $(home).replaceChildren(...items.map(({ key, text, tint: own }) => {
    const chip = el("button", { type: "button", ariaPressed: String(chosen.has(key)) }, el("i"), line(text));
    chip.firstChild.style.background = own;
    chip.addEventListener("click", () => {
      if (!chosen.delete(key)) chosen.add(key);
      if (!chosen.size) chosen.add(key);
      chip.ariaPressed = String(chosen.has(key));
      redraw();
    });
    return chip;
  }));
}

/* At first all languages together, English, and the one that ends lowest: lines that can be told apart. */
function firstLanguages() {
  const run = store.runs.at(-1);
  const last = (tag) => (run.curves.reward?.[tag] ?? []).filter(Boolean).at(-1)?.[0] ?? Infinity;
  const lowest = [...run.languages].sort((a, b) => last(a) - last(b))[0];
  const first = store.runs.length > 1 ? [ALL] : [ALL, "en", lowest];
  return first.filter((tag) => tag === ALL || languages().includes(tag));
}

function redraw() {
  const several = store.runs.length > 1;
  chips("run-chips", several ? store.runs.map((run, key) => ({ key, text: run.name, tint: tint(key) })) : [], shown.runs);
  chips("language-chips", [ALL, ...languages()].map((key) => ({ key, text: languageName(key), tint: color(key) })), shown.languages);
  drawCharts();
}

function choices(id, values, first) {
  const before = $(id).value;
  const made = values.map(([value, text]) => el("option", { value }, text));
  $(id).replaceChildren(...(first === null ? [] : [el("option", { value: "" }, first)]), ...made);
  if ([...$(id).options].some((option) => option.value === before)) $(id).value = before;
}

function filters() {
  const same = (values) => [...new Set(values)].sort().map((value) => [value, value]);
  const tasks = store.samples.tasks;
  choices("f-run", store.runs.map((run, i) => [String(i), run.name]), "all");
  choices("f-set", same(store.samples.sets), "all");
  choices("f-language", same(tasks.map((task) => task.language)), "all");
  choices("f-kind", same(tasks.map((task) => task.kind)), "all");
  choices("f-stop", same(store.samples.stops), "all");
  choices("f-part", [["reward", "reward"], ...Object.keys(store.samples.parts).map((name) => [name, name]), ["advantage", "advantage"], ["length", "length"]], null);
  $("f-run").parentElement.hidden = store.runs.length < 2;
}

async function refilter(keep = null) {
  const now = wanted();
  view.words = now.text.trim().toLowerCase();
  const chosen = await found(now);
  if (chosen === null) return;
  view.chosen = chosen;
  const means = chosen.map((i) => column("reward", i)).filter((value) => value !== null);
  const left = store.samples.of - store.count;
  $("count").textContent = `${chosen.length.toLocaleString("en")} of ${store.count.toLocaleString("en")} samples`
    + (means.length ? `, mean reward ${average(means).toFixed(3)}` : "")
    + (left > 0 ? `. ${left.toLocaleString("en")} more are only in rollouts/*.parquet: the page holds a part, evenly.` : "");
  const place = keep === null ? 0 : chosen.indexOf(keep);
  if (place <= 0) $("list").scrollTop = 0;
  choose(Math.max(0, place), place > 0);
  remember(now);
}

/* The filters stand in the address after #, so that a view can be kept and sent. */
function remember(now) {
  const kept = FIELDS.filter((name) => now[name] !== "" && !(name === "part" && now[name] === "reward") && !(name === "sort" && now[name] === "taken"));
  const text = kept.map((name) => `${name}=${encodeURIComponent(now[name])}`).join("&");
  history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
}

function recall() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) if (FIELDS.includes(name)) $(`f-${name}`).value = value;
}

function comparison() {
  const { table = [], presets = [], notes = [], problems = [] } = store.comparison;
  const home = $("comparison-table");
  const differ = presets.filter(({ settings }) => Object.keys(settings).length)
    .map(({ name, settings }) => `${name}: ${Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(", ")}`);
  const remarks = [...differ, ...notes, ...problems].map((note) => el("li", {}, line(note)));
  if (!table.length) {
    home.replaceChildren(el("p", { className: "empty" }, "Nothing to compare."), el("ul", {}, ...remarks));
    return;
  }
  const names = presets.map((preset) => preset.name);
  const pick = el("select", { ariaLabel: "Figure" }, ...[...new Set(table.map((r) => r.figure))].map((f) => el("option", { value: f }, f)));
  const body = el("tbody");
  const heads = ["language", "tasks", names[0], ...names.slice(1).flatMap((name) => [name, "difference (95%)", "p (Holm)", "needed for 0.02"])];
  const fillBody = () => body.replaceChildren(...table.filter((r) => r.figure === pick.value).map((r) => el(
    "tr", {}, el("th", { scope: "row" }, r.language), el("td", {}, String(r.tasks)), el("td", {}, two(r.means[names[0]])),
    ...names.slice(1).flatMap((name) => against(r, name)),
  )));
  pick.addEventListener("change", fillBody);
  fillBody();
  home.replaceChildren(
    el("p", {}, "Figure ", pick), el("ul", {}, ...remarks),
    el("div", { className: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((name) => el("th", { scope: "col" }, line(name))))), body)),
  );
}

function against(r, name) {
  const found = r.against[name];
  const signed = (value) => (value >= 0 ? "+" : "−") + Math.abs(value).toFixed(3);
  const p = found.holm ?? found.p;
  const texts = [
    two(r.means[name]), signed(found.difference) + (found.ci95 ? ` (${signed(found.ci95[0])} to ${signed(found.ci95[1])})` : ""),
    p === null ? "–" : p < 0.001 ? "<0.001" : p.toFixed(3), found.needed ? `${found.needed} ${found.unit}s` : "–",
  ];
  return texts.map((text) => el("td", {}, text));
}

const KEYS = {
  j: () => choose(view.at + 1), k: () => choose(view.at - 1), ArrowDown: () => choose(view.at + 1), ArrowUp: () => choose(view.at - 1),
  PageDown: () => choose(view.at + Math.floor($("list").clientHeight / ROW)), PageUp: () => choose(view.at - Math.floor($("list").clientHeight / ROW)),
  Home: () => choose(0), End: () => choose(view.chosen.length - 1), "[": () => toSibling(-1), "]": () => toSibling(1),
};

function keys(event) {
  const typing = event.target.matches?.("input, select, textarea");
  if (event.key === "Escape" && typing) $("list").focus();
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const inList = event.target.closest?.("#list, #detail");
  if (event.key === "/") $("f-text").focus();
  else if (event.key in KEYS && (inList || event.key.length === 1)) KEYS[event.key]();
  else return;
  event.preventDefault();
}

function listen() {
  let wait = 0;
  const soon = () => { clearTimeout(wait); wait = setTimeout(() => refilter(), 120); };
  $("filters").addEventListener("input", soon);
  $("filters").addEventListener("reset", () => setTimeout(refilter, 0));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("bands").addEventListener("change", (event) => { shown.bands = event.target.checked; redraw(); });
  let drawing = 0;
  $("list").addEventListener("scroll", () => { drawing ||= requestAnimationFrame(() => { drawing = 0; drawList(); }); });
  document.addEventListener("keydown", keys);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  $("theme").addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.theme = dark() ? "light" : "dark";
    redraw();
  });
}

async function show(index, blocks, first) {
  const keep = first ? null : view.chosen[view.at] ?? null;
  await fill(index, blocks);
  if (first) {
    store.runs.forEach((_, number) => shown.runs.add(number));
    firstLanguages().forEach((tag) => shown.languages.add(tag));
  }
  $("status").textContent = `made ${store.made}`;
  cards();
  redraw();
  comparison();
  filters();
  if (first) recall();
  await refilter(keep);
}

/* Of a page that is served: what is new is asked for as long as the page is open. */
async function follow() {
  document.documentElement.classList.add("follow");
  let version = "";
  for (;;) {
    try {
      const answer = await fetch(`data?version=${version}`, { cache: "no-store" });
      if (answer.status === 200) {
        const found = await answer.json();
        await show(found.index, found.samples, version === "");
        version = found.version;
      }
    } catch (error) {
      $("status").textContent = `no answer (${error.message}); trying again`;
    }
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
}

async function begin() {
  listen();
  if (document.documentElement.dataset.follow === "yes") await follow();
  const blocks = [...document.querySelectorAll("script.samples")].map((holder) => holder.textContent);
  await show($("index").textContent, blocks, true);
  document.documentElement.dataset.ready = "yes";
  for (let number = 0; number < store.blocks.length; number += 1) {
    await blockOf(number);
    await breath();
  }
}

begin().catch((error) => { $("status").textContent = `The report cannot be shown: ${error.message}`; throw error; });
