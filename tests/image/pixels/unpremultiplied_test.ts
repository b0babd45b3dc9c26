import assert from "node:assert/strict";
import { unpremultiplied } from "../../../src/image/pixels/unpremultiplied.ts";

Deno.test("unpremultiplied() takes the alpha out of colours and greys", () => {
  const colours = {
    data: Uint8Array.of(100, 50, 25, 128, 9, 9, 9, 0, 200, 10, 0, 100),
    width: 3,
    height: 1,
  };
  assert.deepEqual(
    [...unpremultiplied({ ...colours, channels: 4, hasAlpha: true })],
    [199, 100, 50, 128, 0, 0, 0, 0, 255, 26, 0, 100],
  );
  const greys = { data: Uint8Array.of(100, 128, 7, 255), width: 2, height: 1 };
  assert.deepEqual([...unpremultiplied({ ...greys, channels: 2, hasAlpha: true })], [
    199,
    128,
    7,
    255,
  ]);
});
