import assert from "node:assert/strict";
import { naturalSize, resizedTag } from "../../../../src/image/formats/svg/root_tag.ts";
import { assertWithin } from "../../../testing/quickly.ts";

Deno.test("naturalSize() is the size that the root says, else that of its view box", () => {
  const rows: [attributes: string, width: number, height: number][] = [
    ['width="40" height="20"', 40, 20],
    ["width='40px' height='20.4'", 40, 20],
    ['width="1in" height="72pt"', 96, 96],
    ['width="2.54cm" height="25.4mm"', 96, 96],
    ['viewBox="0 0 24 12"', 24, 12],
    ['viewBox="-5,-5,24,12"', 24, 12],
    ['width="100%" height="100%" viewBox="0 0 24 12"', 24, 12],
    ['width="48" viewBox="0 0 24 12"', 48, 24],
    ['height="48" viewBox="0 0 24 12"', 96, 48],
    ['width="48"', 48, 150],
    ['height="48"', 300, 48],
    ["", 300, 150],
    ['width="none" viewBox="0 0 0 9"', 300, 150],
    ['width="0.2" height="0.2"', 1, 1],
    ['stroke-width="7" width="40" height="20"', 40, 20],
  ];
  for (const [attributes, width, height] of rows) {
    assert.deepEqual(naturalSize(`<svg ${attributes}>`), { width, height }, attributes);
  }
});

Deno.test("naturalSize() refuses a drawing of no size, or of one beyond any", () => {
  for (const attributes of ['width="0" height="9"', 'width="9" height="1e7"']) {
    assert.throws(() => naturalSize(`<svg ${attributes}>`), { code: "undecodable" });
  }
});

Deno.test("resizedTag() keeps all but the size, and stretches only for a fraction of a pixel", () => {
  const size = { width: 7, height: 5 };
  const rows: [tag: string, resized: string][] = [
    [
      '<svg id="a" width="40" height="20" fill="red">',
      '<svg id="a" fill="red" width="7" height="5" viewBox="0 0 40 20" preserveAspectRatio="none">',
    ],
    [
      '<svg viewBox="1 1 4 2" stroke-width="2"/>',
      '<svg stroke-width="2" width="7" height="5" viewBox="1 1 4 2" preserveAspectRatio="none"/>',
    ],
    [
      '<svg viewBox="0 0 4 4" width="8" height="4" preserveAspectRatio="xMinYMin slice">',
      '<svg width="7" height="5" viewBox="0 0 4 4" preserveAspectRatio="xMinYMin slice">',
    ],
  ];
  for (const [tag, resized] of rows) assert.equal(resizedTag(tag, size), resized);
});

Deno.test("naturalSize() and resizedTag() take no longer for each character of a long tag", async () => {
  const many = 20_000;
  for (
    const attributes of [
      "a".repeat(many),
      `width="${"1".repeat(many)}!"`,
      `width="1${" ".repeat(many)}!"`,
      `a="${" ".repeat(many)}b"`,
      `a="1"${" ".repeat(many)}b="1"`,
    ]
  ) {
    const tag = `<svg ${attributes}>`;
    await assertWithin(100, () => {
      const natural = naturalSize(tag);
      assert.deepEqual(naturalSize(resizedTag(tag, natural)), natural);
    }, attributes.slice(0, 10));
  }
});
