// What the form says: as option tokens, as values by name, and as a part of the page's own URL.
import { find, findAll } from "./dom.js";

export const remote = find("#remote");

// Where this page lies, so that it also works behind a proxy that serves it under a path.
export const base = new URL(".", location.href);

export function fields() {
  return findAll("#options [name]");
}

/** The tokens of all controls that say something, in the order of the page. */
export function tokens() {
  return findAll(".token").map(tokenOf).filter((token) => token !== "");
}

/** The texts and values of one token in turn; values that follow a colon may be left out at its end. */
export function tokenOf(control) {
  const inputs = findAll("[name]", control);
  if (inputs[0].type === "checkbox") return inputs[0].checked ? inputs[0].value : "";
  if (inputs.every(({ value }) => value.trim() === "")) return "";
  const texts = JSON.parse(control.dataset.texts);
  const parts = inputs.map((input, index) => texts[index] + written(input));
  while (parts.at(-1) === ":") parts.pop();
  return parts.join("");
}

/** A URL or words within an option are in base64url, since their colons and slashes would end the option. */
function written({ value, dataset }) {
  const text = value.trim();
  if (dataset.encoded === undefined && !/^https?:\/\//i.test(text)) return text;
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Written as it is where a browser and the proxy read it alike, else encoded as a whole. */
export function remoteText() {
  const url = remote.value.trim();
  const isPlain = /^https?:\/\/[\w.:-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.~@+=,:-]*)*$/.test(url);
  return isPlain ? url : encodeURIComponent(url);
}

/** The proxy's URL of the picture with these tokens; of the original without any. */
export function urlOf(options) {
  const words = options.map((token) => encodeURIComponent(token).replaceAll("%3A", ":"));
  return base.href + (words.length === 0 ? "" : `${words.join(",")}/`) + remoteText();
}

/** Values by the names of their fields, of those that say something. */
export function values() {
  const said = fields().map((field) => [
    field.name,
    field.type === "checkbox" ? (field.checked ? "on" : "") : field.value.trim(),
  ]);
  return Object.fromEntries(said.filter(([, value]) => value !== ""));
}

/** Sets the named fields, and empties all others unless told to keep them. */
export function setValues(wanted, { keeps = false } = {}) {
  for (const field of fields()) {
    if (keeps && !(field.name in wanted)) continue;
    const value = wanted[field.name] ?? "";
    if (field.type === "checkbox") field.checked = value !== "";
    else field.value = value;
    // What a choice takes besides what it offers.
    if (field.options && field.value !== value) {
      field.append(new Option(value));
      field.value = value;
    }
  }
}

const HISTORY = 100;
const past = [];
const future = [];
let present;

/** Notes what the form says, in the page's URL and for those who undo it. */
export function keepState() {
  const state = String(new URLSearchParams({ url: remote.value.trim(), ...values() }));
  if (state === present) return;
  if (present !== undefined) {
    past.push(present);
    if (past.length > HISTORY) past.shift();
    future.length = 0;
  }
  showState(state);
}

/** Goes a step back, or forth; false where there is none. */
export function step(isBack) {
  const [from, to] = isBack ? [past, future] : [future, past];
  if (from.length === 0) return false;
  to.push(present);
  const state = from.pop();
  takeState(state);
  showState(state);
  return true;
}

/** Fills the form as a state says. */
export function takeState(state) {
  const { url = "", ...wanted } = Object.fromEntries(new URLSearchParams(state));
  remote.value = url;
  setValues(wanted);
}

function showState(state) {
  present = state;
  if (`#${state}` !== location.hash) history.replaceState(null, "", `#${state}`);
  find("#undo").disabled = past.length === 0;
  find("#redo").disabled = future.length === 0;
}
