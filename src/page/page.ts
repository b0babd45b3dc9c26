// The page at `/` on which a browser can try every option. One document with nothing from outside: its
// style and script are part of it, and the policy sent with it names their hashes and allows no others.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { formatOf, NEGOTIATED_FORMATS, OUTPUT_FORMATS } from "../image/formats/table.ts";
import { bundle } from "./bundle.ts";
import { fieldsOf } from "./controls.ts";
import { escape } from "./escape.ts";
import { groups, topRows } from "./form.ts";
import { SAMPLES, sampleUrl } from "./samples.ts";
import baseStyle from "./browser/base.css" with { type: "text" };
import figuresStyle from "./browser/figures.css" with { type: "text" };
import optionsStyle from "./browser/options.css" with { type: "text" };
import picturesStyle from "./browser/pictures.css" with { type: "text" };
import screensStyle from "./browser/screens.css" with { type: "text" };
import toolsStyle from "./browser/tools.css" with { type: "text" };
import compareModule from "./browser/compare.js" with { type: "text" };
import copyModule from "./browser/copy.js" with { type: "text" };
import domModule from "./browser/dom.js" with { type: "text" };
import dropModule from "./browser/drop.js" with { type: "text" };
import fetchModule from "./browser/fetch.js" with { type: "text" };
import formatsModule from "./browser/formats.js" with { type: "text" };
import mainModule from "./browser/main.js" with { type: "text" };
import stateModule from "./browser/state.js" with { type: "text" };
import toolsModule from "./browser/tools.js" with { type: "text" };
import widgetsModule from "./browser/widgets.js" with { type: "text" };
import template from "./page.html" with { type: "text" };

export interface Page {
  headers: Readonly<Record<string, string>>;
  body: string;
  /** The body in gzip, a fifth of it. */
  gzipped: Uint8Array<ArrayBuffer>;
}

export function createPage(): Page {
  const style = [
    ...[baseStyle, picturesStyle, toolsStyle, figuresStyle, optionsStyle],
    // What screens differ in comes last, over all else.
    screensStyle,
  ].join("\n");
  const script = bundle([
    ...[domModule, stateModule, widgetsModule, fetchModule, compareModule, toolsModule],
    ...[copyModule, formatsModule, dropModule, mainModule],
  ]);
  const parts: Readonly<Record<string, string>> = {
    // What a browser asks for that shows all of them.
    accept: [
      ...NEGOTIATED_FORMATS.map((format) => formatOf(format).mediaType),
      "image/*,*/*;q=0.8",
    ].join(","),
    formats: OUTPUT_FORMATS.join(" "),
    style: `<style>${style}</style>`,
    script: `<script type="module">${script}</script>`,
    top: topRows(),
    options: groups(),
    samples: Object.entries(SAMPLES).map(([name, sample]) => sampleButton(name, sample)).join("\n"),
  };
  const body = template.replaceAll(/<!-- (\w+) -->/g, (mark, name) => parts[name] ?? mark);
  return {
    body,
    gzipped: new Uint8Array(gzipSync(body)),
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
      "vary": "Accept, Accept-Encoding",
    },
  };
}

/** Whether an Accept-Encoding header takes gzip (RFC 9110 section 12.5.3). */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  return /(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(
    acceptEncoding ?? "",
  );
}

/** Whether an Accept header asks for a page, as browsers do and programs do not. */
export function wantsPage(accept: string | undefined): boolean {
  return /(?:^|,)\s*text\/html\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))|,|$)/i.test(accept ?? "");
}

function sampleButton(name: string, { title, hint, shows }: (typeof SAMPLES)[string]): string {
  const fields = escape(JSON.stringify(fieldsOf(shows.split(","))));
  return `<button type="button" data-sample="${
    escape(sampleUrl(name))
  }" data-fields="${fields}"><b>${escape(title)}</b> <span>${escape(hint)}</span></button>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
