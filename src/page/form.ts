// The page's form, made from the options table: what most people come for on top, the rest in groups.
import { type Group, GROUPS, type Option } from "../options/option.ts";
import { OPTIONS } from "../options/table.ts";
import { type Control, controlsOf, type Field, fieldName, fieldsOf, labelOf } from "./controls.ts";
import { escape } from "./escape.ts";

/** What most people come for. */
const ON_TOP: readonly string[] = ["size", "fit", "format", "quality"];

/** What each group is good for, in a few words. */
const NOTES: Readonly<Record<Group, string>> = {
  size: "zoom, least sides, screens of many pixels, enlarging",
  crop: "a rectangle, a shape, the part that matters",
  turn: "rotate and mirror",
  room: "colour beneath, padding, borders, rounded corners",
  effects: "blur, sharpen, tones and colours",
  over: "logos, watermarks and words",
  answer: "stills of animations, metadata, file size, downloads",
  facts: "JSON, colours and placeholders for your pages",
  access: "named sets of options, expiry",
};

/** What can be set on the picture itself. */
const TOOLS: Readonly<Record<string, string>> = { crop: "rectangle", focus: "point" };

const entries = (Object.entries(OPTIONS) as [string, Option<unknown>][])
  .filter(([name]) => name !== "signature");

export function topRows(): string {
  return ON_TOP.map((name) => {
    const entry = entries.find(([each]) => each === name)!;
    return optionRow(...entry);
  }).join("\n");
}

/** The groups of all other options, folded. */
export function groups(): string {
  return (Object.entries(GROUPS) as [Group, string][]).map(([group, title]) => {
    const rows = entries
      .filter(([name, option]) => option.group === group && !ON_TOP.includes(name))
      .map((entry) => optionRow(...entry));
    return `<details class="group"><summary><b>${escape(title)}</b> <span>${
      escape(NOTES[group])
    }</span> <output hidden></output></summary>${rows.join("\n")}</details>`;
  }).join("\n");
}

function optionRow(name: string, option: Option<unknown>): string {
  const controls = controlsOf(option);
  const label = escape(labelOf(name));
  const id = `option-${name}`;
  const inputs = controls.map((control, index) =>
    controlRow(control, {
      id,
      label,
      isFirst: index === 0,
      name: (field) => fieldName(name, index, field),
    })
  ).join("");
  const tool = TOOLS[name]
    ? `<button type="button" data-tool="${
      TOOLS[name]
    }" aria-pressed="false">Set on the picture</button>`
    : "";
  return `<div class="option" role="group" aria-label="${label}" data-option="${name}" data-search="${
    escape(`${name} ${option.syntax}`.toLowerCase())
  }"><div class="line"><b>${label}</b><span class="controls">${inputs}${tool}</span></div>${
    note(option, id)
  }</div>`;
}

/** The first sentence, the others folded, and examples that can be tried by a click. */
function note({ summary, examples, tokens }: Option<unknown>, id: string): string {
  const [, first = summary, rest = ""] = /^(.*?\.(?=\s|$))\s*(.*)$/s.exec(summary) ?? [];
  // A box that is ticked is tried by ticking it.
  const isBox = "words" in tokens && tokens.words?.length === 1 && !tokens.name;
  const tries = (isBox ? [] : examples).slice(0, 3).map((example) => {
    const fields = escape(JSON.stringify(fieldsOf(example.split(","))));
    return `<button type="button" class="try" data-fields="${fields}">${escape(example)}</button>`;
  }).join(" ");
  const more = rest === ""
    ? ""
    : `<details class="more"><summary>More</summary><p>${code(rest)}</p></details>`;
  return `<p class="note" id="${id}-note">${code(first)}</p>${more}` +
    (tries && `<p class="tries">Try ${tries}</p>`);
}

