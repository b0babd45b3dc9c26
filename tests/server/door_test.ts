import assert from "node:assert/strict";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";
import { requestRaw } from "../testing/raw_request.ts";
import { answer, startRawOrigin } from "../testing/raw_origin.ts";
import { run, start } from "../testing/server_process.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });

Deno.test("below -pathPrefix everything is as it is without, and nothing beside it", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE });
  const encoded = new TextEncoder().encode(`${origin.url}/a.png`)
    .toBase64({ alphabet: "base64url", omitPadding: true });
  await using proxy = await startProxy({
    config: { workers: 1, pathPrefix: "/img/v2", purgeToken: "purge", dialect: ["ipx"] },
  });
  const rows = [
    ["/img/v2/", 200],
    ["/img/v2/health-check", 200],
    ["/img/v2/metrics", 200],
    ["/img/v2/favicon.ico", 200],
    [`/img/v2/20x/${origin.url}/a.png`, 200],
    ["/img/v2/ready", 200],
    [`/img/v2/${origin.url}/a.png`, 200],
    [`/img/v2//${origin.url}/a.png`, 200],
    [`/img/v2/20x/${encodeURIComponent(`${origin.url}/a.png`)}`, 200],
    [`/img/v2/20x/${encoded}`, 200],
    [`/img/v2/ipx/w_20/${origin.url}/a.png`, 200],
    ["/", 404],
    ["/health-check", 404],
    ["/metrics", 404],
    ["/img/", 404],
    ["/img/v2x/health-check", 404],
    ["/img/V2/health-check", 404],
    ["//img/v2/health-check", 404],
    ["/img/v2/../v2/health-check", 400],
    [`/20x/${origin.url}/a.png`, 404],
  ] as const;
  for (const [target, status] of rows) {
    assert.match(await requestRaw(proxy.url, { target }), new RegExp(` ${status} `), target);
  }
  const page = await proxy.get("/img/v2/", { headers: { accept: "text/html" } });
  assert.match(await page.text(), /<html/);
  const bare = await proxy.get("/img/v2", { redirect: "manual" });
  assert.equal(bare.status, 308);
  assert.equal(bare.headers.get("location"), "/img/v2/");
  await bare.body?.cancel();
  const headers = { authorization: "Bearer purge" };
  const target = `/img/v2/x/${origin.url}/a.png`;
  const purged = await proxy.get(target, { method: "PURGE", headers });
  assert.equal(purged.status, 200);
  await purged.body?.cancel();
});

Deno.test("below -pathPrefix a remote URL reaches the origin as it was sent", async () => {
  await using origin = startRawOrigin((_, socket) => socket.write(answer(404)));
  await using proxy = await startProxy({ config: { workers: 1, pathPrefix: "/img" } });
  await requestRaw(proxy.url, { target: `/img/x/${origin.url}/a/../b//%2F%2e?q=%20&r=http://x/` });
  assert.deepEqual(origin.targets, ["/a/../b//%2F%2e?q=%20&r=http://x/"]);
});

Deno.test("the log masks signatures below -pathPrefix too", async () => {
  const signature = "s" + "A".repeat(43);
  for (const bearerToken of ["", "token"]) {
    await using proxy = await startProxy({
      config: { workers: 1, pathPrefix: "/img", bearerToken },
      keys: ["key"],
    });
    await (await proxy.get(`/img/20x,${signature}/http://example.com/`)).body?.cancel();
    assert.match(proxy.log.at(-1)!.path, /^\/20x,s\*\*\*\/http:/);
  }
});

Deno.test("with -bearerToken only requests that bear it are answered", async () => {
  await using origin = startOrigin({}, (request) => {
    assert.equal(request.headers.get("authorization"), null);
    return new Response(PICTURE);
  });
  await using proxy = await startProxy({
    config: {
      workers: 1,
      bearerToken: "token",
      purgeToken: "purge",
      passRequestHeaders: ["Authorization"],
      xCache: true,
    },
  });
  const targets = ["/", "/health-check", "/metrics", "/nothing", `/20x/${origin.url}/a.png`];
  const wrong = [
    undefined,
    "Bearer",
    "Bearer ",
    "Bearer Token",
    "Bearer token2",
    "Basic token",
    "token",
    "Bearer purge",
  ];
  const right = { authorization: "Bearer token" };
  for (const target of targets) {
    for (const authorization of wrong) {
      const refused = await proxy.get(target, { headers: authorization ? { authorization } : {} });
      assert.equal(refused.status, 401, `${target} ${authorization}`);
      assert.equal(refused.headers.get("www-authenticate"), "Bearer");
      assert.equal(refused.headers.get("cache-control"), "no-store");
      assert.equal(await refused.text(), "This server takes a bearer token\n");
    }
    const known = await proxy.get(target, { headers: right });
    assert.notEqual(known.status, 401, target);
    await known.body?.cancel();
  }
  // What is in memory is answered by a shorter way, and to nobody else either.
  const again = await proxy.get(`/20x/${origin.url}/a.png`, { headers: right });
  assert.equal(again.headers.get("x-cache"), "hit");
  await again.body?.cancel();
  const stranger = await proxy.get(`/20x/${origin.url}/a.png`);
  assert.equal(stranger.status, 401);
  await stranger.body?.cancel();
  // Purging has a token of its own.
  for (const [token, status] of [["purge", 200], ["token", 403], ["", 403]] as const) {
    const purged = await proxy.get(`/x/${origin.url}/a.png`, {
      method: "PURGE",
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(purged.status, status, token);
    await purged.body?.cancel();
  }
});

Deno.test("the operator's own address has neither prefix nor token", async () => {
  await using server = await start([
    ...["-addr", "127.0.0.1:0", "-adminAddr", "127.0.0.1:0", "-workers", "1"],
    ...["-pathPrefix", "/img", "-bearerToken", "token"],
  ]);
  const health = await fetch(`${server.adminUrl}/health-check`);
  assert.equal(await health.text(), "OK");
});

Deno.test("imageproxy healthcheck asks below the prefix, and bears the token", async () => {
  const settings = ["-pathPrefix", "/img", "-bearerToken", "token"];
  await using server = await start(["-addr", "127.0.0.1:0", "-workers", "1", ...settings]);
  const address = ["-addr", new URL(server.url).host];
  assert.equal((await run(["healthcheck", ...address, ...settings])).code, 0);
  const { code, stderr } = await run(["healthcheck", ...address, ...settings.slice(0, 2)]);
  assert.equal(code, 1);
  assert.match(stderr, /answers \/img\/health-check with 401/);
});

Deno.test("imageproxy sign and translate take URLs below the prefix, and keep it", async () => {
  const prefix = ["-pathPrefix", "/img"];
  const url = "http://localhost:8080/img/200x/https://example.com/a.jpg";
  const signed = await run(["sign", ...prefix, "-key", "k", url, "https://example.com/a.jpg#200x"]);
  const [first, second] = signed.stdout.trim().split("\n");
  const bare = await run(["sign", "-key", "k", "/200x/https://example.com/a.jpg"]);
  assert.equal(first, `http://localhost:8080/img${bare.stdout.trim()}`);
  assert.equal(second, `/img${bare.stdout.trim()}`);
  const foreign = await run(["translate", ...prefix, "/img/ipx/w_200/https://example.com/a.jpg"]);
  assert.match(foreign.stdout, /^\/img\/\S*\b200x\S*\/https%3A/);
});
