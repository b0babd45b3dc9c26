import assert from "node:assert/strict";
import { createClientAddress } from "../../src/request/client_address.ts";

Deno.test("a client's address is its own word only as far as trusted proxies wrote it down", () => {
  const address = createClientAddress(["10.0.0.0/8", "2001:db8::1", "unix"]);
  const rows: readonly (readonly [string | undefined, string | undefined, string])[] = [
    ["192.0.2.9", undefined, "192.0.2.9"],
    ["192.0.2.9", "198.51.100.1", "192.0.2.9"],
    ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "1.1.1.1,198.51.100.1, 10.2.3.4", "198.51.100.1"],
    ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["10.0.0.1", "2001:db8::7, 2001:db8::1", "2001:db8::7"],
    ["10.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
    ["10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"],
    ["10.0.0.1", "1.1.1.1, unknown", "10.0.0.1"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["10.0.0.1", undefined, "10.0.0.1"],
    [undefined, "198.51.100.1", "198.51.100.1"],
    [undefined, undefined, "unix"],
  ];
  for (const [peer, forwarded, client] of rows) {
    assert.equal(address(peer, forwarded), client, `${peer} for ${forwarded}`);
  }
  assert.equal(createClientAddress([])(undefined, "198.51.100.1"), "unix");
  assert.equal(createClientAddress([])("10.0.0.1", "198.51.100.1"), "10.0.0.1");
});

Deno.test("createClientAddress() quotes an entry that is no address", () => {
  assert.throws(() => createClientAddress(["proxy.example"]), /trusted proxy "proxy\.example"/);
});
