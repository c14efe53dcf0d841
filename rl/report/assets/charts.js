/* Charts, by plotly.js; each with its figures as a table below it. */

// Told apart by people with any kind of colour vision (after Okabe and Ito), a little lighter on a dark ground.
const ON_LIGHT = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#3f9fd8", "#7a5cc9", "#8c6a2f", "#3f8c8c", "#b0413e"];
const ON_DARK = ["#5aaef0", "#ff8a3d", "#35c79a", "#e79ac5", "#f0c04a", "#8fd3ff", "#b09bf5", "#d0a868", "#7fcaca", "#f08a86"];
const DASHES = ["solid", "dot", "dash", "dashdot", "longdash"];
const ALL = "all";
const SHARE = ".2f";
const shown = { runs: new Set(), languages: new Set(), bands: true };

const dark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const tint = (number) => (dark() ? ON_DARK : ON_LIGHT)[number % ON_LIGHT.length];
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const languages = () => [...new Set(store.runs.flatMap((run) => run.languages))];
const languageName = (tag) => (tag === ALL ? "all languages" : tag);

function color(tag) {
  return tag === ALL ? css("--ink") : tint(languages().indexOf(tag));
}

const faint = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, "0");

/* (run, language) pairs that the charts show, each with its name and style. */
function lines() {
  const runs = [...shown.runs];
  const tags = [ALL, ...languages()].filter((tag) => shown.languages.has(tag));
  return runs.flatMap((number) => tags.map((tag, k) => ({
    run: store.runs[number], tag,
    name: runs.length > 1 ? `${store.runs[number].name}: ${languageName(tag)}` : languageName(tag),
    color: runs.length > 1 ? tint(number) : color(tag),
    dash: runs.length > 1 ? DASHES[k % DASHES.length] : "solid",
    width: tag === ALL ? 2.5 : 1.8,
  })));
}

const middle = (points) => points.map(([first, last]) => (first + last) / 2);
const span = ([first, last]) => (first === last ? `step ${first}` : `steps ${first} to ${last}`);

function curveTraces(of, pointsOf = (run) => run.points) {
  return lines().flatMap((line) => {
    const points = of(line.run)?.[line.tag];
    if (!points?.some(Boolean)) return [];
    const x = middle(pointsOf(line.run));
    const note = points.map((p, i) => (p ? `${span(pointsOf(line.run)[i])}, ${p[3]} requests${p[1] === null ? "" : `, 95%: ${p[1].toFixed(3)} to ${p[2].toFixed(3)}`}` : ""));
    const traces = [{
      x, y: points.map((p) => p && p[0]), name: line.name, mode: x.length > 1 ? "lines" : "markers", text: note,
      hovertemplate: "%{y:.3f} (%{text})", line: { color: line.color, dash: line.dash, width: line.width },
      legendgroup: line.name,
    }];
    if (shown.bands) traces.unshift(...band(x, points, line));
    return traces;
  });
}

/* The area of the intervals, in pieces where some points have none. */
function band(x, points, line) {
  const [xs, ys] = [[], []];
  let from = 0;
  points.forEach((p, i) => {
    const next = points[i + 1];
    if (!p || p[1] === null) { from = i + 1; return; }
    if (next && next[1] !== null) return;
    const own = points.slice(from, i + 1);
    const at = x.slice(from, i + 1);
    if (own.length > 1) {
      xs.push(...at, ...at.toReversed(), null);
      ys.push(...own.map((q) => q[2]), ...own.map((q) => q[1]).reverse(), null);
    }
    from = i + 1;
  });
  return xs.length ? [{
    x: xs, y: ys, fill: "toself", fillcolor: faint(line.color, 0.13), line: { width: 0 }, mode: "lines", hoverinfo: "skip",
    showlegend: false, legendgroup: line.name, name: line.name,
  }] : [];
}

