// Attacks on a running server: each is answered in time and with a refusal, and then the server still
// serves the next good request.
import assert from "node:assert/strict";
import type { Config } from "../../src/settings/table.ts";
import { inTime } from "../testing/eventually.ts";
import { createHostileOrigin } from "../testing/hostile_origin.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy, type TestProxy } from "../testing/proxy.ts";
import { answer, startRawOrigin } from "../testing/raw_origin.ts";
import { requestRaw } from "../testing/raw_request.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20 });

const SHORT_OF_PATIENCE: Partial<Config> = {
  firstByteTimeout: 300,
  idleTimeout: 300,
  fetchTimeout: 2_000,
  maxSourceBytes: 5_000_000,
  allowPrivateNetworks: false,
  allowHosts: ["127.0.0.1", "localhost"],
};

/** What must be answered, by the hostile origin's path, whether or not the picture is transformed. */
const ORIGIN_ROWS: readonly (readonly [path: string, status: number, sentence: RegExp])[] = [
  // On a machine that holds its breath for a moment the origin seems to.
  ["/drip", 504, /took too long|stopped/],
  ["/drip-headers", 504, /did not answer in time|took too long|stopped/],
  ["/silent", 504, /time|long/],
  ["/says-more", 502, /not as long|closed the connection/],
  ["/says-huge", 413, /larger than/],
  ["/endless", 413, /larger than/],
  ["/half", 502, /closed the connection/],
  ["/circle", 502, /more than 10 times/],
  ["/to-private", 403, /redirect is refused|refused/],
  ["/to-metadata", 403, /redirect is refused|refused/],
  ["/to-file", 403, /does not start with http/],
  ["/gzip-bomb", 413, /larger than/],
  ["/many-headers", 502, /headers are too large/],
  ["/not-http", 502, /not valid HTTP|cannot be read/],
];

Deno.test("the server outlives an origin that does what none should", async () => {
  await using hostile = createHostileOrigin();
  await using good = startOrigin({ "/a.png": PICTURE });
  await using proxy = await startProxy({ config: SHORT_OF_PATIENCE });
  for (const [path, status, sentence] of ORIGIN_ROWS) {
    for (const options of ["20x", "x"]) {
      const response = await inTime(proxy.get(`/${options}/${hostile.url}${path}?${options}`));
      const text = await response.text();
      // What is no image is refused by its beginning, where nobody has to wait for the whole.
      const isRefused = options === "x" && ["/endless", "/gzip-bomb"].includes(path);
      assert.equal(response.status, isRefused ? 403 : status, `${path}: ${text}`);
      assert.match(text, isRefused ? /content type/ : sentence, path);
      assert.doesNotMatch(text, /127\.0\.0\.1|10\.0\.0\.1|169\.254|passwd|\.ts\b|Error/, path);
    }
    assert.equal(await statusOf(proxy, `/20x/${good.url}/a.png?${path}`), 200, `after ${path}`);
  }
});

Deno.test("the server refuses pictures that are bombs, and shows what is cut short, without losing a worker", async () => {
  await using hostile = createHostileOrigin();
  await using proxy = await startProxy({ config: { ...SHORT_OF_PATIENCE, fetchTimeout: 5_000 } });
  const rows = [
    ["/png-bomb", 413],
    ["/gif-bomb", 413],
    ["/png-cut", 200],
    ["/html", 422],
  ] as const;
  for (const [path, status] of rows) {
    assert.equal(await statusOf(proxy, `/20x/${hostile.url}${path}`), status, path);
  }
  const { timeout, broken } = proxy.poolStats().replaced;
  assert.deepEqual({ timeout, broken }, { timeout: 0, broken: 0 });
});

Deno.test("the server refuses a host whose name leads elsewhere at the second look-up", async () => {
  await using outside = startRawOrigin((_, socket) =>
    socket.write(answer(200, { "Connection": "close", "Cache-Control": "no-store" }, "x"))
  );
  const inside = Deno.listen({ hostname: "127.0.0.2", port: outside.port });
  let reached = 0;
  const accepting = (async () => {
    for await (const connection of inside) {
      reached++;
      connection.close();
    }
  })();
  let lookups = 0;
  await using proxy = await startProxy({
    config: {
      allowPrivateNetworks: false,
      // The block stands for the public network here; what lies outside of it stands for the private one.
      allowHosts: ["*.rebind.test", "127.0.0.1/32"],
      contentTypes: ["*/*", ""],
    },
    lookup: () => Promise.resolve([++lookups === 1 ? "127.0.0.1" : "127.0.0.2"]),
  });
  const target = `/x/http://a.rebind.test:${outside.port}/`;
  assert.equal(await statusOf(proxy, target), 200);
  assert.equal(await statusOf(proxy, target), 403);
  assert.equal(lookups, 2);
  assert.equal(reached, 0);
  inside.close();
  await accepting;
});

