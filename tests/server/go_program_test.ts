import assert from "node:assert/strict";
import { parseArguments } from "../../src/commands/terminal/command_line.ts";
import { serve } from "../../src/commands/serve.ts";
import { resolveConfig } from "../../src/settings/resolve.ts";
import type { Config, SettingName } from "../../src/settings/table.ts";
import { freePort } from "../testing/command.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy, type TestProxy } from "../testing/proxy.ts";
import { requestRaw } from "../testing/raw_request.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "JPEG" });

/** Starts the proxy with flags as the README of the Go program writes them. */
async function startWith(line: string): Promise<TestProxy> {
  const { settings, problems } = parseArguments(serve, line.split(" "));
  const resolved = resolveConfig(settings, () => undefined);
  assert.deepEqual([...problems, ...resolved.problems], [], line);
  const given = Object.keys(settings) as SettingName[];
  const config = Object.fromEntries(given.map((name) => [name, resolved.config[name]]));
  return await startProxy({ config: config as Partial<Config> });
}

Deno.test("-scaleUp true enlarges pictures, and -scaleUp false does not", async () => {
  await using origin = startOrigin({ "/a.jpg": PICTURE });
  for (
    const [line, width] of [["-scaleUp true", 80], ["-scaleUp", 80], [
      "-scaleUp false",
      40,
    ]] as const
  ) {
    await using proxy = await startWith(line);
    const response = await proxy.get(`/80x,png/${origin.url}/a.jpg`);
    const body = new DataView(await response.arrayBuffer());
    assert.equal(body.getUint32(16), width, line);
  }
});

Deno.test("-followRedirects false and -verbose 1 take the value behind the blank", async () => {
  await using origin = startOrigin({
    "/a.jpg": PICTURE,
    "/b": () => new Response(null, { status: 302, headers: { location: "/a.jpg" } }),
  });
  await using proxy = await startWith("-followRedirects false -verbose 1");
  const response = await proxy.get(`/20x/${origin.url}/b`);
  assert.equal(response.status, 502);
  assert.match(await response.text(), /redirects are not followed/);
  assert.equal(proxy.log.length, 1);
});

Deno.test("a picture is served of no status but 200 and 203", async () => {
  const rows = [[203, 200], [201, 502], [299, 502], [206, 502], [300, 502], [305, 502]] as const;
  await using origin = startOrigin(
    {},
    ({ url }) => new Response(PICTURE, { status: Number(new URL(url).pathname.slice(1)) }),
  );
  await using proxy = await startWith("-verbose");
  for (const [status, answered] of rows) {
    // From the origin, and from the cache.
    for (const options of ["x", "20x", "x", "20x"]) {
      const response = await proxy.get(`/${options}/${origin.url}/${status}`);
      await response.body?.cancel();
      assert.equal(response.status, answered, `${options} of ${status}`);
    }
  }
});

Deno.test("-contentTypes are what origins are asked for, and what is served", async () => {
  const rows:
    readonly (readonly [line: string, accept: string | null, png: number, css: number])[] = [
      ["-verbose", "image/*", 200, 403],
      ["-contentTypes image/png,image/gif", "image/png, image/gif", 403, 403],
      ["-contentTypes image/jp?g,text/[a-c]*", "image/jp?g, text/[a-c]*", 200, 200],
      ["-contentTypes=", null, 200, 200],
    ];
  for (const [line, accept, jpeg, css] of rows) {
    const accepts: (string | null)[] = [];
    const answer = (body: string | Uint8Array<ArrayBuffer>, type: string) => (request: Request) => {
      accepts.push(request.headers.get("accept"));
      return new Response(body, { headers: { "content-type": type } });
    };
    await using origin = startOrigin({
      "/a.jpg": answer(PICTURE, "image/jpeg"),
      "/a.css": answer("a{}", "text/css"),
    });
    await using proxy = await startWith(line);
    for (const [path, status] of [["/a.jpg", jpeg], ["/a.css", css]] as const) {
      const response = await proxy.get(`/x/${origin.url}${path}`);
      await response.body?.cancel();
      assert.equal(response.status, status, `${line} ${path}`);
    }
    assert.deepEqual(accepts, [accept, accept], line);
  }
});

