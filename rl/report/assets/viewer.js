/* The samples: a list that holds only the rows in sight, and one sample in full. All of it is text, never markup. */

const ROW = 52;
const view = { chosen: [], at: 0, words: "" };
const $ = (id) => document.getElementById(id);

function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/* Characters that are unseen or turn the text around them are named instead. */
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202d\u202e\ufeff]/;

function pieces(text) {
  const parts = String(text).split(new RegExp(`(${ODD.source})`, "u"));
  return parts.filter((part) => part !== "").flatMap((part) => (ODD.test(part) && part.length === 1
    ? [el("span", { className: "odd" }, `U+${part.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`)] : marked(part)));
}

function marked(text) {
  if (view.words === "") return [text];
  const low = text.toLowerCase();
  if (low.length !== text.length) return [text];
  const out = [];
  let from = 0;
  for (let at = low.indexOf(view.words); at >= 0; at = low.indexOf(view.words, from)) {
    out.push(text.slice(from, at), el("mark", {}, text.slice(at, at + view.words.length)));
    from = at + view.words.length;
  }
  return [...out, text.slice(from)];
}

const said = (text) => el("p", { className: "text", dir: "auto" }, ...pieces(text));
const code = (value) => el("pre", { className: "code", dir: "ltr" }, ...pieces(typeof value === "string" ? value : JSON.stringify(value, null, 1)));
const two = (value) => (value === null || value === undefined ? "–" : value.toFixed(3));
const grade = (value) => (value === null || value === undefined ? "none" : value >= 0.999 ? "good" : value < 0.5 ? "bad" : "");
const line = (text) => el("bdi", { dir: "auto" }, ...pieces(text));

const training = (i) => store.samples.sets[column("set", i)] === "training";
const stepped = (i) => training(i) || store.samples.sets[column("set", i)] === "during";

function setOf(i) {
  const name = store.samples.sets[column("set", i)];
  return training(i) ? `step ${column("step", i)}` : stepped(i) ? `during, step ${column("step", i)}` : name;
}

/* The list */

function row(place) {
  const i = view.chosen[place];
  const task = taskOf(i);
  const reward = column("reward", i);
  const meta = [task.language, task.kind, setOf(i), store.samples.stops[column("stop", i)]];
  if (store.runs.length > 1) meta.unshift(store.runs[column("run", i)].name);
  const made = el(
    "div",
    { id: `row-${place}`, className: "row", role: "option", ariaSelected: String(place === view.at), ariaSetSize: String(view.chosen.length), ariaPosInSet: String(place + 1) },
    el("span", { className: `value ${grade(reward)}` }, reward === null ? "masked" : reward.toFixed(2)),
    el("span", { className: "said", dir: "auto" }, ...pieces(String(task.request).slice(0, 200))),
    el("span", { className: "meta" }, meta.join(" · ") + (training(i) ? ` · advantage ${two(column("advantage", i))}` : "")),
  );
  made.addEventListener("click", () => choose(place));
  return made;
}

