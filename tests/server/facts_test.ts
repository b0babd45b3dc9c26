import assert from "node:assert/strict";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

const SVG = new TextEncoder().encode(
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>',
);

Deno.test("facts are answered instead of the picture, as text, or together as JSON", async () => {
  await startEngine();
  const png = picture(["rrrr", "bbbb"], { scale: 20 });
  await using origin = startOrigin({
    "/a.png": png,
    "/a.svg": new Uint8Array(SVG),
    "/a.txt": new TextEncoder().encode("no picture"),
  });
  await using proxy = await startProxy({ config: { autoFormat: true } });
  const get = (options: string, name = "a.png", init: RequestInit = {}) =>
    proxy.get(`/${options}/${origin.url}/${name}`, init);

  const info = await get("info");
  assert.equal(info.headers.get("content-type"), "application/json");
  assert.equal(info.headers.get("vary"), "Accept");
  const told = await info.json();
  assert.deepEqual([told.format, told.width, told.height, told.bytes, told.frames, told.animated], [
    "png",
    80,
    40,
    png.length,
    1,
    false,
  ]);
  const svg = await (await get("info", "a.svg")).json();
  assert.equal(svg.format, "svg");

  // What the other options make is what is described.
  const texts: readonly (readonly [string, RegExp])[] = [
    ["blurhash", /^[\w#$%*+,\-.:;=?@[\]^{|}~]{28}\n$/],
    ["thumbhash", /^[\w+/]+=*\n$/],
    ["color,cy20", /^#0000ff\n$/],
    ["color,ch20", /^#ff0000\n$/],
    ["palette:2", /^#(ff0000|0000ff)\n#(ff0000|0000ff)\n$/],
    ["color,gray,ch20", /^#([\da-f]{2})\1\1\n$/],
  ];
  for (const [options, expected] of texts) {
    const response = await get(options);
    assert.equal(response.headers.get("content-type"), "text/plain", options);
    assert.match(await response.text(), expected, options);
  }
  const placeholder = await (await get("lqip")).text();
  assert.ok(placeholder.length <= 501 && placeholder.startsWith("data:image/webp;base64,"));
  const tiny = look(await (await fetch(placeholder.trim())).bytes());
  assert.deepEqual([tiny.width, tiny.height], [24, 12]);
  assert.equal(letters({ ...tiny, height: 12 }, { scale: 6 }).join(), "rrrr,bbbb");

  const several = await (await get("info,blurhash,color,palette:2,40x")).json();
  assert.deepEqual(Object.keys(several).slice(0, 2), ["format", "mediaType"]);
  assert.equal(several.width, 80);
  assert.equal(several.palette.length, 2);
  assert.match(several.color, /^#/);

  // Cached and conditional as any result.
  const again = await get("color,cy20");
  assert.equal(proxy.log.at(-1)?.cache?.result, "hit");
  const etag = again.headers.get("etag")!;
  await again.body?.cancel();
  const unchanged = await get("color,cy20", "a.png", { headers: { "if-none-match": etag } });
  assert.equal(unchanged.status, 304);
  assert.equal(origin.requests.filter(({ url }) => url.endsWith("a.png")).length, 1);

  const refused = [["info", "a.txt", 422], ["blurhash", "a.txt", 422], [
    "palette:17",
    "a.png",
    400,
  ]] as const;
  for (const [options, name, status] of refused) {
    const wrong = await get(options, name);
    assert.equal(wrong.status, status, options);
    await wrong.body?.cancel();
  }
});
