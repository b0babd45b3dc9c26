import assert from "node:assert/strict";
import fc from "fast-check";
import type { StreamedBody } from "../../src/http/body.ts";
import type { HeaderMap } from "../../src/http/header_map.ts";
import { type ByteRange, partOf, wantedRange } from "../../src/http/range.ts";

const NOW = Date.UTC(2026, 0, 15, 12);
const DATE = "Thu, 15 Jan 2026 12:00:00 GMT";
const OLD = "Tue, 06 Jan 2026 10:00:00 GMT";
const HEADERS: HeaderMap = { date: DATE, etag: '"a"', "last-modified": OLD };
const NONE = "unsatisfiable";

// Of a body of 10 bytes.
// deno-fmt-ignore
const ROWS: readonly (readonly [section: string, range: string, expected: readonly [number, number] | "unsatisfiable" | undefined])[] = [
  ["14.1.2", "bytes=0-4", [0, 4]],
  ["14.1.2", "bytes=3-3", [3, 3]],
  ["14.1.2", "bytes=3-", [3, 9]],
  ["14.1.2", "bytes=-3", [7, 9]],
  ["14.1.2", "bytes=0-99", [0, 9]],
  ["14.1.2", "bytes=-99", [0, 9]],
  ["14.1", "BYTES=0-4", [0, 4]],
  ["14.2", " bytes=0-4 ", [0, 4]],
  ["14.1.2", "bytes=9-", [9, 9]],
  ["15.5.17", "bytes=10-", NONE],
  ["15.5.17", "bytes=10-20", NONE],
  ["15.5.17", "bytes=-0", NONE],
  ["15.5.17", "bytes=99999999999999999999-", NONE],
  ["14.1.1", "bytes=4-3", undefined],
  ["14.1.1", "bytes=-", undefined],
  ["14.1.1", "bytes=", undefined],
  ["14.1.1", "bytes=a-b", undefined],
  ["14.1.1", "bytes=0x1-2", undefined],
  ["14.1.1", "bytes=--3", undefined],
  ["14.1.1", "0-4", undefined],
  ["14.1", "pixels=0-4", undefined],
  ["14.2", "bytes=0-1,3-4", undefined],
];

for (const [section, range, expected] of ROWS) {
  Deno.test(`wantedRange() [9110 ${section}] of ${range}: ${expected ?? "the whole"}`, () => {
    const found = wantedRange(HEADERS, { request: { range }, size: 10, now: NOW });
    assert.deepEqual(
      found,
      Array.isArray(expected) ? { start: expected[0], end: expected[1] } : expected,
    );
  });
}

// Whether the client's own part is of the same picture.
// deno-fmt-ignore
const CONDITIONS: readonly (readonly [name: string, ifRange: string, same: boolean, headers?: HeaderMap])[] = [
  ["the tag", '"a"', true],
  ["another tag", '"b"', false],
  ["a weak tag", 'W/"a"', false],
  ["a weak tag for a weak tag", 'W/"a"', false, { ...HEADERS, etag: 'W/"a"' }],
  ["a tag where there is none", '"a"', false, { date: DATE }],
  ["the date", OLD, true],
  ["the date in another form", "Tuesday, 06-Jan-26 10:00:00 GMT", true],
  ["an earlier date", "Tue, 06 Jan 2026 09:59:59 GMT", false],
  ["a later date", "Tue, 06 Jan 2026 10:00:01 GMT", false],
  ["a date where there is none", OLD, false, { date: DATE }],
  ["a date of the same second", DATE, false, { date: DATE, "last-modified": DATE }],
  ["nonsense", "a", false],
];

for (const [name, ifRange, same, headers = HEADERS] of CONDITIONS) {
  Deno.test(`wantedRange() [9110 13.1.5] by ${name}: ${same ? "the part" : "the whole"}`, () => {
    for (const range of ["bytes=0-4", "bytes=10-"]) {
      const request = { range, "if-range": ifRange };
      assert.equal(wantedRange(headers, { request, size: 10, now: NOW }) !== undefined, same);
    }
  });
}

Deno.test("wantedRange() of an empty body is the whole", () => {
  const request = { range: "bytes=0-" };
  assert.equal(wantedRange(HEADERS, { request, size: 0, now: NOW }), undefined);
});

/** A body that comes in pieces, and at its end breaks if told. */
function streamed(pieces: readonly Uint8Array<ArrayBuffer>[], { breaks = false } = {}) {
  const seen = { cancelled: false };
  const body: StreamedBody = {
    size: pieces.reduce((sum, { length }) => sum + length, 0),
    isComplete: true,
    beginning: () => new Uint8Array(),
    stream() {
      const rest = pieces.values();
      return Promise.resolve(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            const { value, done } = rest.next();
            if (!done) return controller.enqueue(value);
            if (breaks) controller.error(new Error("spoilt"));
            else controller.close();
          },
          cancel: () => void (seen.cancelled = true),
        }, { highWaterMark: 0 }),
      );
    },
    whole: () => new Response(new Blob([...pieces])).bytes(),
  };
  return { body, seen };
}

const read = async (body: StreamedBody): Promise<Uint8Array> =>
  await new Response((await body.stream())! as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();

Deno.test("partOf() is what subarray() is, however a body comes", async () => {
  const anyPieces = fc.array(fc.uint8Array({ maxLength: 9 }), { minLength: 1, maxLength: 9 })
    .filter((pieces) => pieces.some(({ length }) => length > 0));
  await fc.assert(fc.asyncProperty(anyPieces, fc.nat(), fc.nat(), async (pieces, a, b) => {
    const own = pieces.map((piece) => Uint8Array.from(piece));
    const { body } = streamed(own);
    const all = await body.whole();
    const start = a % all.length;
    const range: ByteRange = { start, end: start + b % (all.length - start) };
    const expected = all.slice(range.start, range.end + 1);
    assert.deepEqual(partOf(all, range), expected);
    assert.deepEqual(await read(partOf(body, range)), expected);
    assert.deepEqual(await partOf(body, range).whole(), expected);
    assert.equal(partOf(body, range).size, expected.length);
  }));
});

Deno.test("partOf() holds its last bytes back until the whole is known to be sound", async () => {
  const pieces = [Uint8Array.of(1, 2), Uint8Array.of(3, 4), Uint8Array.of(5, 6)];
  const { body } = streamed(pieces, { breaks: true });
  const reader = (await partOf(body, { start: 0, end: 2 }).stream())!.getReader();
  assert.deepEqual((await reader.read()).value, Uint8Array.of(1, 2));
  await assert.rejects(reader.read(), /spoilt/);
});

Deno.test("partOf() lets go of a body that nobody reads to its end", async () => {
  const { body, seen } = streamed([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
  await (await partOf(body, { start: 0, end: 2 }).stream())!.cancel();
  assert.equal(seen.cancelled, true);
});
