import assert from "node:assert/strict";
import { checkDrawing, DRAWING_LIMITS } from "../../../../src/image/formats/svg/check_drawing.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { picture, startEngine } from "../../../testing/pictures.ts";
import { assertWithin } from "../../../testing/quickly.ts";

const LIMITS = DRAWING_LIMITS;
const svg = (inner: string, prolog = "") =>
  `${prolog}<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inner}</svg>`;

/** What is refused, what is just allowed, and the words of the refusal. */
const ROWS: Readonly<Record<string, [refused: string, allowed: string, words: RegExp]>> = {
  elements: [
    svg("<g/>".repeat(LIMITS.elements)),
    svg("<g/>".repeat(LIMITS.elements - 1)),
    /200000 elements/,
  ],
  nesting: [
    svg("<g>".repeat(LIMITS.nesting) + "</g>".repeat(LIMITS.nesting)),
    svg("<g>".repeat(LIMITS.nesting - 1) + "</g>".repeat(LIMITS.nesting - 1)),
    /deeper than 200/,
  ],
  references: [
    svg('<use href="#a"/>'.repeat(LIMITS.uses + 1)),
    svg('<use href="#a"/>'.repeat(LIMITS.uses)),
    /20000 references/,
  ],
  filters: [
    svg(`<filter>${"<feOffset/>".repeat(LIMITS.filterSteps + 1)}</filter>`),
    svg(`<filter>${"<feOffset/>".repeat(LIMITS.filterSteps)}</filter>`),
    /500 steps of filters/,
  ],
  noise: [
    svg('<filter><feTurbulence numOctaves="17"/></filter>'),
    svg('<filter><feTurbulence numOctaves="16"/></filter>'),
    /16 octaves/,
  ],
  "style rules": [
    svg(`<style>${".a{}".repeat(2001)}</style>${"<g/>".repeat(50_000)}`),
    svg(`<style>${".a{}".repeat(1999)}</style>${"<g/>".repeat(50_000)}`),
    /too many style rules for its 50002 elements/,
  ],
  letters: [
    svg(`<text>${"ab <tspan>c</tspan>\n".repeat(LIMITS.letters / 3)}dddd</text>`),
    svg(
      `<style>.a{}</style><text>${"ab <tspan>c</tspan>\n".repeat(LIMITS.letters / 3 - 1)}</text>`,
    ),
    /more than 200000 letters/,
  ],
  "pictures of other formats": [
    svg('<image href="data:image/svg+xml,%3Csvg/%3E"/>'),
    svg('<image href="https://example.com/a.svg"/>'),
    /no PNG, JPEG or GIF/,
  ],
  "pictures behind characters by number": [
    svg('<image href="&#x64;&#97;ta:,nothing"/>'),
    svg('<image href="&#x64;&#97;t:,nothing"/>'),
    /no PNG, JPEG or GIF/,
  ],
  "pictures in URLs that are broken into lines": [
    svg('<image href="&#1;da&#10;t\ta&#13;:,nothing"/>'),
    svg('<image href="da&#11;ta:,nothing"/>'),
    /no PNG, JPEG or GIF/,
  ],
  "what lies between two comments of which one looks closed": [
    svg('<!--><![CDATA[--><image href="data:,nothing"/><!-- ]]> -->'),
    svg('<!--><![CDATA[<image href="data:,nothing"/> ]]> -->'),
    /no PNG, JPEG or GIF/,
  ],
  "declarations beside the doctype": [
    svg("", '<!DOCTYPE svg [<!ENTITY a "b">]>'),
    svg("<!-- --><![CDATA[ ]]>"),
    /declares something/,
  ],
};

for (const [name, [refused, allowed, words]] of Object.entries(ROWS)) {
  Deno.test(`checkDrawing() refuses ${name} beyond the limit, and nothing below it`, () => {
    checkDrawing(allowed, readHeader);
    assert.throws(() => checkDrawing(refused, readHeader), { code: "undecodable", message: words });
  });
}

Deno.test("checkDrawing() counts the pixels of pictures within", async () => {
  await startEngine();
  const bytes = picture(["r"], { scale: 1000 });
  const image = `<image href="data:image/png;base64,${bytes.toBase64()}"/>`;
  checkDrawing(svg(image.repeat(16)), readHeader);
  assert.throws(() => checkDrawing(svg(image.repeat(17)), readHeader), {
    message: /16000000 pixels/,
  });
});

Deno.test("checkDrawing() takes no longer for each character of a long tag", async () => {
  const drawing = svg(`<image ${"a".repeat(500_000)}/><g ${'b="" '.repeat(100_000)}/>`);
  await assertWithin(2000, () => checkDrawing(drawing, readHeader));
});
