import assert from "node:assert/strict";
import { exposureWarning } from "../../src/settings/exposure.ts";
import { address } from "../../src/settings/kinds.ts";

Deno.test("exposureWarning() warns of a server that is open and reachable, and of no other", () => {
  const rows: readonly (readonly [string, string[], number, boolean])[] = [
    [":8080", [], 0, true],
    ["0.0.0.0:8080", [], 0, true],
    ["[::]:8080", [], 0, true],
    ["192.0.2.1:80", [], 0, true],
    ["images.example.com:80", [], 0, true],
    [":8080", ["example.com"], 0, false],
    [":8080", [], 1, false],
    ["localhost:8080", [], 0, false],
    ["127.0.0.1:8080", [], 0, false],
    ["127.1.2.3:8080", [], 0, false],
    ["[::1]:8080", [], 0, false],
    ["unix:/run/imageproxy.sock", [], 0, false],
  ];
  const closed = { addr: address.parse(":8080"), allowHosts: [], dialectKey: [], bearerToken: "a" };
  assert.equal(exposureWarning(closed, []), undefined);
  for (const [addr, allowHosts, keys, warned] of rows) {
    const warning = exposureWarning(
      { addr: address.parse(addr), allowHosts, dialectKey: [], bearerToken: "" },
      Array.from({ length: keys }, () => new Uint8Array(1)),
    );
    assert.equal(warning !== undefined, warned, addr);
    if (warned) assert.match(warning!, /-allowHosts.*-signatureKey.*localhost/);
  }
});
