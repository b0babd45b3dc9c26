import assert from "node:assert/strict";
import fc from "fast-check";
import { createResponseReader } from "../../../src/http/origin/response_reader.ts";
import type { ResponseHead } from "../../../src/http/origin/response_head.ts";
import { ProxyError } from "../../../src/errors.ts";
import { assertWithin } from "../../testing/quickly.ts";

interface Read {
  head: ResponseHead | undefined;
  body: string;
  isWhole: boolean;
  isReusable: boolean;
}

const BODY = "GIF89a....";
const OK = "HTTP/1.1 200 OK\r\n";
const TEN = "Content-Length: 10\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

// What an origin sends, and whether the connection may be used again. Each is the same picture.
const READ: readonly (readonly [string, string, boolean])[] = [
  ["as the RFC has it", `${OK}${TEN}\r\n${BODY}`, true],
  ["bare line feeds", `HTTP/1.1 200 OK\nContent-Length: 10\n\n${BODY}`, false],
  ["a bare line feed among others", `${OK}Content-Length: 10\n\r\n${BODY}`, false],
  ["a bare line feed as the empty line", `${OK}${TEN}\n${BODY}`, false],
  ["100 Continue before it", `HTTP/1.1 100 Continue\r\n\r\n${OK}${TEN}\r\n${BODY}`, true],
  [
    "102 and 103 before it",
    `HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nLink: <a>\r\n\r\n${OK}${TEN}\r\n${BODY}`,
    true,
  ],
  [
    "an informational answer with a length",
    `HTTP/1.1 103 E\r\n${TEN}\r\n${OK}${TEN}\r\n${BODY}`,
    true,
  ],
  ["the same length twice", `${OK}${TEN}${TEN}\r\n${BODY}`, false],
  ["the same length in a list", `${OK}Content-Length: 10, 10\r\n\r\n${BODY}`, false],
  ["a length with zeros", `${OK}Content-Length: 0010\r\n\r\n${BODY}`, true],
  ["folded lines", `${OK}X-A: a\r\n b\r\n\tc\r\n${TEN}\r\n${BODY}`, false],
  ["a length in a folded line", `${OK}Content-Length:\r\n 10\r\n\r\n${BODY}`, false],
  ["blanks before a colon", `${OK}X-A : a\r\nContent-Length \t: 10\r\n\r\n${BODY}`, false],
  ["odd names", `${OK}X[A]: a\r\nX A: b\r\n: c\r\n${TEN}\r\n${BODY}`, false],
  ["a line without a colon", `${OK}X-A\r\n${TEN}\r\n${BODY}`, false],
  [
    "a line folded after an odd name",
    `${OK}X A: b\r\n Content-Length: 5\r\n${TEN}\r\n${BODY}`,
    false,
  ],
  ["a control character in a value", `${OK}X-A: a\x01b\r\n${TEN}\r\n${BODY}`, false],
  ["bytes above 127", `${OK}X-A: \xc3\xbc\xff\r\n${TEN}\r\n${BODY}`, true],
  ["no reason", `HTTP/1.1 200\r\n${TEN}\r\n${BODY}`, true],
  ["two blanks in the status line", `HTTP/1.1  200 OK\r\n${TEN}\r\n${BODY}`, false],
  ["a version in small letters", `http/1.1 200 OK\r\n${TEN}\r\n${BODY}`, false],
  ["HTTP/1.0", `HTTP/1.0 200 OK\r\n${TEN}\r\n${BODY}`, false],
  [
    "HTTP/1.0 that keeps alive",
    `HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n${TEN}\r\n${BODY}`,
    true,
  ],
  ["a connection that closes", `${OK}Connection: x, Close\r\n${TEN}\r\n${BODY}`, false],
  ["empty lines before it", `\r\n\r\n${OK}${TEN}\r\n${BODY}`, true],
  [
    "identity as its transfer encoding",
    `${OK}Transfer-Encoding: identity\r\n${TEN}\r\n${BODY}`,
    true,
  ],
  ["bytes behind it", `${OK}${TEN}\r\n${BODY}HTTP/1.1 200 OK\r\n\r\n`, false],
  ["chunks", `${CHUNKED}4\r\nGIF8\r\n6\r\n9a....\r\n0\r\n\r\n`, true],
  ["chunks in capitals", `${OK}transfer-encoding: Chunked\r\n\r\nA\r\n${BODY}\r\n0\r\n\r\n`, true],
  [
    "chunked twice",
    `${OK}Transfer-Encoding: chunked\r\n${CHUNKED.slice(OK.length)}a\r\n${BODY}\r\n0\r\n\r\n`,
    false,
  ],
  ["chunk sizes with blanks behind", `${CHUNKED}a  \r\n${BODY}\r\n0   \r\n\r\n`, false],
  ["chunk sizes with blanks before", `${CHUNKED} \ta\r\n${BODY}\r\n0\r\n\r\n`, false],
  ["chunk sizes with zeros", `${CHUNKED}0000000a\r\n${BODY}\r\n0000\r\n\r\n`, true],
  ["chunk extensions", `${CHUNKED}a;x=y;"z"\r\n${BODY}\r\n0; q\r\n\r\n`, true],
  ["chunks with bare line feeds", `${CHUNKED}a\n${BODY}\n0\n\n`, false],
  ["trailers", `${CHUNKED}a\r\n${BODY}\r\n0\r\nX-A: b\r\nX-B: c\r\n\r\n`, true],
];