function drawList() {
  const list = $("list");
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
  const last = Math.min(view.chosen.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
  $("spacer").style.height = `${view.chosen.length * ROW}px`;
  const visible = $("visible");
  visible.style.transform = `translateY(${first * ROW}px)`;
  visible.replaceChildren(...Array.from({ length: Math.max(0, last - first) }, (_, k) => row(first + k)));
  if (view.chosen.length) list.setAttribute("aria-activedescendant", `row-${view.at}`);
  else list.removeAttribute("aria-activedescendant");
}

function choose(place, scroll = true) {
  view.at = Math.max(0, Math.min(place, view.chosen.length - 1));
  const list = $("list");
  const top = view.at * ROW;
  if (scroll && top < list.scrollTop) list.scrollTop = top;
  if (scroll && top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  drawList();
  showDetail();
}

/* One sample */

async function showDetail() {
  const i = view.chosen[view.at];
  const home = $("detail");
  if (i === undefined) {
    home.replaceChildren(el("p", { className: "empty" }, store.count ? "No sample is like that." : "There are no samples."));
    return;
  }
  const told = await detailOf(i);
  if (view.chosen[view.at] !== i) return;
  home.replaceChildren(...heading(i, told), ...conversation(i, told), ...worth(i, told), ...expected(i), ...siblings(i), ...written(told));
  home.dataset.sample = String(i);
  home.scrollTop = 0;
}

function heading(i, told) {
  const task = taskOf(i);
  const reward = column("reward", i);
  const facts = [
    ["language", [task.language, task.locale].filter(Boolean).join(", ")], ["set", store.samples.sets[column("set", i)]],
    ["step", stepped(i) ? column("step", i) : null], ["kind", task.kind], ["stop", store.samples.stops[column("stop", i)]],
    ["tokens", column("length", i)], ["seed", told.seed], ["policy", versions(told)],
  ];
  return [
    el("h3", {}, el("span", { className: grade(reward) }, reward === null ? "Masked (we failed)" : `Reward ${two(reward)}`), training(i) ? `, advantage ${two(column("advantage", i))}` : ""),
    el("div", { className: "card" }, el("dl", {}, ...facts.filter(([, v]) => v !== undefined && v !== null).map(pair)), el("small", { className: "none" }, line(task.task_id))),
  ];
}

const pair = ([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, line(value)));

function versions(told) {
  const [low, high] = [told.lowest_version, told.policy_version];
  return low === undefined || low === high ? high : `${low} to ${high}`;
}

function conversation(i, told) {
  const bubble = (who, ...inside) => el("div", { className: `said-by ${who}` }, el("span", { className: "who" }, who), ...inside);
  const blocks = [bubble("user", said(taskOf(i).request))];
  let result = 0;
  for (const message of told.messages ?? []) {
    const status = message.role === "tool" ? told.statuses?.[result] : undefined;
    result += message.role === "tool" ? 1 : 0;
    const calls = (message.calls ?? []).map((call) => code(`${call.name}(${typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments, null, 1)})`));
    const content = message.content ? [message.role === "tool" ? code(message.content) : said(message.content)] : [];
    const who = ["user", "tool", "assistant", "system"].includes(message.role) ? message.role : "other";
    const made = bubble(who, ...content, ...calls);
    if (message.role === "tool") made.firstChild.append(": ", line(message.name ?? ""), status ? el("span", { className: status === "ok" ? "good" : "bad" }, ` ${status}`) : "");
    blocks.push(made);
  }
  return [el("h3", {}, "Conversation"), ...blocks];
}

function worth(i, told) {
  const parts = Object.entries(store.samples.parts).filter(([, values]) => values[i] !== null && values[i] !== undefined);
  const steps = Object.entries(told.steps ?? {});
  const notes = Object.entries(told.notes ?? {});
  const out = [el("h3", {}, "Parts of the reward"), el("div", { className: "card" }, el("dl", {}, ...parts.map(([name, values]) => el("div", {}, el("dt", {}, line(name)), el("dd", { className: grade(values[i]) }, two(values[i]))))))];
  if (steps.length) {
    const word = (value) => (value === null ? "–" : value ? "right" : "wrong");
    out.push(el("h3", {}, "Funnel"), el("div", { className: "card" }, el("dl", {}, ...steps.map(([name, value]) => el("div", {}, el("dt", {}, line(name)), el("dd", { className: value === null ? "none" : value ? "good" : "bad" }, word(value)))))));
  }
  if (notes.length) out.push(el("h3", {}, "Notes"), ...notes.map(([name, note]) => el("p", { className: "text", dir: "auto" }, el("b", {}, line(name), ": "), line(note))));
  return out;
}

function expected(i) {
  const task = taskOf(i);
  const out = [el("h3", {}, "Expected")];
  if (task.expected_calls.length) out.push(...task.expected_calls.map((call) => code(`${call.name}(${JSON.stringify(call.arguments, null, 1)})`)));
  else out.push(el("p", { className: "none" }, task.tools ? "No call is expected." : "This version of the file does not say."));
  if (task.facts.length) out.push(el("p", {}, "The reply must state: "), ...task.facts.map(code));
  if (task.tools?.length) out.push(el("p", { className: "none" }, "Tools shown: ", line(task.tools.join(", "))));
  return out;
}

function siblings(i) {
  const members = store.groups.get(column("group", i));
  if (members.length < 2) return [];
  const head = ["sample", "reward", "advantage", "tokens", "stop"].map((name) => el("th", { scope: "col" }, name));
  const rows = members.map((member, k) => {
    const go = el("button", { type: "button" }, member === i ? `${k + 1} (this)` : String(k + 1));
    go.addEventListener("click", () => jump(member));
    const cells = [two(column("reward", member)), two(column("advantage", member)), String(column("length", member)), store.samples.stops[column("stop", member)]];
    return el("tr", { className: member === i ? "here" : "" }, el("td", {}, go), ...cells.map((text) => el("td", {}, line(text))));
  });
  return [el("h3", {}, "The group: same task and step"), el("div", { className: "scroll" }, el("table", { id: "siblings" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)))];
}

function written(told) {
  if (!told.turns?.length) return [];
  return [el("details", { open: false }, el("summary", {}, "Turns as the policy wrote them"), ...told.turns.map(code))];
}

/* To a sample, also one that the filters leave out. */
function jump(i) {
  let place = view.chosen.indexOf(i);
  if (place < 0) {
    view.chosen.splice(view.at + 1, 0, i);
    place = view.at + 1;
  }
  choose(place);
}

function toSibling(by) {
  const i = view.chosen[view.at];
  if (i === undefined) return;
  const members = store.groups.get(column("group", i));
  jump(members[(members.indexOf(i) + by + members.length) % members.length]);
}
