// JPEG XL with ICC profiles, whose end is found by decoding them.
import assert from "node:assert/strict";
import { ProxyError } from "../../../../src/errors.ts";
import { withoutProfile } from "../../../../src/image/formats/jxl/without_profile.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { letters, look, startEngine } from "../../../testing/pictures.ts";
import { transform } from "../../../testing/transforming.ts";
import { SCALE, written } from "../../../testing/written_pictures.ts";

await startEngine();

/** Stored as 0 to 63 from the left to the right, under a profile that makes them brighter, by libjxl at distance 1. */
const FILES = Object.fromEntries(
  Object.entries({
    colours:
      "/woDDkjhOGFAwjwAok6db0xhwaQJy5MdoZLjuCorFJLHmYijWo+pohqLBACg/wA+UasmCP6QdPjvnKRdK8HD6TZw" +
      "4Be2+/Pv3787OMUfGNsLLXOwaDFM9ECkOaDqNOpHSUe3dg+GbZy1q6kbAAASiAIASAFd5RIAABUqo4wbvJzr+fJD" +
      "h8W0jesMbbVtYUmiyDg2SSdwSBLJEHZOhyfwl5jvqm3Gq+Ggj8o6GQAAAAAxPJULAKgkUWYcW5L7oQUkAITpIQUI",
    greys:
      "/woDDkij/QMS5gHQsQ0PslyjTXHHTBAqqpZLOsaZqKVaUyGN1QEAoH8BALDe838zQFZNUfyQY/HvrKRdK8XD6W1A" +
      "6jTyI9LRrd2DYRtr3dXUDQASiAIASAFd5RIAABUqo4wbvJzr+fJDh8W0jesMbbVtYUmiyDg2SSdwSBLJEHZOhyfw" +
      "l5jvqm3Gq+Ggj8o6GQAAAAAxPJULAKgkUWYcW5L7oQUkAITpIQUI",
  }).map(([name, text]) => [name, Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0))]),
);

for (const [name, file] of Object.entries(FILES)) {
  Deno.test(`a lossy JPEG XL of ${name} has all its dark shades, whatever its profile`, async () => {
    const plain = withoutProfile(file);
    assert.ok(plain.length < file.length);
    const { rgba } = look((await transform(file, "png")).bytes).frames[0]!;
    const row = Array.from({ length: 64 }, (_, x) => rgba[(8 * 64 + x) * 4]!);
    // 8 bits of light have nothing between 0 and 13, nor between 13 and 22. The first eighth of the curve is a line.
    for (const [x, level] of [[0, 1], [10, 19], [11, 20], [12, 21], [20, 29], [63, 75]] as const) {
      assert.ok(Math.abs(row[x]! - level) <= 2, `${x}: ${row}`);
    }
    assert.ok(new Set(row).size > 40, `${row}`);
    const { colour, hasProfile } = readHeader(file)!;
    assert.deepEqual({ colour, hasProfile }, { colour: undefined, hasProfile: false });
    assert.deepEqual(readHeader(plain)!.colorModel, readHeader(file)!.colorModel);
  });
}

Deno.test("withoutProfile() leaves alone what is stored without loss, or has no profile", () => {
  for (
    const file of [
      written("JXL", [{ rows: ["rg"] }], { quality: 100, swapped: true }),
      written("JXL", [{ rows: ["rg"] }], { quality: 90 }),
      Uint8Array.of(0xff, 0x0a),
    ]
  ) {
    assert.equal(withoutProfile(file), file);
  }
});

Deno.test("an animated JPEG XL with a profile moves, in the colours of that", async () => {
  const frames = [{ rows: ["rg", "by"], delay: 10 }, { rows: ["gb", "yr"], delay: 25 }];
  const file = written("JXL", frames, { quality: 100, swapped: true });
  const header = readHeader(file)!;
  assert.deepEqual([header.frames, header.hasProfile, header.delays], [2, true, [100, 250]]);
  const { bytes, frames: moved } = await transform(file, "apng");
  assert.equal(moved, 2);
  // Red and blue are exchanged by the profile.
  assert.deepEqual(letters(look(bytes), { scale: SCALE }), ["bg", "rc"]);
});

Deno.test("a damaged profile in a JPEG XL is refused or passed over, soon", () => {
  const started = performance.now();
  for (const file of Object.values(FILES)) {
    for (let bit = 16; bit < Math.min(file.length, 400) * 8; bit += 3) {
      const bytes = Uint8Array.from(file);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      try {
        readHeader(bytes);
        withoutProfile(bytes);
      } catch (error) {
        assert.ok(error instanceof ProxyError, `${bit}: ${error}`);
      }
    }
  }
  assert.ok(performance.now() - started < 20_000);
});