function plainTraces(name) {
  return lines().flatMap((line) => {
    const tags = line.tag === ALL ? line.run.languages : [line.tag];
    const values = line.run.points.map((_, i) => average(tags.map((tag) => line.run.plain[name]?.[tag]?.[i])));
    if (values.every((value) => value === null) || (line.tag === ALL && name === "gradient_share")) return [];
    return [{
      x: middle(line.run.points), y: values, name: line.name, mode: values.length > 1 ? "lines" : "markers",
      text: line.run.points.map(span), hovertemplate: "%{y:.3f} (%{text})",
      line: { color: line.color, dash: line.dash, width: line.width },
    }];
  });
}

function average(values) {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
}

function secondsTraces() {
  const runs = [...shown.runs].map((number) => store.runs[number]);
  if (runs.length === 1) {
    return Object.entries(runs[0].seconds).map(([name, values], k) => ({
      x: middle(runs[0].points), y: values, name, stackgroup: "seconds", mode: "lines", line: { width: 0.5, color: tint(k) },
      fillcolor: faint(tint(k), 0.75), hovertemplate: "%{y:.2f} s",
    }));
  }
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.seconds)))];
  return names.map((name, k) => ({
    type: "bar", name, x: runs.map((run) => run.name), y: runs.map((run) => average(run.seconds[name] ?? [])),
    marker: { color: tint(k) }, hovertemplate: "%{y:.2f} s",
  }));
}

function totalTraces() {
  const runs = [...shown.runs].map((number) => store.runs[number]).filter((run) => Object.keys(run.total_seconds).length);
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.total_seconds)))];
  return names.map((name, k) => ({
    type: "bar", orientation: "h", name, y: runs.map((run) => run.name), x: runs.map((run) => run.total_seconds[name] ?? 0),
    marker: { color: tint(k) }, hovertemplate: "%{x:.0f} s",
  }));
}

/* (run, evaluation) pairs: before, after, or an evaluation of its own. */
function evaluations() {
  return [...shown.runs].flatMap((number) => {
    const run = store.runs[number];
    const order = ["evaluation-before", "evaluation", "evaluation-after"];
    const names = Object.keys(run.evaluations).sort((a, b) => order.indexOf(a) - order.indexOf(b));
    return names.map((name, k) => {
      const short = name.replace("evaluation-", "");
      return {
        run, name, of: run.evaluations[name], label: shown.runs.size > 1 ? `${run.name}: ${short}` : short,
        color: shown.runs.size > 1 ? tint(number) : tint(0), faded: k < names.length - 1,
      };
    });
  });
}

function bars(points, x, name, own, faded) {
  const known = points.map((p) => p ?? [null, null, null, 0]);
  return {
    type: "bar", name, x, y: known.map((p) => p[0]),
    text: known.map((p) => `${p[3]} samples`), textposition: "none", hovertemplate: "%{y:.3f} (%{text})",
    marker: { color: faint(own, faded ? 0.4 : 1), line: { width: faded ? 1 : 0, color: own } },
    error_y: shown.bands && known.some((p) => p[1] !== null) ? {
      type: "data", symmetric: false, thickness: 1.2, width: 2, color: css("--soft"),
      array: known.map((p) => (p[2] === null ? 0 : p[2] - p[0])), arrayminus: known.map((p) => (p[1] === null ? 0 : p[0] - p[1])),
    } : undefined,
  };
}

function beforeAfterTraces(figure) {
  return evaluations().flatMap(({ of, label, color: own, faded }) => {
    const tags = languages().filter((tag) => of.languages[tag]?.[figure]);
    return tags.length ? [bars(tags.map((tag) => of.languages[tag][figure]), tags, label, own, faded)] : [];
  });
}

function partTraces() {
  return evaluations().flatMap(({ of, label, color: own, faded }) => {
    const tags = Object.keys(of.languages).filter((tag) => shown.languages.has(ALL) || shown.languages.has(tag));
    const parts = [...new Set(tags.flatMap((tag) => Object.keys(of.languages[tag].parts)))].sort();
    const values = parts.map((part) => average(tags.map((tag) => of.languages[tag].parts[part])));
    return parts.length ? [bars(values.map((v) => [v, null, null, tags.length]), parts, label, own, faded)] : [];
  });
}

