import assert from "node:assert/strict";
import { readHeader } from "../../src/image/formats/read_header.ts";
import { apngFile } from "../testing/apng_file.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

const BROWSER = "image/avif,image/webp,image/apng,image/*,*/*;q=0.8";

// autoFormat, options, Accept, media type of the answer, whether it varies by Accept
const ROWS: readonly (readonly [boolean, string, string, string, boolean])[] = [
  [false, "", BROWSER, "image/png", false],
  [false, "8x", BROWSER, "image/png", false],
  [false, "8x,auto", BROWSER, "image/avif", true],
  [false, "8x,auto", "image/webp", "image/webp", true],
  [false, "8x,auto", "*/*", "image/png", true],
  [true, "", BROWSER, "image/avif", true],
  [true, "", "*/*", "image/png", true],
  [true, "8x", "image/webp,*/*", "image/webp", true],
  [true, "8x,jpeg", BROWSER, "image/jpeg", true],
];

Deno.test("the format follows the Accept header where the URL or the setting says so", async () => {
  await startEngine();
  const bytes = picture(["rg", "by"], { scale: 8 });
  await using origin = startOrigin({ "/a.png": bytes });
  for (const autoFormat of [false, true]) {
    await using proxy = await startProxy({ config: { autoFormat } });
    const tags = new Set<string>();
    const rows = ROWS.filter(([setting]) => setting === autoFormat);
    for (const [, options, accept, type, varies] of rows) {
      const response = await proxy.get(`/${options}/${origin.url}/a.png`, { headers: { accept } });
      const label = `${autoFormat} ${options} ${accept}`;
      await response.body?.cancel();
      assert.equal(response.headers.get("content-type"), type, label);
      assert.equal(response.headers.get("vary")?.includes("Accept") ?? false, varies, label);
      if (options) tags.add(response.headers.get("etag")!);
    }
    assert.equal(tags.size, rows.filter(([, options]) => options).length, "each has its own ETag");
  }
});

// options, Accept, media type of the answer of an animated PNG that its origin calls a PNG
const MOVING: readonly (readonly [string, string, string])[] = [
  ["", BROWSER, "image/png"],
  ["8x", BROWSER, "image/apng"],
  ["8x", "*/*", "image/apng"],
  ["8x,apng", "*/*", "image/apng"],
  ["8x,png", BROWSER, "image/png"],
  ["8x,frame:1", BROWSER, "image/png"],
  ["8x,gif", BROWSER, "image/gif"],
  ["8x,auto", BROWSER, "image/webp"],
  ["8x,auto", "image/avif,image/apng,*/*;q=0.8", "image/apng"],
  ["8x,auto", "*/*", "image/apng"],
];

Deno.test("an animated PNG moves on in what the client takes, and keeps its origin's name for it if it is untouched", async () => {
  const parts = [{ rows: ["rg", "by"] }, { rows: ["yb", "gr"] }];
  const bytes = apngFile({ width: 2, height: 2, scale: 8, parts });
  await using origin = startOrigin({
    "/a.png": () => new Response(bytes, { headers: { "content-type": "image/png" } }),
    "/nameless": bytes,
  });
  await using proxy = await startProxy();
  for (const [options, accept, type] of MOVING) {
    const response = await proxy.get(`/${options}/${origin.url}/a.png`, { headers: { accept } });
    const result = new Uint8Array(await response.arrayBuffer());
    assert.equal(response.headers.get("content-type"), type, `${options} ${accept}`);
    const isStill = /png|frame/.test(options) && !options.includes("apng");
    assert.equal(readHeader(result)!.frames, isStill ? 1 : 2, `${options} ${accept}`);
  }
  const nameless = await proxy.get(`//${origin.url}/nameless`);
  await nameless.body?.cancel();
  assert.equal(nameless.headers.get("content-type"), "image/apng");
});
