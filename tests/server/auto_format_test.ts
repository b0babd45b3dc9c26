import assert from "node:assert/strict";
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
