import assert from "node:assert/strict";
import { formOf } from "../../../../src/image/formats/png/apng_form.ts";

const grey = (level: number) => (0xff000000 | level * 0x010101) >>> 0;
const many = Uint32Array.from({ length: 5000 }, (_, at) => (0xff000000 | at * 7) >>> 0);

// pixels, the colour type, the samples that paint nothing, the chunks that say so
const ROWS: Readonly<
  Record<string, readonly [number[] | Uint32Array, number, number[] | undefined, string[]]>
> = {
  "greys of which one is free": [[grey(0), grey(0)], 0, [1], ["tRNS"]],
  "greys of which none is free": [[grey(0), grey(255)], 0, undefined, []],
  "colours of which most are free": [many, 2, [0, 0, 1], ["tRNS"]],
  "what is transparent anyway": [Uint32Array.of(...many, 0), 6, [0, 0, 0, 0], []],
  "few colours": [many.map((_, at) => many[at % 9]!), 3, [0], ["PLTE", "tRNS"]],
};

for (const [name, [pixels, colourType, blank, chunks]] of Object.entries(ROWS)) {
  Deno.test(`formOf() finds what paints nothing among ${name}`, () => {
    const parts = [Uint32Array.from(pixels)];
    const form = formOf(parts, { isExplained: false, wantsBlank: true });
    assert.equal(form.colourType, colourType);
    assert.deepEqual(form.blank && [...form.blank], blank);
    assert.deepEqual(form.chunks.map(({ type }) => type), chunks);
    const plain = formOf(parts, { isExplained: false, wantsBlank: false });
    assert.equal(plain.blank, undefined);
    assert.equal(plain.chunks.some(({ type }) => type === "tRNS"), false);
  });
}