function evaluationGapTraces(figure) {
  return evaluations().flatMap(({ of, label, color: own, faded }) => {
    const gaps = of.gaps[figure]?.english ?? {};
    const tags = languages().filter((tag) => gaps[tag]);
    const points = tags.map((tag) => [gaps[tag].gap, ...(gaps[tag].ci95 ?? [null, null]), gaps[tag].n]);
    return tags.length ? [bars(points, tags, label, own, faded)] : [];
  });
}

function funnelTraces() {
  return evaluations().flatMap(({ of, label, faded, run }) => lines().filter((line) => line.run === run).flatMap((line) => {
    const table = line.tag === ALL ? meanFunnel(of.funnel) : of.funnel[line.tag];
    if (!table) return [];
    const steps = Object.keys(table);
    return [bars(steps.map((s) => table[s]), steps.map((s) => (s === "joint" ? "all steps" : s)), `${languageName(line.tag)}, ${label}`, line.tag === ALL ? css("--soft") : line.color, faded)];
  }));
}

function meanFunnel(funnel) {
  const tables = Object.values(funnel);
  if (!tables.length) return null;
  return Object.fromEntries(Object.keys(tables[0]).map((step) => {
    const known = tables.map((table) => table[step]).filter(Boolean);
    return [step, known.length ? [average(known.map((p) => p[0])), null, null, known.reduce((n, p) => n + p[3], 0)] : null];
  }));
}

/* The charts that there are data for: {title, note, traces(), x, y, layout}. */
function trainingCharts() {
  const figures = [...new Set(store.runs.flatMap((run) => Object.keys(run.curves)))];
  const label = (name) => (name === "reward" ? "reward" : name.replace("part/", "part "));
  const outcomes = figures.filter((name) => ["reward", "part/outcome", "part/api_success"].includes(name));
  const curves = figures.map((name) => ({ id: name, title: name === "reward" ? "Reward" : `Part: ${name.slice(5)}`, note: "mean of scored samples", traces: () => curveTraces((run) => run.curves[name]), y: SHARE }));
  const gaps = outcomes.map((name) => ({ id: `gap-${name}`, title: `Gap to English: ${label(name)}`, note: "English less the language, over the same requests", traces: () => curveTraces((run) => run.gaps[name]), y: SHARE, zero: true }));
  const plains = [
    ["zero_advantage", "Zero advantages", "share of samples that teach nothing"], ["masked", "Masked samples", "share that we failed to score"],
    ["gradient_share", "Gradient share", "of summed absolute advantage times length"], ["advantage_mean", "Advantages: mean", "0: judged among its own"],
    ["advantage_std", "Advantages: spread", "standard deviation"], ["length", "Length", "tokens that the policy chose, mean"],
  ].map(([name, title, note]) => ({ id: name, title, note, traces: () => plainTraces(name), y: name === "length" ? ".0f" : SHARE }));
  return [
    ...curves.slice(0, 1),
    { id: "during", title: "Success on held-out tasks", note: "while the run trained", traces: () => curveTraces((run) => run.during.success, (run) => run.during.points), y: SHARE },
    ...gaps, ...curves.slice(1), ...plains,
    { id: "seconds", title: "Where the seconds went", note: "of a generation batch", traces: secondsTraces, y: ".1f", layout: { barmode: "stack" } },
  ];
}

function evaluationCharts() {
  const grouped = { barmode: "group" };
  return [
    { id: "before-after-reward", title: "Reward before and after", note: "held-out tasks, with 95% intervals", traces: () => beforeAfterTraces("reward"), y: SHARE, layout: grouped },
    { id: "before-after-success", title: "Success before and after", note: "done, and told", traces: () => beforeAfterTraces("success"), y: SHARE, layout: grouped },
    { id: "before-after-gap", title: "Gap to English: success", note: "English less the language, paired", traces: () => evaluationGapTraces("success"), y: SHARE, layout: grouped },
    { id: "before-after-parts", title: "Parts before and after", note: "mean over the chosen languages", traces: partTraces, y: SHARE, layout: grouped },
    { id: "funnel", title: "Funnel", note: "each step among samples in which no step before went wrong", traces: funnelTraces, y: SHARE, layout: grouped, wide: true },
    { id: "total-seconds", title: "Seconds of the whole run", note: "", traces: totalTraces, y: "", layout: { barmode: "stack", yaxis: { automargin: true }, xaxis: { title: { text: "seconds" } } }, steps: false },
  ];
}

