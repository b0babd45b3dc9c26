import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { parseMounts } from "../../src/dialects/mounts.ts";
import { type DialectName, DIALECTS } from "../../src/dialects/table.ts";
import { findMount } from "../../src/dialects/read.ts";
import { ownForm, refusal } from "../testing/dialects.ts";

/** A key of each dialect that knows signatures. */
const KEYS: Partial<Record<DialectName, readonly [string, string]>> = {
  imgproxy: ["736563726574:68656c6c6f", "736563726574:68656c6c70"],
  thumbor: ["MY_SECURE_KEY", "another"],
  imagor: ["mysecret", "another"],
};

for (const [name, dialect] of Object.entries(DIALECTS) as [DialectName, Dialect][]) {
  const [mount] = parseMounts([name]);
  const [path = "", query = ""] = dialect.example.split(/(?=\?)/);
  const below = { path: path.slice(dialect.path.length), query };
  const example = below.path + query;

  Deno.test(`${name}: the example of the documentation can be read`, () => {
    assert.ok(path.startsWith(dialect.path));
    const { remote, options } = ownForm(mount!, example);
    assert.match(remote, /^https:\/\/images\.example\.com\//);
    assert.notEqual(options, "0x0");
  });

  Deno.test(`${name}: every option says how it comes over`, () => {
    for (const { syntax, verdict, ours, note } of dialect.options) {
      assert.ok(syntax !== "", name);
      if (verdict === "nearly") assert.ok(note, `${syntax} says how it differs`);
      if (verdict === "same") assert.ok(ours, `${syntax} names its counterpart`);
      assert.doesNotMatch(`${note}`, /\.$/, syntax);
    }
  });

  const keys = KEYS[name];
  Deno.test(`${name}: ${keys ? "signs what it lets pass, and nothing else passes" : "takes no key"}`, () => {
    if (!keys) {
      assert.equal(dialect.checkKey, undefined);
      assert.throws(() => parseMounts([name], [`${name}=abc`]), /bear no signature/);
      return;
    }
    const [key, other] = keys;
    const signed = dialect.sign!(below, key);
    const open = (key: string) => parseMounts([name], [`${name}=${key}`])[0]!;
    assert.ok(ownForm(open(key), signed).signed);
    assert.ok(
      ownForm(parseMounts([name], [other, key].map((key) => `${name}=${key}`))[0]!, signed).signed,
    );
    assert.match(refusal(() => ownForm(open(other), signed)), /only signed/);
    assert.match(refusal(() => ownForm(open(key), example)), /only signed/);
    for (let at = 0; at < signed.length; at++) {
      const altered = signed.slice(0, at) + (signed[at] === "a" ? "b" : "a") + signed.slice(at + 1);
      // Characters of base64 may hold bits that stand for nothing.
      if (Buffer.from(altered, "base64url").equals(Buffer.from(signed, "base64url"))) continue;
      try {
        assert.ok(!ownForm(open(key), altered).signed, altered);
      } catch (error) {
        assert.equal((error as Error).name, "ProxyError", altered);
      }
    }
  });
}

Deno.test("parseMounts() says what is wrong with a dialect or a key", () => {
  const rows: readonly (readonly [readonly string[], readonly string[], RegExp])[] = [
    [["imgprox"], [], /-dialect names one of .*imgproxy.*, not "imgprox"; did you mean imgproxy\?/],
    [["imgproxy=i/"], [], /begins with a slash, not "i\/"/],
    [["imgproxy=/a/", "imgproxy=/a"], [], /two dialects at \/a\//],
    [[], ["imgproxy=00:00"], /which -dialect does not name/],
    [["imgproxy"], ["imgproxy=secret"], /a key of imgproxy must be a key and a salt in hex/],
    [["imgproxy"], ["imgproxy="], /a key of imgproxy must be \{key in hex\}/],
  ];
  for (const [dialects, keys, sentence] of rows) {
    assert.throws(() => parseMounts(dialects, keys), sentence, dialects.join());
  }
});

Deno.test("the longest path that fits decides which dialect reads a URL", () => {
  const mounts = parseMounts(["imgproxy=/", "imgproxy=/a/", "imgproxy=/a/b"]);
  const rows = [["/x/y", "/"], ["/a/x", "/a/"], ["/a/b/x", "/a/b/"], ["/a", "/"]] as const;
  for (const [target, path] of rows) {
    assert.equal(findMount(target, mounts)?.mount.path, path, target);
  }
  assert.equal(findMount("/ab/x", mounts.slice(1)), undefined);
});
