import assert from "node:assert/strict";
import { createTypeMatcher, mediaTypeOf } from "../../src/http/content_type.ts";

// A pattern, what Go's path.Match takes for it, and what it does not.
const ROWS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["image/*", ["image/png", "image/svg+xml", "IMAGE/PNG", "image/"], [
    "text/html",
    "image/a/b",
    "",
  ]],
  ["image/png", ["image/png"], ["image/pngx", "ximage/png", "image.png"]],
  ["*", ["image"], ["image/png", "a/b"]],
  ["*/*", ["image/png", "text/html"], ["image", "a/b/c"]],
  ["image/?ng", ["image/png", "image/.ng"], ["image/ng", "image/apng"]],
  ["image?png", [], ["image/png"]],
  ["image/[jp]*", ["image/jpeg", "image/png", "image/p"], ["image/gif", "image/"]],
  ["image/[a-h]*", ["image/gif", "image/avif"], ["image/png"]],
  ["image/[^a-h]*", ["image/png"], ["image/gif"]],
  ["image/[a-cx-z]", ["image/b", "image/y"], ["image/m", "image/-"]],
  ["image/[\\]x]", ["image/]", "image/x"], ["image/\\"]],
  ["image/[z-a]", [], ["image/a", "image/z"]],
  ["image/\\*", ["image/*"], ["image/png"]],
  ["image/svg+xml", ["image/svg+xml"], ["image/svgxml", "image/svggxml"]],
  ["image/(png|gif)", ["image/(png|gif)"], ["image/png"]],
];

Deno.test("createTypeMatcher() reads patterns as Go's path.Match does", () => {
  for (const [pattern, matching, others] of ROWS) {
    const matches = createTypeMatcher([pattern]);
    for (const type of matching) assert.ok(matches(type), `${pattern} takes ${type}`);
    for (const type of others) assert.ok(!matches(type), `${pattern} does not take ${type}`);
  }
  assert.ok(createTypeMatcher([])("anything/at all"));
  assert.ok(createTypeMatcher(["text/css", "image/*"])("image/png"));
});

Deno.test("createTypeMatcher() refuses a pattern that has no end", () => {
  for (
    const pattern of ["image/[a", "image/[", "image/[]", "image/[^]", "image/\\", "[a-]x[", "a[-b]"]
  ) {
    assert.throws(
      () => createTypeMatcher(["image/*", pattern]),
      (error) => error instanceof RangeError && error.message.includes(JSON.stringify(pattern)),
      pattern,
    );
  }
});

Deno.test("mediaTypeOf() takes the type out of a header", () => {
  assert.equal(mediaTypeOf(" Image/PNG ; charset=x"), "image/png");
  assert.equal(mediaTypeOf(undefined), "");
});
