import assert from "node:assert/strict";
import { readWhole } from "../../src/http/origin/arriving_body.ts";
import { readQuery } from "../../src/cloud/location_query.ts";
import { SOURCE_KINDS } from "../../src/sources/table.ts";
import { certificate, privateKey } from "../testing/certificate.ts";
import { createClock } from "../testing/changing_origin.ts";
import { ESCAPES } from "../testing/escapes.ts";
import { UNSIGNED } from "../testing/fetching.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";
import { requestRaw } from "../testing/raw_request.ts";
import { answer, startRawOrigin } from "../testing/raw_origin.ts";
import { freePort } from "../testing/servers.ts";
import { testSource } from "../testing/source_suite.ts";

testSource("http", {
  start() {
    const objects = new Map<string, { bytes: Uint8Array; headers: Record<string, string> }>();
    let version = 0;
    const origin = startOrigin({}, (request) => {
      const found = objects.get(decodeURIComponent(new URL(request.url).pathname));
      if (!found) return new Response("no such image", { status: 404 });
      if (request.headers.get("if-none-match") === found.headers.etag) {
        return new Response(null, { status: 304, headers: found.headers });
      }
      return new Response(found.bytes as Uint8Array<ArrayBuffer>, { headers: found.headers });
    });
    return Promise.resolve({
      locate: (place) => `${origin.url}/${place}`,
      put(place, { name, bytes, cacheControl }) {
        objects.set(`/${place}/${name}`, {
          bytes,
          headers: {
            etag: `"${++version}"`,
            "last-modified": new Date().toUTCString(),
            ...(cacheControl ? { "cache-control": cacheControl } : {}),
          },
        });
        return Promise.resolve();
      },
      down: `http://127.0.0.1:${freePort()}/`,
      refusing: [],
      keepsCacheControl: true,
      stop: () => origin[Symbol.asyncDispose](),
    });
  },
});

Deno.test("an alias asks for the path and query as they were sent, and never above its prefix", async () => {
  await using origin = startRawOrigin((_, socket) => socket.write(answer(404)));
  await using proxy = await startProxy({
    config: { source: [`shop=${origin.url}/in/side`], notFoundCacheDuration: 0, workers: 1 },
  });
  await requestRaw(proxy.url, { target: "/x/shop:a%2Fb//c%20d?q=%2e%2e/&r=../" });
  assert.deepEqual(origin.targets, ["/in/side/a%2Fb//c%20d?q=%2e%2e/&r=../"]);
  for (const escape of ESCAPES) {
    const bytes = new TextEncoder().encode(`/x/shop:${escape}`);
    await requestRaw(proxy.url, { target: String.fromCharCode(...bytes) });
  }
  for (const target of origin.targets) {
    let path = target.split("?", 1)[0]!;
    assert.ok(path.startsWith("/in/side/"), target);
    for (let level = 0; level < 4; level++) {
      const { pathname } = new URL(path.replaceAll("\\\\", "/"), "http://h/");
      assert.ok(pathname.startsWith("/in/side/"), target);
      path = path.replace(/%[\da-f]{2}/gi, unescapeByte);
    }
  }
});

/** As servers do that decode byte by byte. */
function unescapeByte(escape: string): string {
  return String.fromCharCode(parseInt(escape.slice(1), 16));
}

Deno.test("an alias may be private, and does not make others so; redirects are judged like any", async () => {
  await using origin = startOrigin({
    "/in/away": () =>
      new Response(null, { status: 302, headers: { location: "http://127.0.0.2:1/" } }),
    "/in/here": () => new Response(null, { status: 302, headers: { location: "/in/a.txt" } }),
    "/in/a.txt": () => new Response("a", { headers: { "content-type": "text/plain" } }),
  });
  const get = async (target: string, config: Record<string, unknown>) => {
    await using proxy = await startProxy({
      config: {
        source: [`shop=${origin.url}/in/`],
        allowPrivateNetworks: false,
        contentTypes: ["text/plain"],
        workers: 1,
        ...config,
      },
    });
    const response = await proxy.get(target);
    return `${response.status} ${(await response.text()).trim()}`;
  };
  assert.equal(await get("/x/shop:a.txt", {}), "200 a");
  assert.equal(await get("/x/shop:here", {}), "200 a");
  assert.match(await get(`/x/${origin.url}/in/a.txt`, {}), /^403 .*no public address/);
  assert.match(await get("/x/shop:away", { ports: ["1-65535"] }), /^403 .*no public address/);
  assert.match(await get("/x/shop:away", { allowHosts: ["shop:"] }), /^403 .*(?:port|not allowed)/);
  assert.match(await get("/x/shop:a.txt", { denyHosts: ["127.0.0.0/8"] }), /^403 .*denied/);
});

Deno.test("what a redirect below an alias led to is kept, and revalidated where it is", async () => {
  await using origin = startOrigin({
    "/in/here": () =>
      new Response(null, {
        status: 301,
        headers: { location: "/in/a.txt", "cache-control": "max-age=0" },
      }),
    "/in/a.txt": (request) =>
      request.headers.get("if-none-match") === '"a"'
        ? new Response(null, { status: 304, headers: { etag: '"a"' } })
        : new Response("a", { headers: { etag: '"a"', "cache-control": "max-age=60" } }),
  });
  const clock = createClock();
  await using proxy = await startProxy({
    config: {
      source: [`shop=${origin.url}/in/`],
      allowHosts: ["shop:"],
      contentTypes: [],
      xCache: true,
      minCacheDuration: 10_000,
      workers: 1,
    },
    now: clock.now,
  });
  const states: (string | null)[] = [];
  for (const seconds of [0, 1, 120]) {
    clock.pass(seconds);
    const response = await proxy.get("/x/shop:here");
    assert.equal(await response.text(), "a");
    states.push(response.headers.get("x-cache"));
  }
  assert.deepEqual(states, [
    "miss",
    "hit",
    "revalidated",
  ]);
});

Deno.test("an alias of https checks the certificate", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: certificate, key: privateKey, onListen() {} },
    (request) => new Response(new URL(request.url).pathname),
  );
  const open = (ca: string[] | undefined) =>
    SOURCE_KINDS.https.open(`https://127.0.0.1:${server.addr.port}/in`, {
      query: readQuery(new URLSearchParams(), Error),
      fail: Error,
      rules: ca ? { ca } : {},
      rule: undefined,
      report: () => {},
      now: Date.now,
      env: () => undefined,
    });
  const picture = { name: "a b.png", target: "a%20b.png" };
  const source = open([certificate]);
  const { body } = await source.open(picture, UNSIGNED);
  assert.equal(new TextDecoder().decode(await readWhole(body)), "/in/a%20b.png");
  await source.close();
  const strict = open(undefined);
  await assert.rejects(strict.open(picture, UNSIGNED), /No TLS connection .* certificate/);
  await strict.close();
  await server.shutdown();
});
