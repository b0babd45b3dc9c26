// The page at `/` on which a browser can try every option. One document with nothing from outside: its
// style and script are part of it, and the policy sent with it names their hashes and allows no others.
import { createHash } from "node:crypto";
import { formatOf, NEGOTIATED_FORMATS } from "../image/formats/table.ts";
import { type Group, GROUPS, type Option } from "../options/option.ts";
import { OPTIONS } from "../options/table.ts";
import { type Control, controlsOf, type Field, labelOf } from "./controls.ts";
import { SAMPLES, sampleUrl } from "./samples.ts";
import script from "./page.js" with { type: "text" };
import style from "./page.css" with { type: "text" };
import template from "./page.html" with { type: "text" };

export interface Page {
  headers: Readonly<Record<string, string>>;
  body: string;
}

export function createPage(): Page {
  const parts: Readonly<Record<string, string>> = {
    // What a browser asks for that shows all of them.
    accept: [
      ...NEGOTIATED_FORMATS.map((format) => formatOf(format).mediaType),
      "image/*,*/*;q=0.8",
    ].join(","),
    style: `<style>${style}</style>`,
    script: `<script type="module">${script}</script>`,
    options: groups(),
    samples: Object.entries(SAMPLES).map(([name, { title }]) =>
      `<button type="button" data-sample="${escape(sampleUrl(name))}">${escape(title)}</button>`
    ).join("\n"),
  };
  return {
    body: template.replaceAll(/<!-- (\w+) -->/g, (mark, name) => parts[name] ?? mark),
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": [
        "default-src 'none'",
        `script-src '${hashOf(script)}'`,
        `style-src '${hashOf(style)}'`,
        "img-src blob: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-cache",
      "vary": "Accept",
    },
  };
}

/** Whether an Accept header asks for a page, as browsers do and programs do not. */
export function wantsPage(accept: string | undefined): boolean {
  return /(?:^|,)\s*text\/html\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))|,|$)/i.test(accept ?? "");
}

/** The groups of options, of which the first is open. */
function groups(): string {
  const options = (Object.entries(OPTIONS) as [string, Option<unknown>][])
    .filter(([name]) => name !== "signature");
  return (Object.entries(GROUPS) as [Group, string][]).map(([group, title], index) => {
    const rows = options.filter(([, option]) => option.group === group)
      .map(([name, option]) => optionRow(name, option));
    return `<details${index === 0 ? " open" : ""}><summary>${escape(title)}</summary>${
      rows.join("\n")
    }</details>`;
  }).join("\n");
}

function optionRow(name: string, option: Option<unknown>): string {
  const controls = controlsOf(option);
  const label = escape(labelOf(name));
  const id = `option-${name}`;
  const summary = escape(option.summary).replaceAll(/`([^`]*)`/g, "<code>$1</code>");
  const note = `<p id="${id}-note">${summary} <span>e.g. ${
    option.examples.slice(0, 2).map((example) => `<code>${escape(example)}</code>`).join(" ")
  }</span></p>`;
  const inputs = controls.map((control, index) =>
    controlRow(control, { id, label, name: `${name}.${index === 0 ? "" : `${index}-`}` })
  ).join("");
  return `<div class="option" role="group" aria-label="${label}" data-search="${
    escape(`${name} ${option.syntax}`.toLowerCase())
  }"><div class="line"><b>${label}</b><span class="controls">${inputs}</span></div>${note}</div>`;
}

/** The fields of one token; the page's script joins them with the texts between them. */
function controlRow(
  { texts, fields }: Control,
  { id, label, name }: { id: string; label: string; name: string },
) {
  const inputs = fields.map((field, index) => {
    const written = texts[index]! + (field.kind === "text" ? `{${field.hint}}` : "");
    const named = { id, name: `${name}${index}`, label: `${label} ${hintOf(field)}`.trim() };
    return fieldHtml(field, { ...named, written });
  });
  return `<span class="token" data-texts="${escape(JSON.stringify(texts))}">${
    inputs.join("")
  }</span>`;
}

function hintOf(field: Field): string {
  return field.kind === "text" ? field.hint : field.kind === "number" ? "value" : "";
}

function fieldHtml(
  field: Field,
  { id, name, label, written }: { id: string; name: string; label: string; written: string },
): string {
  const named = `name="${name}" aria-label="${label}" aria-describedby="${id}-note"`;
  switch (field.kind) {
    case "check":
      return `<input type="checkbox" ${named} value="${escape(field.token)}">`;
    case "choice": {
      const choices = field.choices.map((choice) => `<option>${escape(choice)}</option>`);
      return `<select ${named}><option value="">–</option>${choices.join("")}</select>`;
    }
    case "number":
      return `<input type="number" ${named} min="${field.min}" max="${field.max}" step="any" ` +
        `placeholder="${field.min}–${field.max}">`;
    case "text":
      return `<input type="text" ${named} placeholder="${escape(field.hint)}" ` +
        `title="${escape(written)}" autocapitalize="off" autocomplete="off" spellcheck="false">`;
  }
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
