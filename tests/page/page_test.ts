import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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
