import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { createReplyReader, encodeCommand, type Reply } from "../../../src/cache/drivers/resp.ts";

/** What Redis writes, and what it says. */
const REPLIES: readonly (readonly [string, Reply])[] = [
  ["+OK\r\n", "OK"],
  ["+\r\n", ""],
  ["-ERR no such command\r\n", new Error("ERR no such command")],
  [":0\r\n", 0],
  [":-12\r\n", -12],
  ["$-1\r\n", null],
  ["$0\r\n\r\n", new Uint8Array()],
  ["$4\r\na\r\nb\r\n", Uint8Array.of(97, 13, 10, 98)],
  ["*0\r\n", []],
  ["*-1\r\n", null],
  ["*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n*1\r\n:7\r\n", [
    Uint8Array.of(48),
    [Uint8Array.of(97), [7]],
  ]],
];

function readAll(chunks: Iterable<Uint8Array>): Reply[] {
  const replies: Reply[] = [];
  const read = createReplyReader((reply) => replies.push(reply));
  for (const chunk of chunks) read(chunk);
  return replies;
}

Deno.test("createReplyReader() reads every kind of reply", () => {
  for (const [written, said] of REPLIES) {
    assert.deepEqual(readAll([Buffer.from(written)]), [said], JSON.stringify(written));
  }
});

Deno.test("createReplyReader() reads the same replies wherever the bytes are cut", () => {
  const rows = fc.array(fc.constantFrom(...REPLIES), { minLength: 1, maxLength: 6 });
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(rows, cuts, (replies, lengths) => {
    const bytes = Buffer.from(replies.map(([written]) => written).join(""));
    const chunks: Uint8Array[] = [];
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const length = lengths[i % lengths.length]!;
      chunks.push(bytes.subarray(at, at + length));
      at += length;
    }
    assert.deepEqual(readAll(chunks), replies.map(([, said]) => said));
  }));
});

Deno.test("createReplyReader() hands on bytes that are not the chunk's", () => {
  const chunk = Buffer.from("$3\r\nabc\r\n");
  const [reply] = readAll([chunk]);
  chunk.fill(0);
  assert.deepEqual(reply, Uint8Array.of(97, 98, 99));
});

Deno.test("createReplyReader() refuses what is not RESP2", () => {
  const rows = [
    ...["HTTP/1.1 400 Bad Request\r\n", "\r\n", "+OK\n", "$x\r\n", "$-2\r\n", "$1.5\r\n", ":\r\n"],
    ...["$1\r\nab\r\n", "$9999999999\r\n", "*9999999999\r\n", "+" + "x".repeat(70_000)],
  ];
  for (const row of rows) {
    assert.throws(() => readAll([Buffer.from(row)]), /not an answer of Redis/, JSON.stringify(row));
  }
});

Deno.test("encodeCommand() counts bytes, not characters", () => {
  const written = Buffer.concat(encodeCommand(["SET", "ü", Uint8Array.of(0, 255), "PX", "1"]));
  assert.equal(
    written.toString("latin1"),
    "*5\r\n$3\r\nSET\r\n$2\r\n\xc3\xbc\r\n$2\r\n\x00\xff\r\n$2\r\nPX\r\n$1\r\n1\r\n",
  );
});