function code(text: string): string {
  return escape(text).replaceAll(/`([^`]*)`/g, "<code>$1</code>");
}

interface Naming {
  id: string;
  label: string;
  isFirst: boolean;
  name(field: number): string;
}

/** The fields of one token; the page's script joins them with the texts between them. */
function controlRow({ texts, fields }: Control, { id, label, isFirst, name }: Naming): string {
  const inputs = fields.map((field, index) => {
    const hint = field.kind === "text" ? `{${field.hint}}` : field.kind === "words" ? "…" : "";
    const written = texts[index]! + hint;
    return fieldHtml(field, {
      id,
      name: name(index),
      label: `${label} ${hintOf(field)}`.trim(),
      written,
    });
  });
  // A choice or a slider beside another control: nothing else would say what of the option it is.
  const isTold = !isFirst && texts[0] !== "" && /^(?:choice|number)$/.test(fields[0]?.kind ?? "");
  const key = isTold ? `<code class="key" aria-hidden="true">${escape(texts[0]!)}</code>` : "";
  return `<span class="token" data-texts="${escape(JSON.stringify(texts))}">${key}${
    inputs.join("")
  }</span>`;
}

function hintOf(field: Field): string {
  switch (field.kind) {
    case "text":
      return field.hint;
    case "number":
      return "value";
    case "colour":
      return "colour";
    case "words":
      return "words";
    default:
      return "";
  }
}

interface NamedField {
  id: string;
  name: string;
  label: string;
  /** How the field's part of the token is written. */
  written: string;
}

function fieldHtml(field: Field, { id, name, label, written }: NamedField): string {
  const named = `name="${name}" aria-label="${label}" aria-describedby="${id}-note"`;
  const plain = `autocapitalize="off" autocomplete="off" spellcheck="false"`;
  switch (field.kind) {
    case "check":
      return `<input type="checkbox" ${named} value="${escape(field.token)}">`;
    case "choice": {
      const choices = field.choices.map((choice) => `<option>${escape(choice)}</option>`);
      return `<select ${named}><option value="">–</option>${choices.join("")}</select>`;
    }
    case "number": {
      const { min, max, whole } = field;
      const step = whole ? "1" : "any";
      return `<input type="range" aria-label="${
        label.replace(/ value$/, "")
      } slider" data-slides="${name}" ${slider(field)} min="0" max="1000">` +
        `<input type="number" ${named} min="${min}" max="${max}" step="${step}" placeholder="${
          min === -max ? `±${max}` : `${min}–${max}`
        }">`;
    }
    case "colour":
      return `<input type="color" aria-label="${label} picker" data-colours="${name}">` +
        `<input type="text" ${named} placeholder="colour" title="a name, or hex digits" ${plain}>`;
    case "words":
      return `<textarea ${named} rows="1" data-encoded placeholder="your words" title="${
        escape(written)
      }" autocomplete="off"></textarea>`;
    case "text": {
      const side = /^size\.\d$/.test(name) && /^(?:width|height)$/.test(field.hint);
      return (side
        ? `<span>${field.hint}</span><input type="range" aria-label="${label} slider" data-slides="${name}" data-side="${field.hint}" ` +
          `data-min="1" data-max="1000" data-step="1" data-neutral="1000" min="0" max="1000">`
        : "") +
        `<input type="text" ${named} placeholder="${escape(field.hint)}" title="${
          escape(written)
        }" ${plain}${side ? ' inputmode="decimal"' : ""}>`;
    }
  }
}

/** How a slider's thousand steps stand for the values: those of a wide range lie closer at its lower end. */
function slider({ min, max, whole }: Field & { kind: "number" }): string {
  const neutral = min < 0 ? 0 : !whole && min < 1 && max > 1 ? 1 : max === 100 ? max : min;
  const bend = min >= 0 && max >= 500 ? 3 : min > 0 && min < 1 && max > 1 ? 2 : 1;
  return `data-min="${min}" data-max="${max}" data-step="${whole ? 1 : 0}" data-bend="${bend}" ` +
    `data-neutral="${neutral}"`;
}
