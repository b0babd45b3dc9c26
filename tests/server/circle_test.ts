// Requests that lead back to the server that sent them (RFC 8586): refused at once, where each would wait for the
// other until one has had enough.
import assert from "node:assert/strict";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy, type TestProxy } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });

/** An origin that has a picture, and redirects from `/to/…` to what follows. */
function startRedirecting(onRequest = (_path: string, _loop: string) => {}) {
  return startOrigin({}, ({ url, headers }) => {
    onRequest(new URL(url).pathname, headers.get("cdn-loop") ?? "");
    const to = url.split(/\/to\/(.*)/s)[1];
    return to === undefined
      ? new Response(PICTURE, { headers: { "cache-control": "max-age=600" } })
      : new Response(null, { status: 302, headers: { location: to } });
  });
}

async function ask(proxy: TestProxy, target: string, headers: Record<string, string> = {}) {
  const response = await proxy.get(target, { headers });
  const text = await response.text();
  return `${response.status} ${response.status === 200 ? "" : text.trim()}`.trim();
}

Deno.test("the server refuses what leads back to it, straight, by redirects or by another one", async () => {
  await using origin = startRedirecting();
  for (const parallel of Deno.build.os === "linux" ? [1, 2] : [1]) {
    await using proxy = await startProxy({ config: { parallel } });
    await using other = await startProxy();
    const rows = [
      `${proxy.url}/a.png`,
      `${proxy.url}/x/${origin.url}/a.png`,
      `${proxy.url}/`,
      `${proxy.url}/health-check`,
      `${origin.url}/to/${proxy.url}/x/${origin.url}/b.png`,
      `${origin.url}/to/${origin.url}/to/${proxy.url}/x/${origin.url}/c.png`,
      `${other.url}/x/${proxy.url}/x/${origin.url}/d.png`,
    ];
    for (const url of rows) {
      for (const options of ["x", "10x"]) {
        assert.match(
          await ask(proxy, `/${options}/${url}`),
          /^502 The origin answered 50[28]$/,
          `${options} ${url}`,
        );
      }
    }
    // What redirects to itself through the server, over and over, came to an end after one round.
    const before = origin.requests.length;
    const circle = `${origin.url}/to/${proxy.url}/x/${origin.url}/to/`;
    assert.equal(await ask(proxy, `/x/${circle}`), "502 The origin answered 508");
    assert.equal(origin.requests.length, before + 1);
    const refused = proxy.log.find(({ status }) => status === 508);
    assert.match(refused?.error ?? "", /come back/);
  }
});

Deno.test("one server asks another, which tells the origin of both and of no other network", async () => {
  const told = new Map<string, string>();
  await using origin = startRedirecting((path, loop) => told.set(path, loop));
  await using inner = await startProxy();
  await using outer = await startProxy();
  const client = { "cdn-loop": "fastly, cloudflare; loops=1" };
  assert.equal(await ask(outer, `/x/${inner.url}/10x/${origin.url}/a.png`, client), "200");
  assert.match(told.get("/a.png")!, /^imageproxy-[\da-f]{16}, imageproxy-[\da-f]{16}$/);
  // Another origin of a redirect is told, too.
  const away = origin.url.replace("127.0.0.1", "localhost");
  assert.equal(await ask(outer, `/x/${away}/to/${origin.url}/b.png`, client), "200");
  assert.match(told.get("/b.png")!, /^imageproxy-[\da-f]{16}$/);
  // Nothing of it tells two pictures apart: what one has had made is there for all.
  const known = { "cdn-loop": "imageproxy-0123456789abcdef" };
  const before = origin.requests.length;
  assert.equal(await ask(outer, `/x/${inner.url}/10x/${origin.url}/a.png`, known), "200");
  assert.equal(origin.requests.length, before);
});

Deno.test("the server refuses its own name whatever is asked for, what is in memory among it", async () => {
  let own = "";
  await using origin = startRedirecting((_path, loop) => own = loop);
  await using proxy = await startProxy();
  const target = `/10x/${origin.url}/a.png`;
  assert.equal(await ask(proxy, target), "200");
  for (const path of [target, `/x/${origin.url}/a.png`, "/", "/health-check", "/nothing"]) {
    const response = await proxy.get(path, { headers: { "cdn-loop": `fastly, ${own}` } });
    assert.equal(response.status, 508, path);
    assert.equal(response.headers.get("cache-control"), "no-store");
    await response.body?.cancel();
  }
  assert.equal(await ask(proxy, target), "200");
});

Deno.test("where a client says it has been is no reason for others to go without", async () => {
  const refuses = (request: Request) =>
    request.headers.get("cdn-loop")!.includes(",")
      ? new Response(null, { status: 404 })
      : new Response(PICTURE);
  await using origin = startOrigin({}, refuses);
  await using proxy = await startProxy();
  const made = { "cdn-loop": "imageproxy-0123456789abcdef" };
  for (const options of ["x", "10x"]) {
    const target = `/${options}/${origin.url}/${options}.png`;
    assert.equal(await ask(proxy, target, made), "404 The origin answered 404");
    assert.equal(await ask(proxy, target), "200");
  }
});
