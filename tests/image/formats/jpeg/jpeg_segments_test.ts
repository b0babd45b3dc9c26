import assert from "node:assert/strict";
import { nextSegment } from "../../../../src/image/formats/jpeg/jpeg_segments.ts";

const rows: readonly [
  what: string,
  bytes: readonly number[],
  found: readonly [marker: number, body: number, end: number] | undefined,
][] = [
  ["the next one", [0xff, 0xe1, 0, 3, 7], [0xe1, 4, 5]],
  ["one behind what is none", [1, 2, 3, 0xff, 0xdb, 0, 2], [0xdb, 7, 7]],
  ["one behind fill bytes", [0xff, 0xff, 0xff, 0xfe, 0, 2], [0xfe, 6, 6]],
  ["one behind a stuffed zero", [0xff, 0, 0xff, 0xfe, 0, 2], [0xfe, 6, 6]],
  ["one behind markers that carry nothing", [0xff, 0xd3, 0xff, 1, 0xff, 0xfe, 0, 2], [0xfe, 8, 8]],
  ["one that is shorter than its length", [0xff, 0xe1, 0, 1, 7], [0xe1, 4, 4]],
  ["one of length 0", [0xff, 0xe1, 0, 0, 7], [0xe1, 4, 4]],
  ["one that ends behind the file", [0xff, 0xe1, 1, 0, 7], [0xe1, 4, 258]],
  ["the start of a picture", [0xff, 0xd8, 1, 0], [0xd8, 2, 2]],
  ["the end of one", [0xff, 0xd9], [0xd9, 2, 2]],
  ["nothing in nothing", [], undefined],
  ["nothing in noise", [1, 2, 3], undefined],
  ["nothing where the marker is missing", [1, 0xff, 0xff], undefined],
  ["nothing where the length is missing", [0xff, 0xe1, 0], undefined],
];

for (const [what, bytes, found] of rows) {
  Deno.test(`nextSegment() finds ${what}`, () => {
    const segment = nextSegment(Uint8Array.from(bytes), 0);
    assert.deepEqual(segment && [segment.marker, segment.body, segment.end], found);
  });
}
