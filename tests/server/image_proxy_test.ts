import assert from "node:assert/strict";
import { Hono } from "hono";
import {
  createImageProxy,
  type ImageProxyOptions,
  type ImageProxySettings,
} from "../../src/server/image_proxy.ts";

import { startDocumentedHost } from "../testing/documented_host.ts";
import { look, picture, startEngine } from "../testing/pictures.ts";
import { startOrigin } from "../testing/proxy.ts";

await startEngine();
const ROOT = new URL("../../", import.meta.url);
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });
const PHOTO = "photos:photo.jpg";
const SETTINGS = {
  source: [`photos=file:${new URL("docs/pictures", ROOT).pathname}`],
  workers: 1,
} satisfies ImageProxySettings;
const QUIET: ImageProxyOptions = { log: { request() {}, event() {} }, env: () => undefined };

async function sizeOf(response: Response): Promise<string> {
  assert.equal(response.status, 200);
  const { width, height } = look(new Uint8Array(await response.arrayBuffer()));
  return `${width}x${height}`;
}

function listen(handler: Deno.ServeHandler<Deno.NetAddr>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  return { url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}

Deno.test("createImageProxy() answers in a Hono app below a path, by a route and by mount()", async () => {
  await using routed = await createImageProxy({ ...SETTINGS, pathPrefix: "/img" }, QUIET);
  await using mounted = await createImageProxy(SETTINGS, QUIET);
  const app = new Hono();
  app.get("/", (context) => context.text("the host's own page"));
  app.all("/img/*", (context) => routed.fetch(context.req.raw, context.env));
  app.mount("/mounted", mounted.fetch);
  const server = listen(app.fetch);
  try {
    assert.equal(await (await fetch(`${server.url}/`)).text(), "the host's own page");
    for (const path of ["/img", "/mounted"]) {
      assert.equal(await sizeOf(await fetch(`${server.url}${path}/100x150/${PHOTO}`)), "100x150");
      const missing = await fetch(`${server.url}${path}/100/photos:none.jpg`);
      assert.equal(missing.status, 404);
      await missing.body?.cancel();
      const wrong = await fetch(`${server.url}${path}/r45/${PHOTO}`);
      assert.equal(wrong.status, 400);
      assert.match(await wrong.text(), /"r45"/);
      // The operator's pages are the host's to show.
      for (const page of ["metrics", "health-check", "ready"]) {
        const hidden = await fetch(`${server.url}${path}/${page}`);
        assert.equal(hidden.status, 404, page);
        await hidden.body?.cancel();
      }
      const browsed = await fetch(`${server.url}${path}/`, { headers: { accept: "text/html" } });
      assert.match(await browsed.text(), /^<!DOCTYPE html>/);
    }
    // The page's own URLs are relative to its folder.
    const door = await fetch(`${server.url}/img/`, { redirect: "manual" });
    assert.equal(await door.text(), "OK");
  } finally {
    await server.close();
  }
});

Deno.test("createImageProxy() answers Deno.serve, knows clients by their address, and passes targets as received", async () => {
  await using origin = startOrigin({}, () => new Response(PICTURE));
  await using proxy = await createImageProxy({
    ...SETTINGS,
    allowPrivateNetworks: true,
    rateLimit: 1,
  }, QUIET);
  const server = listen(proxy.fetch);
  try {
    const target = `/${origin.url}/a//b%2Fc`;
    const response = await fetch(server.url + target);
    assert.equal(response.status, 200);
    await response.body?.cancel();
    assert.equal(new URL(origin.requests[0]!.url).pathname, "/a//b%2Fc");
    const second = await fetch(`${server.url}/10/${origin.url}/other`);
    assert.equal(second.status, 429);
    await second.body?.cancel();
    // Without an address there is nobody to charge.
    assert.equal(await sizeOf(await proxy.fetch(new Request(`http://host/10/${PHOTO}`))), "10x10");
  } finally {
    await server.close();
  }
});

Deno.test("createImageProxy() shows the operator's pages by operate(), and purges", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE });
  await using proxy = await createImageProxy({
    ...SETTINGS,
    allowPrivateNetworks: true,
    cache: "memory:10",
    purgeToken: "token",
  }, QUIET);
  const ask = async (path: string, init?: RequestInit) =>
    await proxy.fetch(new Request(`http://host${path}`, init));
  await (await ask(`/10/${origin.url}/a.png`)).body?.cancel();
  const health = await proxy.operate(new Request("http://host/health-check"));
  assert.equal(await health.text(), "OK");
  const metrics = await proxy.operate(new Request("http://host/metrics"));
  assert.match(await metrics.text(), /imageproxy_\w+/);
  const { removed, failed } = await proxy.purge(`${origin.url}/a.png`);
  assert.ok(removed >= 1);
  assert.deepEqual(failed, []);
  const refused = await ask(`/${origin.url}/a.png`, { method: "PURGE" });
  assert.equal(refused.status, 405);
  const purged = await proxy.operate(
    new Request(`http://host/${origin.url}/a.png`, {
      method: "PURGE",
      headers: { authorization: "Bearer token" },
    }),
  );
  assert.equal(purged.status, 200);
});

