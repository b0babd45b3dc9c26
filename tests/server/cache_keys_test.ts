import assert from "node:assert/strict";
import { createClock } from "../testing/changing_origin.ts";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy, type TestProxy } from "../testing/proxy.ts";

await startEngine();
const PICTURES = [["rg", "by"], ["yb", "gr"], ["cc", "mm"]]
  .map((rows) => picture(rows, { scale: 20, format: "PNG" }));

/** An origin that answers every request with the next picture. */
function startChanging(now = Date.now) {
  let count = 0;
  return startOrigin({}, () => {
    const headers = { date: new Date(now()).toUTCString() };
    return new Response(PICTURES[count++ % PICTURES.length]!, { headers });
  });
}

async function pixelsOf(proxy: TestProxy, target: string): Promise<string> {
  const response = await proxy.get(target);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.equal(response.status, 200, `${target}: ${new TextDecoder().decode(bytes)}`);
  const { width } = look(bytes);
  return letters(look(bytes), { scale: width / 2 }).join("/");
}

Deno.test("v: has a picture fetched and made anew for each text, and tells the origin nothing", async () => {
  await using origin = startChanging();
  await using proxy = await startProxy({
    config: { workers: 1, presets: ["card=20x,png,v:1", "next=20x,png,v:2"] },
  });
  const remote = `${origin.url}/a.png?x`;
  const rows = [
    [`/20x,png/${remote}`, "rg/by"],
    [`/20x,png,v:1/${remote}`, "yb/gr"],
    [`/v:1,20x,png/${remote}`, "yb/gr"],
    [`/20x,png,v:2/${remote}`, "cc/mm"],
    [`/20x,png/${remote}`, "rg/by"],
    // The original that they were made from is there already, untouched.
    [`/v:1/${remote}`, "yb/gr"],
    [`/${remote}`, "rg/by"],
    [`/preset:card/${remote}`, "yb/gr"],
    [`/preset:next/${remote}`, "cc/mm"],
  ] as const;
  for (const [target, pixels] of rows) assert.equal(await pixelsOf(proxy, target), pixels, target);
  assert.deepEqual(origin.requests.map(({ url }) => url), [remote, remote, remote]);
});

Deno.test("v: is purged with its picture, and counts against sizes and presets", async () => {
  await using origin = startChanging();
  const remote = `${origin.url}/a.png`;
  await using proxy = await startProxy({ config: { workers: 1, purgeToken: "purge" } });
  for (const target of [`/20x/${remote}`, `/20x,v:1/${remote}`]) await pixelsOf(proxy, target);
  const headers = { authorization: "Bearer purge" };
  const purged = await proxy.get(`/x/${remote}`, { method: "PURGE", headers });
  assert.equal((await purged.json()).removed, 4);
  await using strict = await startProxy({ config: { workers: 1, sizes: ["20x"] } });
  assert.equal(await pixelsOf(strict, `/20x/${remote}`), "cc/mm");
  const refused = await strict.get(`/20x,v:1/${remote}`);
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /takes v:\{text\} only with a signature/);
});

Deno.test("parameters that do not count are sent, and tell no two pictures apart", async () => {
  const clock = createClock();
  await using origin = startChanging(clock.now);
  await using proxy = await startProxy({
    now: clock.now,
    config: {
      workers: 1,
      ignoredParameters: ["X-Amz-*", "Expires"],
      purgeToken: "purge",
      defaultCacheDuration: 60_000,
    },
  });
  const at = (query: string) => `/20x,png/${origin.url}/a.png${query}`;
  const signed = at("?b=1&X-Amz-Signature=abc&c=2&Expires=9");
  assert.equal(await pixelsOf(proxy, signed), "rg/by");
  for (
    const query of [
      ...["?b=1&c=2", "?b=1&X-Amz-Signature=other&c=2", "?Expires=1&Expires=2&b=1&c=2"],
      ...["?b=1&c=2&X%2DAmz-Date=1", "?X-Amz-=&b=1&c=2&Expires"],
    ]
  ) assert.equal(await pixelsOf(proxy, at(query)), "rg/by", query);
  assert.equal(new URL(origin.requests[0]!.url).search, "?b=1&X-Amz-Signature=abc&c=2&Expires=9");
  assert.equal(origin.requests.length, 1);
  assert.equal(await pixelsOf(proxy, at("?b=2&c=2")), "yb/gr");
  assert.equal(await pixelsOf(proxy, at("?b=1&c=2&expires=1")), "cc/mm");
  // Whoever asks when it is stale is asked for with a signature of their own.
  clock.pass(61);
  await pixelsOf(proxy, at("?b=1&c=2&Expires=now"));
  assert.match(origin.requests.at(-1)!.url, /Expires=now$/);
  const headers = { authorization: "Bearer purge" };
  const purged = await proxy.get(at("?b=1&c=2&Expires=never"), { method: "PURGE", headers });
  assert.equal((await purged.json()).removed, 2);
});

Deno.test("a signature of the origin's that is refused keeps nobody else from the picture", async () => {
  await using origin = startOrigin(
    {},
    (request) =>
      request.url.endsWith("Signature=good")
        ? new Response(PICTURES[0]!)
        : new Response("expired", { status: 403 }),
  );
  await using proxy = await startProxy({
    config: { workers: 1, ignoredParameters: ["Signature"] },
  });
  const at = (signature: string) => `/20x,png/${origin.url}/a.png?Signature=${signature}`;
  const answers = await Promise.all(["bad", "good", "bad"].map((word) => proxy.get(at(word))));
  assert.deepEqual(answers.map(({ status }) => status), [502, 200, 502]);
  for (const answer of answers) await answer.body?.cancel();
  assert.equal(await pixelsOf(proxy, at("good")), "rg/by");
  assert.equal(await pixelsOf(proxy, at("bad")), "rg/by");
});

Deno.test("a refused signature is remembered for itself, and ends nobody's copy", async () => {
  const clock = createClock();
  let isUp = true;
  await using origin = startOrigin({}, (request) => {
    const headers = {
      date: new Date(clock.now()).toUTCString(),
      "cache-control": "max-age=10, stale-if-error=600",
    };
    if (!isUp) return new Response("down", { status: 503 });
    return request.url.endsWith("Signature=good")
      ? new Response(PICTURES[0]!, { headers })
      : new Response("expired", { status: 403 });
  });
  await using proxy = await startProxy({
    now: clock.now,
    config: { workers: 1, ignoredParameters: ["Signature"] },
  });
  const at = (signature: string) => `/20x,png/${origin.url}/a.png?Signature=${signature}`;
  const refuse = async () => {
    for (let i = 0; i < 2; i++) {
      const { status, body } = await proxy.get(at("bad"));
      await body?.cancel();
      assert.equal(status, 502);
    }
  };
  await refuse();
  assert.equal(origin.requests.length, 1, "it is remembered");
  assert.equal(await pixelsOf(proxy, at("good")), "rg/by");
  clock.pass(100);
  await refuse();
  isUp = false;
  assert.equal(await pixelsOf(proxy, at("good")), "rg/by");
});
