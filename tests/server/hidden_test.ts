import assert from "node:assert/strict";
import { hideUrl } from "../../src/request/hidden_url.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy, type TestProxy } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });
const KEY = "a key";

function hide(url: string): string {
  return hideUrl(url, { key: new TextEncoder().encode(KEY), deterministic: true });
}

const SECRET = /127\.0\.0\.1|localhost|secret|folder/;

/** Everything that an answer says. */
async function said(response: Response): Promise<string> {
  const type = response.headers.get("content-type") ?? "";
  const body = type.startsWith("image/") ? (await response.blob(), "") : await response.text();
  return [response.status, ...response.headers, body].join("\n");
}

async function metricsOf(proxy: TestProxy): Promise<string> {
  return (await (await proxy.get("/metrics")).text())
    .split("\n").filter((line) => line.includes("host=")).join("\n");
}

Deno.test("a hidden picture is served, and no answer tells where it is", async () => {
  await using origin = startOrigin({
    "/folder/secret.png": () =>
      new Response(PICTURE, {
        headers: {
          etag: '"a"',
          link: "<http://127.0.0.1/folder/secret.png>; rel=canonical",
          "content-location": "/folder/secret.png",
          "x-from": "secret",
        },
      }),
    "/folder/broken": () => new Response("secret", { status: 500 }),
    "/folder/refused": () => new Response("secret", { status: 403 }),
    "/folder/page": () => new Response("secret", { headers: { "content-type": "text/html" } }),
    "/folder/away": () =>
      new Response(null, { status: 302, headers: { location: "ftp://secret.example/" } }),
  });
  await using proxy = await startProxy({
    config: {
      workers: 1,
      sourceKey: [KEY],
      passResponseHeaders: ["Link", "Content-Location", "X-From", "Etag", "Cache-Control"],
      notFoundCacheDuration: 0,
      errorCacheDuration: 0,
    },
  });
  const url = `${origin.url}/folder/secret.png`;
  const paths = [
    ["secret.png", 200],
    ["missing", 404],
    ["broken", 502],
    ["refused", 502],
    ["away", 403],
    ["../secret", 404],
  ] as const;
  for (const [path, status] of paths) {
    for (const options of ["x", "20x", "20x,webp"]) {
      const response = await proxy.get(`/${options}/${hide(`${origin.url}/folder/${path}`)}`);
      assert.equal(response.status, status, path);
      assert.doesNotMatch(await said(response), SECRET, `${options} ${path}`);
    }
  }
  const page = await proxy.get(`/x/${hide(`${origin.url}/folder/page`)}`);
  assert.equal(page.status, 403);
  assert.doesNotMatch(await said(page), SECRET);
  const again = await proxy.get(`/x/${hide(url)}`, { headers: { "if-none-match": '"a"' } });
  assert.equal(again.status, 304);
  assert.doesNotMatch(await said(again), SECRET);
  // The same picture under its own URL says all that its origin does.
  const open = await proxy.get(`/x/${url}`);
  assert.match(open.headers.get("link")!, /canonical/);
  assert.match(open.headers.get("content-disposition")!, /secret\.png/);
  await open.body?.cancel();
  assert.match(await metricsOf(proxy), /host="enc:",outcome="ok"/);
  assert.doesNotMatch(await metricsOf(proxy), /host="127/);
});

Deno.test("hidden or not, a picture is fetched once", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE });
  await using proxy = await startProxy({ config: { workers: 1, sourceKey: ["other", KEY] } });
  const random = hideUrl(`${origin.url}/a.png`, {
    key: new TextEncoder().encode("other"),
    deterministic: false,
  });
  for (const remote of [hide(`${origin.url}/a.png`), `${origin.url}/a.png`, random]) {
    await (await proxy.get(`/20x/${remote}`)).body?.cancel();
  }
  assert.equal(origin.requests.length, 1);
});

Deno.test("hidden pictures keep to hosts, signatures and the key", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE });
  const target = `/x/${hide(`${origin.url}/a.png`)}`;
  const rows = [
    [{ sourceKey: [KEY] }, [], 200],
    [{ sourceKey: [KEY], denyHosts: ["127.0.0.1"] }, [], 403],
    [{ sourceKey: [KEY], allowHosts: ["example.com"] }, [], 403],
    [{ sourceKey: [KEY], allowHosts: ["127.0.0.1"] }, [], 200],
    [{ sourceKey: [KEY] }, ["signing"], 403],
    [{ sourceKey: ["other"] }, [], 400],
    [{}, [], 400],
  ] as const;
  for (const [config, keys, status] of rows) {
    await using proxy = await startProxy({ config: { workers: 1, ...config }, keys });
    const response = await proxy.get(target);
    assert.equal(response.status, status, JSON.stringify(config));
    assert.doesNotMatch(await said(response), SECRET);
  }
});

for (const logHidden of [true, false]) {
  Deno.test(`the log ${logHidden ? "tells" : "does not tell"} what is hidden with -logHidden=${logHidden}`, async () => {
    await using proxy = await startProxy({
      lookup: () => Promise.reject(new Error("secret.example is not known")),
      env: (name) => ({ AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" })[name],
      config: {
        workers: 1,
        sourceKey: [KEY],
        logHidden,
        source: ["bucket=s3://local/in?endpoint=http://127.0.0.1:1"],
      },
    });
    for (const url of ["https://secret.example/a.png", "bucket:secret.png"]) {
      await (await proxy.get(`/x/${hide(url)}`)).body?.cancel();
    }
    const lines = JSON.stringify([proxy.log, proxy.warnings]);
    assert.equal(/secret\.example/.test(lines), logHidden, lines);
    assert.equal(proxy.log[0]!.host, logHidden ? "secret.example" : "enc:");
    assert.match(proxy.warnings.join(), /^The source bucket: \(s3:.*\) cannot be read/);
    assert.doesNotMatch(logHidden ? "" : lines, /secret/);
  });
}

Deno.test("a hidden picture is purged by its token", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE });
  await using proxy = await startProxy({
    config: { workers: 1, sourceKey: [KEY], purgeToken: "purge" },
  });
  const target = `/20x/${hide(`${origin.url}/a.png`)}`;
  await (await proxy.get(target)).body?.cancel();
  const headers = { authorization: "Bearer purge" };
  const purged = await proxy.get(target, { method: "PURGE", headers });
  assert.deepEqual(await purged.json(), { removed: 2 });
});
