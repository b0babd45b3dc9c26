import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { silent, startOrigin, startProxy } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "JPEG" });
const DAMAGED = PICTURE.slice(0, 100);

Deno.test("the server fetches, transforms and serves an image", async () => {
  await using origin = startOrigin({ "/a.jpg": PICTURE });
  await using proxy = await startProxy();
  const response = await proxy.get(`/20x,r90,png/${origin.url}/a.jpg`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "image/png");
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.match(response.headers.get("content-security-policy")!, /sandbox/);
  const body = new Uint8Array(await response.arrayBuffer());
  assert.equal(Number(response.headers.get("content-length")), body.length);
  assert.equal(letters(look(body), { scale: 10 }).join("/"), "gy/rb");
});

Deno.test("the server passes an original through untouched where no option changes it", async () => {
  await using origin = startOrigin({
    "/a.jpg": () =>
      new Response(PICTURE, {
        headers: { "content-type": "text/html", "set-cookie": "a=b", link: "<x>; rel=y" },
      }),
  });
  await using proxy = await startProxy();
  for (const options of ["", "/x", "/0x0", "/", "/fit"]) {
    const response = await proxy.get(`${options}/${origin.url}/a.jpg`);
    assert.equal(response.status, 200, options);
    // The type is told by the bytes, not by what the origin claims.
    assert.equal(response.headers.get("content-type"), "image/jpeg");
    assert.equal(response.headers.get("link"), "<x>; rel=y");
    assert.equal(response.headers.get("set-cookie"), null);
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), PICTURE);
  }
});

Deno.test("the server asks the origin for the target exactly as it was sent", async () => {
  await using origin = startOrigin({});
  await using proxy = await startProxy();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const received = readRequestLine(listener);
  const port = listener.addr.port;
  const status = await requestRaw(
    proxy.url,
    `/x/http://127.0.0.1:${port}/a/../b//%2F%2e?q=%20&r=http://x/`,
  );
  assert.match(status, / 404 /);
  assert.equal(await received, "GET /a/../b//%2F%2e?q=%20&r=http://x/ HTTP/1.1");
  listener.close();
  void origin;
});

Deno.test("the server answers each failure with its status and one sentence, and goes on", async () => {
  await using origin = startOrigin({
    "/a.jpg": PICTURE,
    "/damaged.jpg": DAMAGED,
    "/page": () => new Response("<html>hello</html>", { headers: { "content-type": "text/html" } }),
    "/lies.png": () =>
      new Response("<script>1</script>", { headers: { "content-type": "image/png" } }),
    "/broken": () => new Response("oops", { status: 500 }),
    "/private": () => new Response("no", { status: 403 }),
    "/large": () => new Response(new Uint8Array(2e6)),
    "/slow": silent,
    "/loop": () => new Response(null, { status: 302, headers: { location: "/loop" } }),
  });
  await using proxy = await startProxy({
    config: { fetchTimeout: 1500, maxSourceBytes: 1_000_000 },
  });
  const rows: readonly (readonly [string, number, RegExp])[] = [
    [`/20x/${origin.url}/missing.jpg`, 404, /404/],
    [`/${origin.url}/missing.jpg`, 404, /404/],
    [`/20x/${origin.url}/broken`, 502, /500/],
    [`/20x/${origin.url}/private`, 502, /403/],
    [`/20x/${origin.url}/loop`, 502, /redirect/i],
    [`/20x/http://127.0.0.1:1/a.jpg`, 403, /port/],
    [`/20x/http://127.0.0.1:${await closedPort()}/a.jpg`, 502, /./],
    [`/20x/http://no-such-host.invalid/a.jpg`, 502, /./],
    [`/20x/${origin.url}/slow`, 504, /./],
    [`/20x/${origin.url}/large`, 413, /1000000|1 ?MB|bytes/],
    [`/20x/${origin.url}/damaged.jpg`, 422, /./],
    [`/20x/${origin.url}/page`, 422, /not an image/],
    [`/${origin.url}/page`, 403, /content type/],
    [`/${origin.url}/lies.png`, 403, /content type/],
    [`/r45/${origin.url}/a.jpg`, 400, /"r45"/],
    [`/nothing`, 400, /remote URL/],
    [`/cx999/${origin.url}/a.jpg`, 400, /crop/],
  ];
  for (const [target, status, sentence] of rows) {
    const response = await proxy.get(target);
    const text = await response.text();
    assert.equal(response.status, status, `${target}: ${text}`);
    assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
    assert.match(text, sentence, target);
    assert.equal(text.trim().split("\n").length, 1);
    assert.doesNotMatch(text, /at .*\.ts|file:\/\/|Error:/);
    const next = await proxy.get(`/20x/${origin.url}/a.jpg`);
    assert.equal(next.status, 200);
    await next.body?.cancel();
  }
});