function layoutOf(chart, traces) {
  const axis = { gridcolor: css("--line"), zerolinecolor: chart.zero ? css("--soft") : css("--line"), linecolor: css("--line"), automargin: true };
  const overSteps = traces[0].type !== "bar";
  return {
    margin: { l: 44, r: 10, t: 8, b: 34 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: css("--ink"), size: 11, family: getComputedStyle(document.body).fontFamily }, hovermode: overSteps ? "x unified" : "closest",
    hoverlabel: { bgcolor: css("--raised"), bordercolor: css("--line"), font: { color: css("--ink") } },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 10 } }, showlegend: traces.filter((t) => t.showlegend !== false).length > 1,
    bargap: 0.25, ...chart.layout,
    xaxis: { ...axis, ...(overSteps ? { title: { text: "step", standoff: 4 } } : {}), ...chart.layout?.xaxis },
    yaxis: { ...axis, tickformat: chart.y, ...chart.layout?.yaxis },
  };
}

const CONFIG = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"] };

/* One chart in its figure: drawn when it comes near the window, and again when it is out of date. */
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    entry.target.near = entry.isIntersecting;
    if (entry.isIntersecting) draw(entry.target);
  }
}, { rootMargin: "400px" });

function placed(chart, home) {
  const plot = el("div", { className: "plot", role: "img", ariaLabel: `${chart.title}. The figures are in the table below.` });
  const table = el("details", {}, el("summary", {}, "As a table"));
  const figure = el("figure", { id: `chart-${chart.id}` }, el("figcaption", {}, chart.title, el("small", {}, chart.note)), plot, table);
  if (chart.wide) figure.style.gridColumn = "1 / -1";
  Object.assign(figure, { chart, plot, table, stale: true });
  table.addEventListener("toggle", () => { if (table.open) tabulate(figure); });
  home.append(figure);
  near.observe(figure);
}

function draw(figure) {
  if (!figure.stale) return;
  figure.stale = false;
  const traces = figure.chart.traces();
  if (!traces.length) return;
  Plotly.react(figure.plot, traces, layoutOf(figure.chart, traces), CONFIG);
  if (figure.table.open) tabulate(figure);
}

function tabulate(figure) {
  const traces = figure.chart.traces().filter((trace) => trace.hoverinfo !== "skip");
  const flat = traces.some((trace) => trace.orientation === "h");
  const [place, value] = flat ? ["y", "x"] : ["x", "y"];
  const places = [...new Set(traces.flatMap((trace) => trace[place]))];
  const head = el("tr", {}, el("th", { scope: "col" }, traces[0]?.type === "bar" ? "" : "step"), ...traces.map((trace) => el("th", { scope: "col" }, trace.name)));
  const rows = places.map((at) => el("tr", {}, el("th", { scope: "row" }, String(at)), ...traces.map((trace) => {
    const number = trace[value][trace[place].indexOf(at)];
    return el("td", {}, number === null || number === undefined ? "–" : number.toFixed(3));
  })));
  figure.table.querySelector(".scroll")?.remove();
  figure.table.append(el("div", { className: "scroll", tabIndex: 0 }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows))));
}

/* All charts again, those without data hidden. */
function drawCharts() {
  for (const [id, charts] of [["training-charts", trainingCharts()], ["evaluation-charts", evaluationCharts()]]) {
    const home = document.getElementById(id);
    const known = new Map([...home.querySelectorAll("figure")].map((figure) => [figure.chart.id, figure]));
    charts.filter((chart) => !known.has(chart.id)).forEach((chart) => placed(chart, home));
    for (const figure of home.querySelectorAll("figure")) {
      figure.chart = charts.find((chart) => chart.id === figure.chart.id) ?? figure.chart;
      figure.stale = true;
      figure.hidden = !figure.chart.traces().length;
      if (figure.near && !figure.hidden) draw(figure);
    }
    home.querySelector(".empty")?.remove();
    if (![...home.children].some((figure) => !figure.hidden)) home.append(el("p", { className: "empty" }, "Nothing yet."));
  }
}
