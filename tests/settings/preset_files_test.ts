import assert from "node:assert/strict";
import { readPresets } from "../../src/settings/preset_files.ts";

Deno.test("readPresets() puts the lines of a file in its place", async () => {
  const file = "# thumbnails\navatar=100x100,sc\r\n\n  hero=1200x \n";
  assert.deepEqual(await readPresets(["a=1", "@p", "b=2"], () => Promise.resolve(file)), [
    "a=1",
    "avatar=100x100,sc",
    "hero=1200x",
    "b=2",
  ]);
});

Deno.test("readPresets() names a file that cannot be read", async () => {
  const missing = () => Promise.reject(new Error("no such file"));
  await assert.rejects(readPresets(["@/p"], missing), /-presets cannot read the file \/p: no such/);
});
