import assert from "node:assert/strict";
import { checkDrawing, DRAWING_LIMITS } from "../../../../src/image/formats/svg/check_drawing.ts";
import { assertWithin } from "../../../testing/quickly.ts";

const svg = (inner: string) => `<svg xmlns="http://www.w3.org/2000/svg">${inner}</svg>`;
const check = (inner: string) => checkDrawing(svg(inner), () => undefined);

/** So many levels, each of which shows the one below it so often. */
function nested(
  levels: number,
  times: number,
  { open, close, show, id = (level) => `id="k${level}"` }: {
    open(id: string): string;
    close: string;
    show(level: number): string;
    id?(level: number): string;
  },
): string {
  const parts = Array.from(
    { length: levels },
    (_, level) => open(id(level)) + show(level - 1).repeat(times) + close,
  );
  return parts.join("") + show(levels - 1);
}

const WAYS: Readonly<Record<string, Parameters<typeof nested>[2]>> = {
  use: {
    open: (id) => `<g ${id}>`,
    close: "</g>",
    show: (level) => `<use xlink:href="#k${level}"/>`,
  },
  pattern: {
    open: (id) => `<pattern ${id}>`,
    close: "</pattern>",
    show: (level) => `<rect fill="url(#k${level})"/>`,
  },
  mask: {
    open: (id) => `<mask ${id}>`,
    close: "</mask>",
    show: (level) => `<rect style="mask: url( '#k${level}' )"/>`,
  },
  "clip-path, written by numbers": {
    open: (id) => `<clipPath ${id}>`,
    close: "</clipPath>",
    show: (level) => `<rect clip-path="u&#114;l(&#x23;k${level})"/>`,
  },
  "marker, by a class": {
    open: (id) => `<marker ${id}>`,
    close: "</marker>",
    show: (level) =>
      `<style><![CDATA[ .a, g > path.c${level}:first-child { marker: url(#k${level}) } ]]></style>` +
      `<path class="b c${level}"/>`,
  },
  "feImage within what is filtered": {
    open: (id) => `<g ${id}>`,
    close: "</g>",
    show: (level) =>
      `<filter id="f${level}"><feImage href="#k${level}"/></filter><path filter="url(#f${level})"/>`,
  },
  "an id within another": {
    open: (id) => `<g id=""><g ${id}>`,
    close: "</g></g>",
    show: (level) => `<use href="#k${level}"/>`,
  },
};

for (const [name, way] of Object.entries(WAYS)) {
  Deno.test(`checkDrawing() counts what shows what shows others: ${name}`, () => {
    check(nested(4, 4, way));
    assert.throws(() => check(nested(30, 2, way)), {
      code: "undecodable",
      message: /more than 1000000 times/,
    });
  });
}

Deno.test("checkDrawing() counts the steps of a filter as often as it is shown", () => {
  const drawing = (steps: number, shown: number) =>
    `<filter id="a">${"<feOffset/>".repeat(steps)}</filter>` +
    '<g filter="url(#a)"/>'.repeat(shown);
  check(drawing(5, 5000));
  assert.throws(() => check(drawing(500, 5000)), /more than 1000000 times/);
});

Deno.test("checkDrawing() lets drawings pass that show much, or themselves", () => {
  check(`<g id="a">${"<path/>".repeat(40)}</g>` + '<use href="#a"/>'.repeat(20_000));
  check('<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/>');
  check('<g id="a"><use href="#a"/></g><use href="#a"/><use href="#none"/>');
  const classes = Array.from(
    { length: 500 },
    (_, index) => `<linearGradient id="g${index}"><stop/><stop/></linearGradient>`,
  );
  const styles = classes.map((_, index) => `.c${index}{fill:url(#g${index})}`).join("");
  check(
    classes.join("") + `<style>${styles}</style>` +
      Array.from({ length: 50_000 }, (_, index) => `<path class="c${index % 500}"/>`).join(""),
  );
});

Deno.test("checkDrawing() refuses a chain of references that is deeper than any stack, and counts in no time", async () => {
  const chain = Array.from(
    { length: 50_000 },
    (_, index) => `<pattern id="p${index}" href="#p${index - 1}"/>`,
  );
  const chained = `${chain.join("")}<path fill="url(#p49999)"/>`;
  await assertWithin(1500, () => {
    assert.throws(() => check(chained), new RegExp(`more than ${DRAWING_LIMITS.draws} times`));
  });
  const rules = ".a{fill:url(#a)}".repeat(50_000);
  const styled = `<style>${rules}</style><style>${"a".repeat(500_000)}</style>` +
    `${'<g class="a"/>'.repeat(19)}<style>.${"b".repeat(500_000)}.c{fill:url(#a)}</style>`;
  await assertWithin(1500, () => check(styled));
});