Deno.test("-passResponseHeaders Content-Disposition passes the origin's", async () => {
  const theirs = 'attachment; filename="theirs.jpg"';
  await using origin = startOrigin({
    "/a.jpg": () =>
      new Response(PICTURE, { headers: { "content-disposition": theirs, "x-a": "b" } }),
    "/b.jpg": PICTURE,
  });
  for (
    const [line, shown] of [
      ["-passResponseHeaders Content-Disposition,X-A", theirs],
      ["-verbose", 'inline; filename="a.jpg"'],
    ] as const
  ) {
    await using proxy = await startWith(line);
    for (const options of ["x", "20x"]) {
      // From the origin, and from the cache.
      for (const _ of [1, 2]) {
        const { headers, body } = await proxy.get(`/${options}/${origin.url}/a.jpg`);
        await body?.cancel();
        assert.equal(headers.get("content-disposition"), shown, line);
        assert.equal(headers.get("x-a"), line === "-verbose" ? null : "b", line);
      }
      const { headers, body } = await proxy.get(`/${options}/${origin.url}/b.jpg`);
      await body?.cancel();
      assert.equal(headers.get("content-disposition"), 'inline; filename="b.jpg"', line);
    }
  }
});

Deno.test("-baseURL resolves what comes, as it comes", async () => {
  await using origin = startOrigin({}, () => new Response(PICTURE));
  await using proxy = await startWith(`-baseURL ${origin.url}/images/`);
  const targets = ["/x/a/../b.jpg", "/20x/a\\b.jpg", "/x//c%2Fd//e.jpg?f", "/x/caf%E9.jpg"];
  for (const target of targets) {
    assert.match(await requestRaw(proxy.url, { target }), / 200 /, target);
  }
  assert.deepEqual(
    origin.requests.map(({ url }) => url.slice(origin.url.length)),
    ["/images/a/../b.jpg", "/images/a\\b.jpg", "/c%2Fd//e.jpg?f", "/images/caf%E9.jpg"],
  );
});

Deno.test("fixed routes are told by their path alone, whatever query follows", async () => {
  await using proxy = await startWith("-verbose");
  for (const path of ["/", "/health-check", "/ready", "/metrics", "/favicon.ico"]) {
    for (const query of ["", "?", "?a=b", "?a=/http://x/", "?a?b"]) {
      const response = await proxy.get(path + query);
      await response.body?.cancel();
      // Not ready before its workers are.
      const isRight = response.status === 200 || (path === "/ready" && response.status === 503);
      assert.ok(isRight, `${path}${query}: ${response.status}`);
    }
  }
  const response = await proxy.get("/health-check/?a");
  await response.body?.cancel();
  assert.equal(response.status, 400);
});

Deno.test("-addr :8080 listens by IPv4 and IPv6, and knows its clients by their usual addresses", async () => {
  const port = freePort();
  const addresses: string[] = [];
  await using origin = startOrigin({ "/a.jpg": PICTURE });
  await using proxy = await startWith(`-addr :${port} -rateLimit 1 -trustedProxies 127.0.0.1`);
  assert.equal(proxy.url, `http://[::]:${port}`);
  for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
    const response = await fetch(`http://${host}:${port}/health-check`);
    assert.equal(await response.text(), "OK", host);
  }
  // A proxy at 127.0.0.1 is the one that is trusted, by whichever socket it comes.
  for (const client of ["192.0.2.1", "192.0.2.2", "192.0.2.1"]) {
    const response = await fetch(
      `http://127.0.0.1:${port}/20x/${origin.url}/a.jpg?${addresses.length}`,
      {
        headers: { "x-forwarded-for": client },
      },
    );
    await response.body?.cancel();
    addresses.push(`${client} ${response.status}`);
  }
  assert.deepEqual(addresses, ["192.0.2.1 200", "192.0.2.2 200", "192.0.2.1 429"]);
});

Deno.test("-addr 127.0.0.1:8080 listens there alone", async () => {
  const port = freePort();
  await using proxy = await startWith(`-addr 127.0.0.1:${port}`);
  assert.equal(proxy.url, `http://127.0.0.1:${port}`);
  await assert.rejects(fetch(`http://[::1]:${port}/`));
});