Deno.test("createImageProxy() says everything that is wrong with its settings, and leaves nothing running", async () => {
  const rows: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ workers: "many" }, /workers in the settings must be/],
    [{ allowHost: "x" }, /"allowHost" in the settings is no setting; did you mean allowHosts\?/],
    [{ addr: ":80" }, /addr in the settings is for a server of its own/],
    [{ workers: 0.5, cache: 1n }, /cache in the settings must .*; workers in the settings/],
    [{ signatureKey: "@/no/such/file" }, /cannot read the key file/],
    [{ source: ["photos=nonsense"] }, /source/],
    [{ denyHosts: ["http://a b"] }, /denyHosts|host/i],
  ];
  for (const [settings, says] of rows) {
    await assert.rejects(createImageProxy(settings as ImageProxySettings, QUIET), says);
  }
  await using proxy = await createImageProxy({ ...SETTINGS, timeout: undefined }, QUIET);
  assert.equal(await sizeOf(await proxy.fetch(new Request(`http://host/10/${PHOTO}`))), "10x10");
});

Deno.test("close() lets what is in flight end, and refuses what comes after", async () => {
  const released = Promise.withResolvers<void>();
  await using origin = startOrigin({}, async () => {
    await released.promise;
    return new Response(PICTURE);
  });
  const proxy = await createImageProxy({ ...SETTINGS, allowPrivateNetworks: true }, QUIET);
  const inFlight = proxy.fetch(new Request(`http://host/10/${origin.url}/a.png`));
  while (origin.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const closed = proxy.close();
  const late = await proxy.fetch(new Request(`http://host/10/${PHOTO}`));
  assert.equal(late.status, 503);
  assert.equal(late.headers.get("retry-after"), "1");
  released.resolve();
  const response = await inFlight;
  assert.equal(response.status, 200);
  await response.body?.cancel();
  await closed;
  await proxy.close();
});

Deno.test("close() ends after the stopTimeout what does not end by itself", async () => {
  const released = Promise.withResolvers<void>();
  await using origin = startOrigin({}, async () => {
    await released.promise;
    return new Response(PICTURE);
  });
  const proxy = await createImageProxy({
    ...SETTINGS,
    allowPrivateNetworks: true,
    stopTimeout: "50ms",
  }, QUIET);
  const inFlight = proxy.fetch(new Request(`http://host/10/${origin.url}/a.png`));
  while (origin.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await proxy.close();
  const response = await inFlight;
  assert.ok(response.status >= 500, String(response.status));
  await response.body?.cancel();
  released.resolve();
});

Deno.test("the host of the documentation runs with the permissions that are named there, and stops", async () => {
  await using host = await startDocumentedHost();
  assert.equal(await sizeOf(await fetch(`${host.url}/img/120x80/${PHOTO}`)), "120x80");
  const page = await (await fetch(host.url)).text();
  const [, shown] = /<img src="(.*?)"/.exec(page)!;
  assert.match(await sizeOf(await fetch(host.url + shown)), /^200x/);
  const tried = await fetch(`${host.url}/img/`, { headers: { accept: "text/html" } });
  assert.match(await tried.text(), /^<!DOCTYPE html>/);
  const { code, said } = await host.stop();
  assert.equal(code, 0, said);
});
