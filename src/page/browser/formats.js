// The result in every format, side by side.
import { element, find, say, sizeText } from "./dom.js";
import { ask } from "./fetch.js";
import { original } from "./compare.js";
import { tokens, urlOf } from "./state.js";
import { changed } from "./widgets.js";

const FORMATS = document.body.dataset.formats.split(" ");
const cards = find("#cards");
let run = 0;

/** What was made of other options is nothing to compare any more. */
export function forgetFormats() {
  run++;
  cards.hidden = true;
  cards.replaceChildren();
  find("#formats").disabled = false;
}

async function tryFormats() {
  const mine = ++run;
  const others = tokens().filter((token) => token !== "auto" && !FORMATS.includes(token));
  const made = FORMATS.map((format) => ({ format, card: createCard(format) }));
  cards.replaceChildren(...made.map(({ card }) => card));
  cards.hidden = false;
  find("#formats").disabled = true;
  say("Trying all formats …");
  let best;
  for (const { format, card } of made) {
    const outcome = await ask(urlOf([...others, format])).catch((error) => ({ error }));
    if (mine !== run) return;
    const { blob, milliseconds, error } = outcome;
    const facts = card.querySelector("h2 + p");
    if (error) {
      facts.textContent = error.message;
      continue;
    }
    const [, written] = blob.type.split("/");
    if (written !== format && FORMATS.includes(written)) {
      // A still is no animated PNG: it is among the others, as what it is.
      card.remove();
      continue;
    }
    const share = original.bytes ? `, ${Math.round(100 * blob.size / original.bytes)}\u00a0%` : "";
    facts.replaceChildren(
      element("strong", { textContent: sizeText(blob.size) }),
      `${share}, ${milliseconds.toFixed(0)}\u00a0ms`,
    );
    if (blob.type.startsWith("image/")) await showIn(card.querySelector("img"), blob);
    card.querySelector("button").hidden = false;
    if (!best || blob.size < best.size) best = { size: blob.size, card };
  }
  best?.card.classList.add("best");
  best?.card.querySelector("h2").append(element("span", { textContent: " smallest" }));
  find("#formats").disabled = false;
  say("");
}

function createCard(format) {
  const use = element("button", { type: "button", textContent: "Use", hidden: true });
  use.ariaLabel = `Use ${format}`;
  use.addEventListener("click", () => {
    const field = find('#options [name="format.0"]');
    field.value = format;
    changed(field);
  });
  const picture = element("img", { alt: `The result as ${format}`, hidden: true });
  const heading = element("h2", { textContent: format });
  return element("li", {}, picture, heading, element("p", { textContent: "…" }), use);
}

/** A format that the browser does not show has its figures all the same. */
async function showIn(image, blob) {
  image.src = URL.createObjectURL(blob);
  await image.decode().then(
    () => image.hidden = false,
    () => image.after(element("p", { textContent: "This browser does not show it." })),
  );
  URL.revokeObjectURL(image.src);
}

find("#formats").addEventListener("click", tryFormats);
