import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  decodeEntry,
  digestOf,
  encodeEntry,
  type Entry,
  entrySize,
} from "../../src/cache/entry.ts";
import { originalKey, resultKey } from "../../src/cache/key.ts";

const URL_OF_IT = "http://example.com/ä.png?a=1";
const KEY = resultKey(URL_OF_IT, { options: "100x0" });

const ENTRY: Entry = {
  meta: {
    kind: "result",
    key: KEY,
    url: URL_OF_IT,
    options: "100x0",
    status: 200,
    headers: { "content-type": "image/png", etag: '"a"' },
    requestedAt: 1_768_478_400_000,
    receivedAt: 1_768_478_400_123,
    original: { key: originalKey(URL_OF_IT), digest: "abc" },
  },
  body: new Uint8Array([1, 2, 3, 0, 255]),
};

const texts = fc.dictionary(fc.string(), fc.string());
const anyEntry: fc.Arbitrary<Entry> = fc.record({
  meta: fc.record({
    kind: fc.constantFrom("original" as const, "result" as const),
    key: fc.string({ unit: "binary" }),
    url: fc.string({ unit: "binary" }),
    options: fc.string(),
    status: fc.integer({ min: 200, max: 599 }),
    headers: texts,
    requestedAt: fc.nat(),
    receivedAt: fc.nat(),
    selected: texts,
    digest: fc.string(),
    original: fc.record({ key: fc.string(), digest: fc.string() }),
  }, {
    requiredKeys: [
      "kind",
      "key",
      "url",
      "options",
      "status",
      "headers",
      "requestedAt",
      "receivedAt",
    ],
  }),
  body: fc.uint8Array({ maxLength: 300 }),
});

Deno.test("decodeEntry() gives back what encodeEntry() framed", () => {
  fc.assert(fc.property(anyEntry, (entry) => {
    const read = decodeEntry(encodeEntry(entry), entry.meta.key);
    assert.deepEqual(
      JSON.parse(JSON.stringify(read?.meta)),
      JSON.parse(JSON.stringify(entry.meta)),
    );
    assert.deepEqual(read?.body, entry.body);
  }));
});

Deno.test("decodeEntry() gives the body as a view of the frame", () => {
  const frame = encodeEntry(ENTRY);
  assert.equal(decodeEntry(frame, KEY)?.body.buffer, frame.buffer);
});

Deno.test("decodeEntry() reads a frame that lies anywhere in a larger buffer", () => {
  const frame = encodeEntry(ENTRY);
  const buffer = new Uint8Array(frame.length + 20);
  buffer.set(frame, 7);
  assert.deepEqual(decodeEntry(buffer.subarray(7, 7 + frame.length), KEY), ENTRY);
});

Deno.test("decodeEntry() misses a frame cut off anywhere, or with something after it", () => {
  const frame = encodeEntry(ENTRY);
  for (let length = 0; length < frame.length; length++) {
    assert.equal(decodeEntry(frame.subarray(0, length), KEY), undefined, `${length} bytes`);
  }
  assert.equal(decodeEntry(new Uint8Array([...frame, 0]), KEY), undefined);
});

Deno.test("decodeEntry() misses a frame with any one bit flipped, header or body", () => {
  const frame = encodeEntry(ENTRY);
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const flipped = frame.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(decodeEntry(flipped, KEY), undefined, `bit ${bit}`);
  }
});

Deno.test("decodeEntry() misses a frame whose end was never written", () => {
  const frame = encodeEntry({ ...ENTRY, body: new Uint8Array(1000).fill(7) });
  for (let from = 0; from < frame.length; from++) {
    assert.equal(decodeEntry(frame.slice().fill(0, from), KEY), undefined, `zero from ${from}`);
  }
});

Deno.test("decodeEntry() misses two frames mixed", () => {
  const a = encodeEntry({ ...ENTRY, body: new Uint8Array(500).fill(1) });
  const b = encodeEntry({ ...ENTRY, body: new Uint8Array(500).fill(2) });
  for (let at = 30; at < a.length; at++) {
    const mixed = a.slice();
    mixed.set(b.subarray(at), at);
    assert.equal(decodeEntry(mixed, KEY), undefined, `mixed at ${at}`);
  }
});

Deno.test("decodeEntry() misses an entry under another key", () => {
  assert.equal(decodeEntry(encodeEntry(ENTRY), originalKey(URL_OF_IT)), undefined);
});

Deno.test("decodeEntry() never throws, whatever it is given", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    assert.equal(decodeEntry(bytes, KEY), undefined);
  }));
});

const PART = { url: "http://a/", status: 200, headers: {}, requestedAt: 1, receivedAt: 2 };

Deno.test("decodeEntry() gives back what else a result was made with", () => {
  const meta = { ...ENTRY.meta, parts: [{ ...PART, hops: [PART] }, PART] };
  assert.deepEqual(decodeEntry(encodeEntry({ ...ENTRY, meta }), KEY)?.meta, meta);
});

// Sound checksums around headers that this program never writes.
const FOREIGN: readonly unknown[] = [
  null,
  [],
  "text",
  { ...ENTRY.meta, kind: "other" },
  { ...ENTRY.meta, url: 1 },
  { ...ENTRY.meta, status: "200" },
  { ...ENTRY.meta, receivedAt: null },
  { ...ENTRY.meta, headers: undefined },
  { ...ENTRY.meta, headers: [] },
  { ...ENTRY.meta, headers: { etag: 1 } },
  { ...ENTRY.meta, original: "key" },
  { ...ENTRY.meta, original: { key: KEY } },
  { ...ENTRY.meta, parts: {} },
  { ...ENTRY.meta, parts: [{ url: "http://a/" }] },
  { ...ENTRY.meta, parts: [{ ...PART, hops: [{}] }] },
  { ...ENTRY.meta, digest: 5 },
  { ...ENTRY.meta, selected: { accept: null } },
];

for (const meta of FOREIGN) {
  Deno.test(`decodeEntry() misses a sound frame of a foreign header ${JSON.stringify(meta)}`, () => {
    const frame = encodeEntry({ ...ENTRY, meta: meta as Entry["meta"] });
    assert.equal(decodeEntry(frame, KEY), undefined);
  });
}

Deno.test("entrySize() counts the body and the words about it", () => {
  const size = entrySize({ ...ENTRY, body: new Uint8Array(10_000) });
  assert.ok(size > 10_000 && size < 13_000, `${size}`);
});

Deno.test("digestOf() tells bytes apart", async () => {
  assert.equal(await digestOf(new Uint8Array()), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
  assert.notEqual(await digestOf(new Uint8Array([1])), await digestOf(new Uint8Array([2])));
  for (const length of [1 << 20, (1 << 20) + 1]) {
    const bytes = new Uint8Array(length + 2).subarray(1, -1).fill(7);
    const digest = createHash("sha256").update(bytes).digest("base64url");
    assert.equal(await digestOf(bytes), digest, `${length}`);
  }
});
