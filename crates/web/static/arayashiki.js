// Makes pages live: swaps the part that moves when the server says that it moved, keeps the scroll, moves by keyboard.
// Everything works without this file; nothing here decides, stores or hides anything.

const root = document.documentElement;
root.classList.add("js");

const live = document.getElementById("live");
const READ_AGAIN_MS = 30_000;
const SETTLE_MS = 250;
const SENT_MS = 10_000;

let shown = null;
let freshAt = Date.now();
let cut = false;
let pending = null;
let reading = false;
let again = false;
let sentAt = -SENT_MS;

// On a phone the bar holds more than it shows: where one is, is in sight.
const here = document.querySelector(".rail nav [aria-current]")?.parentElement;
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 48;

// ---- the part that moves

const FIELDS = "input[id]:not([type=hidden]), textarea[id], select[id]";

// What a part is known by from one reading to the next.
const keyOf = (part) => part.querySelector("[data-go]")?.getAttribute("href") ?? (part.id || part.textContent);

const parts = () => [...live.querySelectorAll("[data-row], h2[id], details[id], .line > li, .asked > li")];

// The first part whose beginning is in sight and where it stands, so that nothing jumps under the finger.
function anchor() {
  const edge = Math.max(0, document.querySelector(".rail nav")?.getBoundingClientRect().bottom ?? 0);
  const top = innerWidth < 1024 ? edge : 0;
  for (const part of parts()) {
    const box = part.getBoundingClientRect();
    if (box.height > 0 && box.top >= top && box.top < innerHeight) return { key: keyOf(part), top: box.top };
  }
  return null;
}

// Where the keyboard stands, in words that still hold after the part was replaced.
function focusedBy(active) {
  if (active.id) return `#${CSS.escape(active.id)}`;
  const href = active.getAttribute("href");
  if (href) return `a[href="${CSS.escape(href)}"]`;
  const box = active.closest("details[id]");
  const within = box && `#${CSS.escape(box.id)} `;
  if (within && active.matches("summary")) return `${within}> summary`;
  if (within && active.matches("button")) {
    const n = [...box.querySelectorAll("button")].indexOf(active);
    return { within: `${within}button`, n };
  }
  return null;
}

function focusAgain(by) {
  const found = by?.within ? live.querySelectorAll(by.within)[by.n] : by && live.querySelector(by);
  found?.focus({ preventScroll: true });
}

// Never while somebody types, selects or presses inside it.
function isBusy() {
  const active = document.activeElement;
  const typing = live.contains(active) && /^(INPUT|SELECT|TEXTAREA)$/.test(active.tagName);
  // What was just sent: a fresh form under the finger would make of a second press a second act.
  if (Date.now() - sentAt < SENT_MS) return true;
  const selection = getSelection();
  const selecting = selection && !selection.isCollapsed && live.contains(selection.anchorNode);
  return typing || selecting || live.matches(":active");
}

function swap(html) {
  if (html === shown) return;
  const held = anchor();
  const active = live.contains(document.activeElement) ? document.activeElement : null;
  const focused = active && focusedBy(active);
  const opened = new Map([...live.querySelectorAll("details[id]")].map((d) => [d.id, d.open]));
  const typed = [...live.querySelectorAll(FIELDS)].map((f) => [f.id, f.value, f.checked]);
  live.innerHTML = html;
  shown = html;
  // Half-typed words and ticked boxes stay.
  for (const [id, value, checked] of typed) {
    const field = document.getElementById(id);
    if (!field) continue;
    if (field.type === "checkbox") field.checked = checked;
    else if (field.tagName !== "SELECT" || [...field.options].some((o) => o.value === value)) field.value = value;
  }
  for (const [id, open] of opened) {
    const details = document.getElementById(id);
    if (details) details.open = open;
  }
  focusAgain(focused);
  const part = held && scrollY > 0 && parts().find((p) => keyOf(p) === held.key);
  if (part) scrollBy(0, part.getBoundingClientRect().top - held.top);
}

async function read() {
  if (reading) {
    again = true;
    return;
  }
  if (document.hidden || isBusy()) {
    later(2_000);
    return;
  }
  reading = true;
  try {
    const answer = await fetch(live.dataset.from ?? location.href, { headers: { "x-partial": "1" }, credentials: "same-origin" });
    if (answer.status === 401 || answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    // Somebody presses by now: what is under the finger stays until it is lifted.
    if (isBusy()) return later(2_000);
    swap(html);
    freshAt = Date.now();
    cut = false;
  } catch {
    cut = true;
  } finally {
    reading = false;
    if (again) {
      again = false;
      later(SETTLE_MS);
    }
  }
  tell();
}

function later(ms) {
  clearTimeout(pending);
  pending = setTimeout(read, ms);
}

function tell() {
  const mark = live.querySelector("[data-asof]");
  if (!mark) return;
  const seconds = Math.max(0, Math.round((Date.now() - freshAt) / 1000));
  mark.textContent = cut ? mark.dataset.cut : mark.dataset.words.replace("%n", seconds);
}

live?.addEventListener("submit", () => (sentAt = Date.now()));

if (live && "EventSource" in window) {
  const stream = new EventSource("/live?page=" + encodeURIComponent(live.dataset.live));
  stream.addEventListener("changed", () => later(SETTLE_MS));
  // What happened between the page's own reading and the stream's first word, or while it was broken, rang for nobody.
  stream.addEventListener("open", () => later(0));
  stream.addEventListener("error", () => {
    cut = stream.readyState === EventSource.CLOSED;
  });
  setInterval(() => {
    if (!document.hidden && Date.now() - freshAt > READ_AGAIN_MS) later(0);
    tell();
  }, 1_000);
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) later(0);
  });
}

// ---- choosing sends at once where that is all a form does

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// ---- keyboard: / searches, j and k move, a goes to acknowledge, ? helps

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step))];
  const target = next.querySelector("[data-go]") ?? next.querySelector("a, button, summary") ?? next;
  target.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (event.key === "Escape" && typing) typing.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    "/": () => {
      const field = [...document.querySelectorAll("[data-search]")].find((f) => f.offsetParent !== null);
      if (field) field.focus();
      else location.href = "/incidents";
    },
    j: () => move(1),
    k: () => move(-1),
    // Only goes there: it is Enter that tells PagerDuty, with the words of the button in sight.
    a: () => {
      const button = document.querySelector("[data-act=acknowledge]");
      button?.focus({ preventScroll: true });
      button?.scrollIntoView({ block: "nearest" });
    },
    "?": () => (location.href = "/help"),
  }[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