Deno.test("createResponseReader() reads answers as origins send them, however they are cut", () => {
  for (const [what, raw, isReusable] of READ) {
    for (const size of [raw.length, 1, 2, 3, 7]) {
      const read = readAll(raw, size);
      const label = `${what}, in pieces of ${size}`;
      assert.equal(read.body, BODY, label);
      assert.equal(read.head?.status, 200, label);
      assert.ok(read.isWhole, label);
      // What comes behind an answer in another piece is the connection's business.
      if (what !== "bytes behind it" || size === raw.length) {
        assert.equal(read.isReusable, isReusable, label);
      }
    }
  }
});

// Answers that the end of the connection completes.
const CLOSED: readonly (readonly [string, string])[] = [
  ["no length", `${OK}\r\n${BODY}`],
  ["no fields", `HTTP/1.0 200 OK\r\n\r\n${BODY}`],
  ["no empty line behind the last chunk", `${CHUNKED}a\r\n${BODY}\r\n0\r\n`],
];

Deno.test("createResponseReader() takes the end of the connection for the end of an answer that has no other", () => {
  for (const [what, raw] of CLOSED) {
    for (const size of [raw.length, 1]) {
      const { body, isWhole, isReusable } = readAll(raw, size, { close: true });
      assert.deepEqual({ body, isWhole, isReusable }, {
        body: BODY,
        isWhole: true,
        isReusable: false,
      }, what);
      assert.equal(readAll(raw, size).isWhole, false, what);
    }
  }
});

Deno.test("createResponseReader() keeps the fields that every reader agrees on", () => {
  const raw =
    `${OK}X-A: a\r\n  b \r\nX[B]: c\r\n d\r\nX-C : e\r\nX-D: f\x02\r\nX-E\r\n${TEN}${TEN}\r\n`;
  assert.deepEqual(readAll(raw, 5).head?.headers, [
    ["x-a", "a b"],
    ["x-c", "e"],
    ["content-length", "10"],
  ]);
});

const INVALID = "The origin's answer is not valid HTTP";
const LENGTH = "The origin's answer is not as long as it says";
const EARLY = "The origin closed the connection before the end of its answer";

