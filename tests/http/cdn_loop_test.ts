import assert from "node:assert/strict";
import { cdnLoop, createCdnId, isCircle, serversOnTheWay } from "../../src/http/cdn_loop.ts";

const A = createCdnId(), B = createCdnId();

Deno.test("createCdnId() gives each server a token of its own (RFC 8586 section 2)", () => {
  assert.match(A, /^[\w-]+$/);
  assert.notEqual(A, B);
});

Deno.test("serversOnTheWay() finds the servers of this program among all that a request came through", () => {
  const rows: readonly (readonly [field: string | undefined, servers: string | undefined])[] = [
    [undefined, undefined],
    ["", undefined],
    ["cloudflare; loops=1", undefined],
    ["fastly, imageproxy, imageproxy-1, imageproxy-0123456789abcdefg", undefined],
    [A, A],
    [`fastly, ${A};v=1 ,${B.toUpperCase()}`, `${A}, ${B}`],
    [`x; y="${A}"`, undefined],
    [`${A}\u00fc`, undefined],
  ];
  for (const [field, servers] of rows) assert.equal(serversOnTheWay(field), servers, field);
});

Deno.test("isCircle() knows a server that was there before, and too many of others", () => {
  const others = (count: number) => Array.from({ length: count }, createCdnId).join(", ");
  const rows: readonly (readonly [servers: string | undefined, expected: boolean])[] = [
    [undefined, false],
    [B, false],
    [A, true],
    [`${B}, ${A}`, true],
    [others(9), false],
    [others(10), true],
  ];
  for (const [servers, expected] of rows) {
    assert.equal(isCircle(servers, { id: A }), expected, servers);
    assert.equal(isCircle(serversOnTheWay(cdnLoop(servers, { id: A })), { id: A }), true);
  }
});
