import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { createPage, wantsPage } from "../../src/page/page.ts";
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

Deno.test("the page is one file of less than 60 KB, compressed", () => {
  const { body } = createPage();
  assert.ok(gzipSync(body).length < 60_000, `${gzipSync(body).length} bytes`);
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
  const remote = await ask({ why: "https://a.example/b.jpg" }, {
    "x-forwarded-for": "203.0.113.7",
  });
  assert.doesNotMatch(JSON.stringify(remote), /images\.example\.com/);
  assert.match(JSON.stringify(remote), /a\.example/);
  assert.deepEqual(await ask({ why: "nonsense" }), { advice: [] });
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
