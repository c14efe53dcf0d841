"use strict";
/* Data: blocks of gzip in base64 become columns (to filter by) and details (what was written). */

const store = { runs: [], comparison: {}, samples: null, blocks: [], details: [], texts: [] };

const breath = () => new Promise((resolve) => setTimeout(resolve, 0));

async function unpacked(text) {
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

async function fill(index, blocks) {
  const read = await unpacked(index);
  Object.assign(store, read, { blocks, details: [], texts: [] });
  store.count = store.samples.columns.run.length;
  store.groups = new Map();
  store.samples.columns.group.forEach((group, i) => {
    if (!store.groups.has(group)) store.groups.set(group, []);
    store.groups.get(group).push(i);
  });
}

/* The details of the samples of one block; read once. */
function blockOf(number) {
  store.details[number] ??= unpacked(store.blocks[number]);
  return store.details[number];
}

async function detailOf(i) {
  const size = store.samples.block;
  return (await blockOf(Math.floor(i / size)))[i % size];
}

const column = (name, i) => store.samples.columns[name][i];
const taskOf = (i) => store.samples.tasks[column("task", i)];

/* What a figure (reward, advantage, length, a part) is for a sample; null where it has none. */
function figureOf(name, i) {
  if (name in store.samples.columns) return column(name, i);
  return store.samples.parts[name][i];
}

const plain = (text) => text.normalize("NFKC").toLowerCase();

/* All that a search looks at. */
async function textOf(i) {
  if (store.texts[i] === undefined) {
    const task = taskOf(i);
    const found = await detailOf(i);
    store.texts[i] = plain(
      [task.task_id, task.request, ...(found.turns ?? []), JSON.stringify(found.messages ?? []),
        JSON.stringify(found.notes ?? {}), ...(found.statuses ?? [])].join("\n"),
    );
  }
  return store.texts[i];
}

function passes(i, wanted) {
  const task = taskOf(i);
  if (wanted.run !== "" && column("run", i) !== Number(wanted.run)) return false;
  if (wanted.set !== "" && store.samples.sets[column("set", i)] !== wanted.set) return false;
  if (wanted.language !== "" && task.language !== wanted.language) return false;
  if (wanted.kind !== "" && task.kind !== wanted.kind) return false;
  if (wanted.stop !== "" && store.samples.stops[column("stop", i)] !== wanted.stop) return false;
  if (wanted.first !== "" && column("step", i) < Number(wanted.first)) return false;
  if (wanted.last !== "" && column("step", i) > Number(wanted.last)) return false;
  if (wanted.low === "" && wanted.high === "") return true;
  const value = figureOf(wanted.part, i);
  if (value === null) return false;
  return (wanted.low === "" || value >= Number(wanted.low)) && (wanted.high === "" || value <= Number(wanted.high));
}

const ORDERS = {
  worst: (part) => (i) => figureOf(part, i),
  best: (part) => (i) => -(figureOf(part, i) ?? Infinity),
  pull: () => (i) => -Math.abs(column("advantage", i) ?? 0),
  longest: () => (i) => -column("length", i),
};

/* Numbers of the samples that are wanted, in order; null where a newer search has begun. */
let search = 0;
async function found(wanted) {
  search += 1;
  const mine = search;
  const words = plain(wanted.text.trim());
  let chosen = [];
  for (let i = 0; i < store.count; i += 1) {
    if (passes(i, wanted) && (words === "" || (await textOf(i)).includes(words))) chosen.push(i);
    if (words !== "" && i % 1000 === 999) await breath();
    if (mine !== search) return null;
  }
  const order = ORDERS[wanted.sort]?.(wanted.part);
  if (order) {
    const keys = new Map(chosen.map((i) => [i, order(i) ?? Infinity]));
    chosen = chosen.sort((a, b) => (keys.get(a) === keys.get(b) ? a - b : keys.get(a) - keys.get(b)));
  }
  return chosen;
}