Deno.test("the server gives up on a request that takes longer than it may as a whole", async () => {
  await using origin = startOrigin({ "/slow": silent });
  await using proxy = await startProxy({ config: { timeout: 200 } });
  const response = await proxy.get(`/20x/${origin.url}/slow`);
  assert.equal(response.status, 504);
  assert.match(await response.text(), /longer than/);
});

Deno.test("the server answers errors as JSON where the client prefers that", async () => {
  await using proxy = await startProxy();
  const response = await proxy.get("/nothing", {
    headers: { accept: "application/json, text/plain;q=0.5" },
  });
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal((await response.json()).error, "malformed");
});

Deno.test("the server answers its own paths, HEAD, and no other methods", async () => {
  await using origin = startOrigin({ "/a.jpg": PICTURE });
  await using proxy = await startProxy();
  for (
    const [path, body] of [["/", "OK"], ["/health-check", "OK"], ["/favicon.ico", ""]] as const
  ) {
    const response = await proxy.get(path);
    assert.equal(response.status, 200, path);
    assert.equal(await response.text(), body);
  }
  const head = await proxy.get(`/20x/${origin.url}/a.jpg`, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.ok(Number(head.headers.get("content-length")) > 100);
  assert.equal(await head.text(), "");
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const response = await proxy.get(`/20x/${origin.url}/a.jpg`, { method });
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
    await response.body?.cancel();
  }
});

Deno.test("the server answers 304 to a client that has the picture, without transforming it", async () => {
  await using origin = startOrigin({ "/a.jpg": PICTURE, "/b.jpg": DAMAGED });
  await using proxy = await startProxy();
  const first = await proxy.get(`/20x/${origin.url}/a.jpg`);
  const etag = first.headers.get("etag")!;
  await first.body?.cancel();
  const again = await proxy.get(`/20x/${origin.url}/a.jpg`, {
    headers: { "if-none-match": `"x", W/${etag}` },
  });
  assert.equal(again.status, 304);
  assert.equal(again.headers.get("etag"), etag);
  assert.equal(again.headers.get("content-length"), null);
  const other = await proxy.get(`/21x/${origin.url}/a.jpg`, { headers: { "if-none-match": etag } });
  assert.equal(other.status, 200);
  await other.body?.cancel();
  const any = await proxy.get(`/20x/${origin.url}/b.jpg`, { headers: { "if-none-match": "*" } });
  assert.equal(any.status, 304);
});

