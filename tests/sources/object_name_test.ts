import assert from "node:assert/strict";
import fc from "fast-check";
import { ProxyError } from "../../src/errors.ts";
import { decodeIfValid } from "../../src/http/percent_encoding.ts";
import { objectName } from "../../src/sources/object_name.ts";

const NAMES: readonly (readonly [string, string])[] = [
  ["a.jpg", "a.jpg"],
  ["a/b/c.jpg", "a/b/c.jpg"],
  ["a%2Fb.jpg", "a/b.jpg"],
  ["a//b.jpg", "a//b.jpg"],
  ["%C3%BC.jpg", "ü.jpg"],
  ["100%25.jpg", "100%.jpg"],
  ["a%2520b.jpg", "a%20b.jpg"],
  ["a+b.jpg", "a+b.jpg"],
  [".hidden/.jpg", ".hidden/.jpg"],
  ["a..b/c..d/e...", "a..b/c..d/e..."],
  ["..a/b", "..a/b"],
];

Deno.test("objectName() decodes a path once", () => {
  for (const [path, name] of NAMES) assert.equal(objectName(path), name, path);
});

const UNFIT: readonly (readonly [string, RegExp])[] = [
  ["", /names no picture/],
  ["..", /segment of dots/],
  [".", /segment of dots/],
  ["a/./b", /segment of dots/],
  ["%2e%2e/b", /segment of dots/],
  ["%252e%252e%252fb", /segment of dots/],
  ["%25252e%25252e%25252fb", /segment of dots/],
  ["..%5cb", /segment of dots/],
  ["a\\..\\b", /segment of dots/],
  ["..;/b", /segment of dots/],
  ["%252e%252e%252f%25zz", /segment of dots/],
  ["a%00.jpg", /control character/],
  ["a%2500.jpg", /control character/],
  ["a%0Ab", /control character/],
  ["%zz", /stands for no character/],
  ["%c0%ae%c0%ae/b", /stands for no character/],
  ["%".padEnd(41, "25") + "2e", /over and over/],
  ["a".repeat(1025), /longer than 1024 bytes/],
  ["%C3%BC".repeat(513), /longer than 1024 bytes/],
];

Deno.test("objectName() refuses a path that could lead elsewhere", () => {
  for (const [path, sentence] of UNFIT) {
    assert.throws(() => objectName(path), (error) => {
      assert.ok(error instanceof ProxyError && error.status === 400, path);
      assert.match(error.message, sentence, path);
      return true;
    });
  }
});

const PIECES = ["..", ".", "/", "\\", "%2e", "%2f", "%5c", "%25", "2e", "a", ";", " "];

Deno.test("objectName() gives no name that leads out of a folder, however often it is decoded", () => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }), (pieces) => {
    let name: string;
    try {
      name = objectName(pieces.join(""));
    } catch (error) {
      return error instanceof ProxyError;
    }
    for (let text = name, last = ""; text !== last;) {
      const segments = text.split(/[/\\]/);
      if (segments.some((segment) => segment === ".." || segment === ".")) return false;
      [last, text] = [text, text.replace(/%[\da-f]{2}/gi, decodeIfValid)];
    }
    return true;
  }));
});
