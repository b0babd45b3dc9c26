import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { get } from "node:http";
import { createPage, takesGzip, wantsPage } from "../../src/page/page.ts";
import { startProxy } from "../testing/proxy.ts";

Deno.test("wantsPage() tells browsers from programs", () => {
  const rows: readonly (readonly [string | undefined, boolean])[] = [
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true],
    ["text/html", true],
    ["application/json, TEXT/HTML;q=0.5", true],
    ["text/html;q=0, */*", false],
    ["text/html;q=0.0", false],
    ["text/htmlx", false],
    ["*/*", false],
    ["image/avif,image/webp,*/*", false],
    ["", false],
    [undefined, false],
  ];
  for (const [accept, wanted] of rows) assert.equal(wantsPage(accept), wanted, accept);
});

Deno.test("the page's policy allows its own style and script and nothing else", () => {
  const { body, headers } = createPage();
  const policy = headers["content-security-policy"]!;
  const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  for (const element of ["style", "script"]) {
    const found = [...body.matchAll(new RegExp(`<${element}[^>]*>([\\s\\S]*?)</${element}>`, "g"))];
    assert.equal(found.length, 1, element);
    assert.ok(policy.includes(`${element}-src ${hashOf(found[0]![1]!)}`), element);
  }
  assert.match(policy, /^default-src 'none';/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.doesNotMatch(body, /\s(?:style|on\w+)=/i);
  assert.doesNotMatch(body, /(?:src|href)="(?!data:,)/i);
});

Deno.test("takesGzip() reads what encodings a browser takes", () => {
  const rows: readonly (readonly [string | undefined, boolean])[] = [
    ["gzip, deflate, br, zstd", true],
    ["br;q=1.0, gzip;q=0.8, *;q=0.1", true],
    ["x-gzip", true],
    ["gzip;q=0", false],
    ["gzip;q=0.0, br", false],
    ["br", false],
    ["gzipped", false],
    ["", false],
    [undefined, false],
  ];
  for (const [header, taken] of rows) assert.equal(takesGzip(header), taken, header);
});

Deno.test("the page is sent compressed to who takes that", async () => {
  await using proxy = await startProxy();
  const { body } = createPage();
  for (const encoding of ["gzip", "identity"]) {
    const headers = { accept: "text/html", "accept-encoding": encoding };
    const response = await proxy.get("/", { headers });
    assert.match(response.headers.get("vary")!, /Accept-Encoding/);
    assert.equal(await response.text(), body);
  }
});

Deno.test("the page is one file of less than 60 KB, compressed", () => {
  const { body, gzipped } = createPage();
  assert.ok(gzipped.length < 60_000, `${gzipped.length} bytes`);
  // Nothing of it is left to be filled in, or to be told apart by names.
  assert.doesNotMatch(body, /<!-- \w+ -->|^(?:import|export) /m);
  const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.deepEqual(ids.filter((id, at) => ids.indexOf(id) !== at), []);
});

Deno.test("the page tells what a pasted URL is, and what would let a picture pass", async () => {
  const config = { allowHosts: ["images.example.com"] };
  await using proxy = await startProxy({ config, keys: ["key"] });
  const ask = async (query: Record<string, string>, headers = {}) => {
    const response = await proxy.get(`/?${new URLSearchParams(query)}`, { headers });
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    return await response.json();
  };
  const { readings } = await ask({
    read: "https://s.example/cdn-cgi/image/width=200,draw=x/https://images.example.com/a.jpg",
  });
  assert.equal(readings.length, 1);
  assert.equal(readings[0].server, "Cloudflare");
  assert.equal(readings[0].url, "https://images.example.com/a.jpg");
  assert.equal(readings[0].fields["size.0"], "200");
  assert.match(readings[0].problem, /"draw=x"/);
  assert.deepEqual(await ask({ read: "nonsense" }), { readings: [] });
  const local = JSON.stringify(await ask({ why: "https://a.example/b.jpg" }));
  assert.match(local, /pictures of images\.example\.com/);
  assert.match(local, /'images\.example\.com,a\.example'/);
  assert.match(local, /imageproxy sign/);
  // The list is nothing for those who come from elsewhere.
  const forwarded: readonly Record<string, string>[] = [
    { "x-forwarded-for": "203.0.113.7" },
    { "x-real-ip": "203.0.113.7" },
    { "x-forwarded-proto": "https" },
    { forwarded: "for=203.0.113.7" },
  ];
  for (const headers of forwarded) {
    const remote = await ask({ why: "https://a.example/b.jpg" }, headers);
    assert.doesNotMatch(JSON.stringify(remote), /images\.example\.com/);
    assert.match(JSON.stringify(remote), /a\.example/);
  }
  // What it tells people to type is for their shells.
  assert.deepEqual(await ask({ why: "https://a';id;'.example/b.jpg" }), { advice: [] });
  assert.deepEqual(await ask({ why: "nonsense" }), { advice: [] });
});

Deno.test("the page tells its lists to those who ask this machine by a name of its own", async () => {
  await using proxy = await startProxy({ config: { allowHosts: ["images.example.com"] } });
  const rows = [
    ["localhost", true],
    ["LocalHost:8080", true],
    ["127.0.0.1:80", true],
    ["[::1]:8080", true],
    // A page of strangers has its own name stand for this address.
    ["a.example", false],
    ["localhost.a.example:8080", false],
    ["127.0.0.1.a.example", false],
  ] as const;
  for (const [host, isTold] of rows) {
    const text = await new Promise<string>((resolve, reject) => {
      get(
        `${proxy.url}/?why=https://b.example/c.jpg`,
        { headers: { host }, agent: false },
        (response) => {
          let text = "";
          response.on("data", (piece) => text += piece).on("end", () => resolve(text));
        },
      ).on("error", reject);
    });
    assert.equal(text.includes("images.example.com"), isTold, host);
    assert.match(text, /b\.example/);
  }
});

Deno.test("the page asks nothing where it is not shown", async () => {
  await using proxy = await startProxy({ config: { page: false } });
  const response = await proxy.get("/?read=https://wsrv.nl/?url=a.example/b.jpg");
  assert.equal(await response.text(), "OK");
});

Deno.test("samples need no permission, but for the limits of those who have none", async () => {
  const sample = "http://sample.invalid/landscape.png";
  const rows = [
    [{ allowHosts: ["images.example.com"] }, `/100x/${sample}`, 200],
    [{}, `/100x/${sample}`, 200],
    [{}, "/100x/https://images.example.com/a.png", 403],
    [{ sizes: ["200x"] }, `/100x/${sample}`, 403],
    [{ sizes: ["200x"] }, `/200x/${sample}`, 200],
    [{ denyHosts: ["sample.invalid"] }, `/100x/${sample}`, 403],
    [{ page: false }, `/100x/${sample}`, 403],
  ] as const;
  for (const [config, target, status] of rows) {
    await using proxy = await startProxy({ config, keys: ["key"] });
    const response = await proxy.get(target);
    await response.body?.cancel();
    assert.equal(response.status, status, `${JSON.stringify(config)} ${target}`);
  }
});

Deno.test("the page is shown to browsers at / only, and not where the setting says so", async () => {
  const html = { accept: "text/html,*/*;q=0.8" };
  const rows = [
    [true, "/", html, /^<!DOCTYPE html>/],
    [true, "/", { accept: "*/*" }, /^OK$/],
    [true, "/health-check", html, /^OK$/],
    [false, "/", html, /^OK$/],
  ] as const;
  for (const [page, path, headers, body] of rows) {
    await using proxy = await startProxy({ config: { page } });
    const response = await proxy.get(path, { headers });
    assert.equal(response.status, 200);
    assert.match(await response.text(), body, `${page} ${path} ${headers.accept}`);
    // An older Deno compresses texts, and says so.
    const varies = /(?:^|, )Accept(?:,|$)/.test(response.headers.get("vary") ?? "");
    assert.equal(varies, page && path === "/");
  }
});