Deno.test("the server serves allowed hosts, signed URLs, and nothing else", async () => {
  await using origin = startOrigin({ "/a.jpg": PICTURE });
  await using proxy = await startProxy({
    config: { allowHosts: ["images.example"] },
    keys: ["old key", "secretkey"],
  });
  const remote = `${origin.url}/a.jpg`;
  const sign = (message: string, key = "secretkey") =>
    createHmac("sha256", key).update(message).digest("base64url");
  const rows: readonly (readonly [string, number])[] = [
    [`/20x/${remote}`, 403],
    [`/20x,s${sign(remote)}/${remote}`, 200],
    [`/20x,s${sign(remote)}=/${remote}`, 200],
    [`/20x,s${sign(remote, "old key")}/${remote}`, 200],
    [`/20x,s${sign(remote, "other")}/${remote}`, 403],
    [`/20x,s${sign(remote)}/${remote}?more`, 403],
    [`/20x,r90,s${sign(`${remote}#20x0,r90`)}/${remote}`, 200],
    [`/20x,r180,s${sign(`${remote}#20x0,r90`)}/${remote}`, 403],
    [`/r90,20x,s${sign(`${remote}#20x0,r90`)}/${encodeURIComponent(remote)}`, 200],
    [`/20x,vu1,s${sign(remote)}/${remote}`, 410],
    [`/20x,vu9999999999,s${sign(remote)}/${remote}`, 200],
  ];
  for (const [target, status] of rows) {
    const response = await proxy.get(target);
    assert.equal(response.status, status, target);
    await response.body?.cancel();
  }
});

Deno.test("the server resolves relative remote URLs against the base URL, whose host it may always fetch from", async () => {
  await using origin = startOrigin({ "/img/a.jpg": PICTURE });
  await using proxy = await startProxy({
    config: { baseURL: `${origin.url}/img/`, allowPrivateNetworks: false },
  });
  const response = await proxy.get("/20x/a.jpg");
  assert.equal(response.status, 200);
  await response.body?.cancel();
});

Deno.test("the server does not fetch from private addresses unless told to", async () => {
  await using origin = startOrigin({ "/a.jpg": PICTURE });
  await using proxy = await startProxy({ config: { allowPrivateNetworks: false } });
  const response = await proxy.get(`/20x/${origin.url}/a.jpg`);
  assert.equal(response.status, 403);
  assert.doesNotMatch(await response.text(), /127\.0\.0\.1/);
  assert.equal(origin.requests.length, 0);
});

Deno.test("the server refuses a Host header that would move the target", async () => {
  await using proxy = await startProxy();
  for (const host of ["x/../y", "x?y", "x#y", "a@b"]) {
    assert.match(await requestRaw(proxy.url, "/health-check", host), / 400 /, host);
  }
});

Deno.test("the server answers 200 requests at once while its event loop stays free", async () => {
  const pictures = Array.from(
    { length: 20 },
    (_, index) =>
      picture(
        ["rgby", "ybgr", "cmyk"].map((row) => row.slice(index % 4) + row.slice(0, index % 4)),
        { scale: 100 + index },
      ),
  );
  await using origin = startOrigin(
    Object.fromEntries(pictures.map((bytes, index) => [`/${index}.png`, bytes])),
  );
  await using proxy = await startProxy();
  let done = false;
  const healthTimes: number[] = [];
  const watch = (async () => {
    while (!done) {
      const started = performance.now();
      assert.equal(await (await proxy.get("/health-check")).text(), "OK");
      healthTimes.push(performance.now() - started);
    }
  })();
  const statuses = await Promise.all(Array.from({ length: 200 }, async (_, index) => {
    const response = await proxy.get(`/${50 + index}x/${origin.url}/${index % 20}.png`);
    await response.arrayBuffer();
    return response.status;
  }));
  done = true;
  await watch;
  assert.deepEqual(new Set(statuses), new Set([200]));
  healthTimes.sort((a, b) => a - b);
  // On a busy machine others have the processor for most of them.
  const quick = healthTimes[healthTimes.length >> 2]!;
  assert.ok(quick < 50, `a quarter of ${healthTimes.length} came in ${quick} ms`);
});

/** The status line of a request whose target and Host header no client library would send. */
async function requestRaw(url: string, target: string, host = "localhost"): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await connection.write(
    new TextEncoder().encode(
      `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    ),
  );
  return (await new Response(connection.readable).text()).split("\r\n")[0]!;
}

/** Accepts one connection, answers 404, and gives the request line. */
async function readRequestLine(listener: Deno.Listener): Promise<string> {
  using connection = await listener.accept();
  const buffer = new Uint8Array(4096);
  const length = await connection.read(buffer);
  await connection.write(
    new TextEncoder().encode(
      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ),
  );
  return new TextDecoder().decode(buffer.subarray(0, length ?? 0)).split("\r\n")[0]!;
}

async function closedPort(): Promise<number> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return await Promise.resolve(listener.addr.port);
}