// What smuggling makes dangerous, and what is no HTTP.
const REFUSED: readonly (readonly [string, string, string])[] = [
  ["two lengths that differ", `${OK}${TEN}Content-Length: 11\r\n\r\n${BODY}`, LENGTH],
  ["two lengths that differ in a list", `${OK}Content-Length: 10, 11\r\n\r\n${BODY}`, LENGTH],
  ["a length beside chunks", `${CHUNKED.slice(0, -2)}${TEN}\r\na\r\n${BODY}\r\n0\r\n\r\n`, LENGTH],
  ["a negative length", `${OK}Content-Length: -1\r\n\r\n`, INVALID],
  ["a length with a sign", `${OK}Content-Length: +10\r\n\r\n${BODY}`, INVALID],
  ["a length in words", `${OK}Content-Length: ten\r\n\r\n${BODY}`, INVALID],
  ["an empty length", `${OK}Content-Length:\r\n\r\n${BODY}`, INVALID],
  ["a length of two words", `${OK}Content-Length: 1\r\n 0\r\n\r\n${BODY}`, INVALID],
  ["a length with a control character", `${OK}Content-Length: 10\x0b\r\n\r\n${BODY}`, INVALID],
  ["another transfer encoding", `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, INVALID],
  [
    "a transfer encoding that hides another",
    `${OK}Transfer-Encoding: chunked\x0b\r\n\r\n`,
    INVALID,
  ],
  ["NUL in the head", `${OK}X-A: a\0b\r\n${TEN}\r\n${BODY}`, INVALID],
  ["a carriage return in a line", `${OK}X-A: a\rContent-Length: 5\r\n${TEN}\r\n${BODY}`, INVALID],
  ["a folded line before any field", `${OK} X-A: a\r\n${TEN}\r\n${BODY}`, INVALID],
  ["another protocol", "SSH-2.0-OpenSSH_9.9\r\n", INVALID],
  ["HTTP/0.9", BODY, INVALID],
  ["HTTP/2", `HTTP/2 200 OK\r\n${TEN}\r\n${BODY}`, INVALID],
  ["a status of two digits", `HTTP/1.1 20 OK\r\n\r\n`, INVALID],
  ["a status below 100", `HTTP/1.1 099 OK\r\n\r\n`, INVALID],
  ["a change of protocol", `HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n`, INVALID],
  ["a chunk size that is none", `${CHUNKED}zz\r\n${BODY}\r\n0\r\n\r\n`, INVALID],
  ["a chunk size with a sign", `${CHUNKED}+a\r\n${BODY}\r\n0\r\n\r\n`, INVALID],
  ["a chunk size as in a program", `${CHUNKED}0xa\r\n${BODY}\r\n0\r\n\r\n`, INVALID],
  ["a chunk size of two numbers", `${CHUNKED}a a\r\n${BODY}\r\n0\r\n\r\n`, INVALID],
  ["a chunk size beyond all numbers", `${CHUNKED}ffffffffffffffff\r\n${BODY}`, INVALID],
  ["an empty chunk size", `${CHUNKED}\r\n${BODY}\r\n0\r\n\r\n`, INVALID],
  ["a chunk that is longer than it says", `${CHUNKED}5\r\n${BODY}\r\n0\r\n\r\n`, INVALID],
  ["an end within the head", `${OK}Content-`, EARLY],
  ["an end before anything", "", EARLY],
  ["an end within the body", `${OK}${TEN}\r\nGIF`, EARLY],
  ["an end within the body, as announced", `${OK}Connection: close\r\n${TEN}\r\nGIF`, LENGTH],
  ["an end within a chunk", `${CHUNKED}a\r\nGIF`, EARLY],
  ["an end between chunks", `${CHUNKED}3\r\nGIF\r\n`, EARLY],
];

Deno.test("createResponseReader() refuses what leaves open where an answer ends", () => {
  for (const [what, raw, message] of REFUSED) {
    for (const size of [raw.length || 1, 1, 3]) {
      assert.throws(
        () => readAll(raw, size, { close: true }),
        (error) => error instanceof ProxyError && error.message === message,
        `${what}, in pieces of ${size}`,
      );
    }
  }
});

Deno.test("createResponseReader() bounds heads, and what lies around chunks", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["a long field", `${OK}X: ${"x".repeat(2000)}`, "The origin's response headers are too large"],
    [
      "informational answers",
      "HTTP/1.1 103 E\r\n\r\n".repeat(100),
      "The origin's response headers are too large",
    ],
    ["empty lines", "\r\n".repeat(1000), "The origin's response headers are too large"],
    ["a long extension", `${CHUNKED}a;${"x".repeat(2000)}`, INVALID],
    ["long extensions", CHUNKED + `1;${"x".repeat(200)}\r\na\r\n`.repeat(20), INVALID],
    ["long trailers", `${CHUNKED}0\r\n${"X: y\r\n".repeat(300)}`, INVALID],
  ];
  for (const [what, raw, message] of rows) {
    for (const size of [raw.length, 10]) {
      assert.throws(
        () => readAll(raw, size, { maxHeadBytes: 1000 }),
        (error) => error instanceof ProxyError && error.message === message,
        `${what}, in pieces of ${size}`,
      );
    }
  }
  const tiny = `${CHUNKED}${"1\r\na\r\n".repeat(5000)}0\r\n\r\n`;
  assert.equal(readAll(tiny, 4096, { maxHeadBytes: 1000 }).body.length, 5000);
  const long = `${CHUNKED}${
    `fff;x=${"y".repeat(50)}\r\n${"a".repeat(0xfff)}\r\n`.repeat(100)
  }0\r\n\r\n`;
  assert.equal(readAll(long, 999, { maxHeadBytes: 1000 }).body.length, 100 * 0xfff);
});

Deno.test("createResponseReader() answers any bytes with an answer or a ProxyError, and the same for any cut", () => {
  const parts = fc.constantFrom(
    ...[
      "HTTP/1.1 200 OK",
      "\r\n",
      "\n",
      "\r",
      " ",
      "\t",
      ":",
      "Content-Length",
      "Transfer-Encoding",
    ],
    ...["chunked", "10", "0", "a", ";", ",", "\0", BODY, "HTTP/1.1 100 C\r\n\r\n", CHUNKED, "\xff"],
  );
  const text = fc.array(parts, { maxLength: 20 }).map((list) => OK + list.join(""));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (raw, size) => {
      const once = outcome(() => readAll(raw, raw.length, { close: true }));
      const cut = outcome(() => readAll(raw, size, { close: true }));
      assert.deepEqual({ ...cut, isReusable: 0 }, { ...once, isReusable: 0 });
    }),
    { numRuns: 3000 },
  );
});

Deno.test("a head of blanks, commas or folded lines is read in no time", async () => {
  const most = 100_000;
  for (const name of ["X", "Connection", "Content-Encoding"]) {
    for (const part of [" ", "\t", ", ", " ,", "\r\n ", "a "]) {
      const field = `${name}: a${part.repeat(most / part.length)}x\r\n`;
      const raw = `${OK}${field}${TEN}\r\n${BODY}`;
      await assertWithin(1000, () => {
        assert.equal(readAll(raw, Infinity, { maxHeadBytes: 2 * most }).body, BODY);
      }, `${name} ${JSON.stringify(part)}`);
    }
  }
});

function outcome(read: () => Read): object {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof ProxyError, String(error));
    return { message: error.message };
  }
}

function readAll(
  raw: string,
  size: number,
  { close = false, maxHeadBytes = 16_000 }: { close?: boolean; maxHeadBytes?: number } = {},
): Read {
  const read: Read = { head: undefined, body: "", isWhole: false, isReusable: false };
  const reader = createResponseReader({
    onHead: (head) => read.head = head,
    onData: (piece) => read.body += String.fromCharCode(...piece),
    onEnd({ isReusable }) {
      assert.equal(read.isWhole, false, "one end");
      Object.assign(read, { isWhole: true, isReusable });
    },
  }, { maxHeadBytes });
  const bytes = Uint8Array.from(raw, (character) => character.charCodeAt(0));
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  if (close) reader.end();
  return read;
}