Deno.test("the server goes to no address that is not public, however it is written", async () => {
  await using proxy = await startProxy({ config: { allowPrivateNetworks: false } });
  const hosts = [
    ...["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "localhost", "LOCALHOST."],
    ...["[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],
    ...["169.254.169.254", "10.0.0.1", "192.168.0.1", "100.64.0.1", "[fd00::1]", "[fe80::1]"],
  ];
  for (const host of hosts) {
    const response = await proxy.get(`/x/http://${host}:8080/`);
    assert.equal(response.status, 403, host);
    assert.match(await response.text(), /no public address/, host);
  }
});

Deno.test("the server outlives clients that leave before they are answered, whatever it caches in", async () => {
  await using origin = startOrigin({}, async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return new Response(PICTURE, { headers: { "cache-control": "max-age=600" } });
  });
  const directory = await Deno.makeTempDir();
  const unheard: unknown[] = [];
  const onUnheard = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unheard.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", onUnheard);
  try {
    await using proxy = await startProxy({ config: { cache: [directory] } });
    const { port } = new URL(proxy.url);
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 10 }, async (_, index) => {
        using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
        const target = `/${index % 2 ? "x" : "5x"}/${origin.url}/${round}`;
        const request = `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
        await connection.write(new TextEncoder().encode(request));
      }));
    }
    assert.equal(await statusOf(proxy, `/5x/${origin.url}/last`), 200);
  } finally {
    globalThis.removeEventListener("unhandledrejection", onUnheard);
    await Deno.remove(directory, { recursive: true });
  }
  assert.deepEqual(unheard, []);
});

Deno.test("the server bounds what a request may be", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE });
  await using proxy = await startProxy({
    config: {
      maxURLLength: 200,
      maxOptions: 3,
      maxHeaderBytes: 1_000,
      maxOutputSide: 30,
      scaleUp: true,
    },
  });
  const url = `${origin.url}/a.png`;
  const rows: readonly (readonly [string, Record<string, string>, number])[] = [
    [`/20x,q1,fv/${url}`, {}, 200],
    [`/20x,q1,fv,fh/${url}`, {}, 400],
    [`/20x/${url}?${"a".repeat(200)}`, {}, 414],
    [`/21x/${url}`, { "x-header": "a".repeat(1_000) }, 431],
    // What is in memory, and what is no picture, goes other ways.
    [`/20x,q1,fv/${url}`, { "x-header": "a".repeat(1_000) }, 431],
    ["/", { "x-header": "a".repeat(1_000) }, 431],
    ["/health-check", { "x-header": "a".repeat(1_000) }, 431],
    ["/health-check", { "x-header": "a".repeat(500) }, 200],
    // As long as it came, of 40 pixels, it may stay.
    [`/40x1/${url}`, {}, 200],
    [`/41x1/${url}`, {}, 413],
    [`/1x41/${url}`, {}, 413],
  ];
  for (const [target, headers, status] of rows) {
    assert.equal(await statusOf(proxy, target, headers), status, target);
  }
  assert.match(await requestRaw(proxy.url, { target: `/${"a".repeat(70_000)}` }), / 4\d\d |^$/);
});

Deno.test("the server connects to the ports it may, and sends no more at once than an origin host may get", async () => {
  let atOnce = 0, most = 0;
  await using origin = startOrigin({}, async () => {
    most = Math.max(most, ++atOnce);
    await new Promise((resolve) => setTimeout(resolve, 20));
    atOnce--;
    return new Response(PICTURE);
  });
  await using proxy = await startProxy({
    config: { ports: [new URL(origin.url).port], maxRequestsPerHost: 2 },
  });
  assert.equal(await statusOf(proxy, "/x/http://127.0.0.1:8081/"), 403);
  const targets = Array.from({ length: 8 }, (_, index) => `/x/${origin.url}/${index}`);
  await Promise.all(targets.map((target) => statusOf(proxy, target)));
  assert.equal(most, 2);
});

Deno.test("the server holds no more bytes at once than it may, on their way in or waiting", async () => {
  const megabyte = new Uint8Array(1e6);
  await using origin = startOrigin({}, () => {
    let sent = 0;
    return new Response(
      new ReadableStream({
        async pull(controller) {
          if (sent++ === 4) return controller.close();
          controller.enqueue(megabyte);
          await new Promise((resolve) => setTimeout(resolve, 100));
        },
      }),
    );
  });
  await using proxy = await startProxy({ config: { maxBytesInFlight: 6e6, contentTypes: [] } });
  // HEAD waits for the whole; a GET would break off half-way.
  const ask = async (name: string | number) =>
    (await proxy.get(`/x/${origin.url}/${name}`, { method: "HEAD" })).status;
  const statuses = await Promise.all([0, 1, 2, 3, 4, 5].map(ask));
  assert.ok(statuses.includes(200) && statuses.includes(503), statuses.join());
  assert.equal(await ask("alone"), 200);
});

Deno.test("the server answers a client that asks for too much 429, but not what it has in its cache", async () => {
  await using origin = startOrigin(
    {},
    () => new Response(PICTURE, { headers: { "cache-control": "max-age=600" } }),
  );
  await using proxy = await startProxy({
    config: { rateLimit: 2, trustedProxies: ["127.0.0.1"] },
  });
  const ask = (path: string, client: string) =>
    proxy.get(`/20x/${origin.url}/${path}`, { headers: { "x-forwarded-for": client } });
  const rows = [
    ["a", "192.0.2.1", 200],
    ["a", "192.0.2.1", 200],
    ["a", "192.0.2.1", 200],
    ["b", "192.0.2.1", 200],
    ["c", "192.0.2.1", 429],
    ["a", "192.0.2.1", 200],
    ["c", "198.51.100.7, 192.0.2.1", 429],
    ["c", "192.0.2.2", 200],
  ] as const;
  const started = performance.now();
  for (const [path, client, status] of rows) {
    const response = await ask(path, client);
    await response.body?.cancel();
    assert.equal(response.status, status, `${path} for ${client}`);
    if (status !== 429) continue;
    const wait = Number(response.headers.get("retry-after"));
    const passed = Math.ceil((performance.now() - started) / 1000);
    assert.ok(wait <= 30 && wait >= 30 - passed, `${wait} s, ${passed} s later`);
  }
});

Deno.test("nothing passes in either direction that was not named", async () => {
  let sent = new Headers();
  await using origin = startOrigin({}, (request) => {
    sent = new Headers(request.headers);
    return new Response(PICTURE, {
      headers: {
        "set-cookie": "a=b",
        "www-authenticate": "Basic",
        "server": "origin",
        "x-powered-by": "origin",
        "content-security-policy": "default-src *",
        "content-disposition": "attachment; filename=evil.exe",
        "access-control-allow-credentials": "true",
      },
    });
  });
  const headers = {
    authorization: "Basic YQ==",
    cookie: "a=b",
    "proxy-authorization": "Basic YQ==",
    referer: "http://page.example/",
    "x-forwarded-for": "192.0.2.1",
    "x-api-key": "1",
  };
  await using closed = await startProxy();
  await using open = await startProxy({
    config: {
      includeReferer: true,
      passRequestHeaders: ["Cookie", "X-Api-Key", "Proxy-Authorization"],
      passResponseHeaders: ["Content-Security-Policy", "Content-Disposition"],
    },
  });
  for (const proxy of [closed, open]) {
    const named = proxy === open;
    for (const target of [`/${origin.url}/my%20cat.jpg`, `/10x,webp/${origin.url}/my%20cat.jpg`]) {
      const response = await proxy.get(target, { headers });
      await response.body?.cancel();
      const seen = (name: string) => response.headers.get(name);
      assert.equal(response.status, 200);
      for (const name of ["set-cookie", "www-authenticate", "server", "x-powered-by"]) {
        assert.equal(seen(name), null, name);
      }
      assert.equal(seen("access-control-allow-credentials"), null);
      assert.equal(seen("access-control-allow-origin"), "*");
      assert.equal(seen("cross-origin-resource-policy"), "cross-origin");
      assert.equal(seen("x-content-type-options"), "nosniff");
      assert.match(seen("content-security-policy")!, /^default-src 'none'.*; sandbox$/);
      const extension = target.startsWith("/10x") ? "webp" : "png";
      assert.equal(
        seen("content-disposition"),
        named ? "attachment; filename=evil.exe" : `inline; filename="my cat.${extension}"`,
      );
    }
    assert.equal(sent.get("cookie"), named ? "a=b" : null);
    assert.equal(sent.get("x-api-key"), named ? "1" : null);
    assert.equal(sent.get("referer"), named ? "http://page.example/" : null);
    for (const name of ["authorization", "proxy-authorization", "x-forwarded-for"]) {
      assert.equal(sent.get(name), null, name);
    }
  }
});

Deno.test("the server passes SVG disarmed, or not at all where a setting says so", async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;
  await using origin = startOrigin(
    {},
    () => new Response(svg, { headers: { "content-type": "image/svg+xml" } }),
  );
  await using passing = await startProxy();
  const response = await passing.get(`/${origin.url}/a.svg`);
  assert.equal(response.headers.get("content-type"), "image/svg+xml");
  assert.match(response.headers.get("content-security-policy")!, /default-src 'none'.*sandbox/);
  assert.equal(await response.text(), svg);
  assert.equal(await statusOf(passing, `/20x,png/${origin.url}/a.svg`), 200);
  await using strict = await startProxy({ config: { svg: "refuse" } });
  assert.equal(await statusOf(strict, `/${origin.url}/a.svg`), 403);
  assert.equal(await statusOf(strict, `/20x,png/${origin.url}/a.svg`), 403);
});

Deno.test("the server tells its operator when it is open to everyone", async () => {
  const rows: readonly (readonly [Partial<Config>, boolean])[] = [
    [{ addr: { hostname: "0.0.0.0", port: 0 } }, true],
    [{ addr: { hostname: "0.0.0.0", port: 0 }, allowHosts: ["a.example"] }, false],
    [{}, false],
  ];
  for (const [config, warned] of rows) {
    await using proxy = await startProxy({ config });
    assert.equal(proxy.warnings.some((text) => /-signatureKey/.test(text)), warned);
  }
});

Deno.test("the server serves only presets, and pages of its own, where settings say so", async () => {
  await using origin = startOrigin({}, () => new Response(PICTURE));
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "# one a line\nthumb=20x,webp\n");
  await using proxy = await startProxy({
    config: {
      presets: [`@${file}`, "large=30x"],
      presetsOnly: true,
      referrers: ["*.page.example"],
    },
  });
  await Deno.remove(file);
  const referer = "https://www.page.example/a";
  const rows: readonly (readonly [string, Record<string, string>, number])[] = [
    ["preset:thumb", { referer }, 200],
    ["preset:large", { referer }, 200],
    ["preset:other", { referer }, 400],
    ["20x,webp", { referer }, 403],
    ["preset:thumb", {}, 403],
    ["preset:thumb", { referer: "https://page.example.evil.test/" }, 403],
  ];
  for (const [options, headers, status] of rows) {
    assert.equal(
      await statusOf(proxy, `/${options}/${origin.url}/a.png`, headers),
      status,
      options,
    );
  }
});

async function statusOf(
  proxy: TestProxy,
  target: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await proxy.get(target, { headers });
  await response.body?.cancel();
  return response.status;
}

Deno.test("the name and password of a refused URL stand in no answer, log line or figure", async () => {
  await using proxy = await startProxy({
    config: { dialect: ["imgproxy", "thumbor", "weserv", "cloudflare", "next"] },
  });
  const url = "https://bob:secret@images.example.com/a.jpg";
  const ways = [
    url,
    encodeURIComponent(url),
    url.replace("@", "%40"),
    url.replace("https:/", "ftp:"),
  ];
  const before = [
    ...["/", "/x/", "/nosuch/", "/imgproxy/unsafe/w:3/plain/", "/thumbor/unsafe/3x/"],
    ...["/weserv/?url=", "/weserv/?default=", "/cdn-cgi/image/width=3/", "/_next/image?w=3&url="],
  ];
  for (const target of before.flatMap((path) => ways.map((way) => path + way))) {
    const answer = await requestRaw(proxy.url, { target });
    assert.doesNotMatch(answer, /secret/, target);
    assert.match(answer, / 4\d\d /, target);
  }
  assert.equal(proxy.log.length, before.length * ways.length);
  assert.doesNotMatch(JSON.stringify(proxy.log), /secret/);
  assert.doesNotMatch(await (await proxy.get("/metrics")).text(), /secret/);
});
