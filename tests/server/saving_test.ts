import assert from "node:assert/strict";
import { animation, look, picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

Deno.test("download and filename say how a picture is saved, and are no part of it", async () => {
  await startEngine();
  await using origin = startOrigin({ "/cat.png": picture(["rg", "by"], { scale: 8 }) });
  await using proxy = await startProxy();
  const rows: readonly (readonly [string, string])[] = [
    ["8x", 'inline; filename="cat.png"'],
    ["8x,download", 'attachment; filename="cat.png"'],
    ["8x,filename:holiday", 'inline; filename="holiday.png"'],
    ["8x,jpeg,download,filename:summer 2026", 'attachment; filename="summer 2026.jpg"'],
    ["8x,filename:été", "inline; filename=\"_t_.png\"; filename*=UTF-8''%C3%A9t%C3%A9.png"],
    // The original too.
    ["download,filename:cat", 'attachment; filename="cat.png"'],
  ];
  for (const [options, disposition] of rows) {
    const response = await proxy.get(`/${encodeURIComponent(options)}/${origin.url}/cat.png`);
    await response.body?.cancel();
    assert.equal(response.headers.get("content-disposition"), disposition, options);
  }
  // The four ways of saving the first result are one result.
  assert.deepEqual(proxy.log.slice(0, 3).map(({ cache }) => cache?.result), ["miss", "hit", "hit"]);
  const refused = await proxy.get(`/filename:a%2Fb/${origin.url}/cat.png`);
  assert.equal(refused.status, 400);
  await refused.body?.cancel();
});

Deno.test("loop says how often an animation plays, in every format that moves", async () => {
  await startEngine();
  const gif = animation([{ rows: ["rr"], delay: 20 }, { rows: ["bb"], delay: 20 }], {
    format: "GIF",
  });
  await using origin = startOrigin({ "/a.gif": gif });
  await using proxy = await startProxy();
  for (
    const options of ["loop:3", "loop:3,webp", "loop:1", "loop:1,webp", "loop:0,webp", "loop:0"]
  ) {
    const response = await proxy.get(`/${options}/${origin.url}/a.gif`);
    const { loops, frames } = look(await response.bytes());
    assert.equal(frames.length, 2, options);
    assert.equal(loops, Number(/\d/.exec(options)![0]), options);
  }
});
