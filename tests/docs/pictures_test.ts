import assert from "node:assert/strict";
import { createPictures, outdatedPictures } from "../../scripts/pictures.ts";

Deno.test("the documents' pictures are what the program makes: else run deno task docs", async () => {
  const made = await createPictures();
  assert.ok(made.size > 12);
  assert.deepEqual(await outdatedPictures(made), []);
  // What is told apart: another size, another format, other colours, a picture that is missing.
  const others = new Map([
    ["200x.jpg", made.get("150-fit.jpg")!],
    ["200x-png.png", made.get("200x.jpg")!],
    ["100.jpg", made.get("100-r90.jpg")!],
    ["none.jpg", made.get("100.jpg")!],
  ]);
  assert.deepEqual(await outdatedPictures(others), [...others.keys()]);
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  for (const name of made.keys()) {
    assert.ok(readme.includes(`docs/pictures/${name}`), `the README shows ${name}`);
  }
});
