import assert from "node:assert/strict";
import fc from "fast-check";
import {
  embeddedAddresses,
  isPublicAddress,
  matchesCidr,
  parseAddress,
  parseCidr,
  SPECIAL_BLOCKS,
} from "../../src/http/address.ts";

const PUBLIC = [
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.0.9",
  "192.0.1.1",
  "192.31.196.7",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2001:4860:4860::8888",
  "2001:20::1",
  "2001:200::1",
  "2620:4f:8000::1",
  "3ffe:ffff::1",
  "::ffff:8.8.8.8",
  "::FFFF:808:808",
  "64:ff9b::8.8.8.8",
  "2606:4700::5efe:8.8.8.8",
];

const NOT_PUBLIC = [
  ["0.0.0.0", "unspecified"],
  ["0.1.2.3", "this network"],
  ["10.0.0.1", "private"],
  ["100.64.0.1", "carrier-grade NAT"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback"],
  ["169.254.169.254", "cloud metadata"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.0.0.1", "protocol assignments"],
  ["192.0.0.171", "NAT64 discovery"],
  ["192.0.2.1", "documentation"],
  ["192.88.99.1", "6to4 relay"],
  ["192.88.99.2", "6a44 relay"],
  ["192.168.1.1", "private"],
  ["198.18.0.1", "benchmarking"],
  ["198.19.255.255", "benchmarking"],
  ["198.51.100.1", "documentation"],
  ["203.0.113.1", "documentation"],
  ["224.0.0.1", "multicast"],
  ["239.255.255.255", "multicast"],
  ["240.0.0.1", "reserved"],
  ["255.255.255.255", "broadcast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["0:0:0:0:0:0:0:1", "loopback"],
  ["::2", "IPv4-compatible"],
  ["::8.8.8.8", "IPv4-compatible"],
  ["::ffff:127.0.0.1", "mapped"],
  ["::ffff:7f00:1", "mapped"],
  ["::ffff:0:8.8.8.8", "translated"],
  ["64:ff9b::10.0.0.1", "NAT64 of a private address"],
  ["64:ff9b::a9fe:a9fe", "NAT64 of cloud metadata"],
  ["64:ff9b:1::8.8.8.8", "local NAT64"],
  ["100::1", "discard"],
  ["100:0:0:1::1", "dummy"],
  ["2001::1", "Teredo"],
  ["2001:0:808:808::f7f7:f7f7", "Teredo"],
  ["2001:2::1", "benchmarking"],
  ["2001:10::1", "ORCHID"],
  ["2001:100::1", "protocol assignments"],
  ["2001:db8::1", "documentation"],
  ["2002:7f00:1::", "6to4"],
  ["2002:808:808::1", "6to4"],
  ["3fff:fff::1", "documentation"],
  ["4000::1", "not allocated"],
  ["5f00::1", "segment routing"],
  ["fc00::1", "unique local"],
  ["fdff:ffff::1", "unique local"],
  ["fe80::1", "link local"],
  ["fe80::1%eth0", "link local with a zone"],
  ["fec0::1", "site local"],
  ["ff02::1", "multicast"],
  ["2606:4700::5efe:10.0.0.1", "ISATAP"],
  ["2606:4700::200:5efe:10.0.0.1", "ISATAP"],
  ["2606:4700:4700::1111%1", "zone"],
  ["127.1", "short form"],
  ["2130706433", "decimal"],
  ["0x7f000001", "hexadecimal"],
  ["0177.0.0.1", "octal"],
  ["010.8.8.8", "leading zero"],
  ["8.8.8.8.", "final dot"],
  ["8.8.8", "short form"],
  ["8.8.8.256", "out of range"],
  ["[2606:4700:4700::1111]", "brackets"],
  ["example.com", "a name"],
  ["", "empty"],
  ["1:2:3", "too short"],
  ["1:2:3:4:5:6:7:8:9", "too long"],
  ["1::2::3", "two gaps"],
  ["12345::1", "five digits"],
] as const;

Deno.test("isPublicAddress() takes public addresses, also inside forms that are dialled as such", () => {
  for (const address of PUBLIC) assert.equal(isPublicAddress(address), true, address);
});

Deno.test("isPublicAddress() refuses special, embedded and malformed addresses", () => {
  for (const [address, why] of NOT_PUBLIC) {
    assert.equal(isPublicAddress(address), false, `${address} (${why})`);
  }
});

Deno.test("isPublicAddress() follows the table at the first and last address of every block", () => {
  for (const { prefix, reachable } of SPECIAL_BLOCKS) {
    if (reachable) continue;
    const { bytes, bits } = parseCidr(prefix);
    if (bytes.length === 4 && prefix.includes(":")) continue;
    const last = bytes.map((byte, index) => {
      const kept = Math.min(8, Math.max(0, bits - index * 8));
      return byte | (0xff >> kept);
    });
    // The block's own ends belong to it; a longer prefix may make an exception only further inside.
    assert.equal(isPublicAddress(format(bytes)), false, prefix);
    assert.equal(isPublicAddress(format(last)), false, `${format(last)}, the last of ${prefix}`);
  }
});

function format(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  return groups.map((group) => group.toString(16)).join(":");
}

const SPECIAL_IPV4 = SPECIAL_BLOCKS.filter((block) =>
  !block.prefix.includes(":") && !block.reachable
);
const anyBytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** An address of a special IPv4 block, other than those that the registry exempts from it. */
const specialIPv4 = fc.tuple(fc.constantFrom(...SPECIAL_IPV4), anyBytes(4)).map(
  ([block, noise]) => {
    const { bytes, bits } = parseCidr(block.prefix);
    return bytes.map((byte, index) => {
      const mask = 0xff >> Math.min(8, Math.max(0, bits - index * 8));
      return (byte & ~mask) | (noise[index]! & mask);
    });
  },
).filter((bytes) => !["192.0.0.9", "192.0.0.10"].includes(bytes.join(".")));

const hex = (bytes: Uint8Array, from = 0) => ((bytes[from]! << 8) | bytes[from + 1]!).toString(16);
const invert = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0xff);

const WRAPPERS: Record<string, (ip: Uint8Array) => string> = {
  mapped: (ip) => `::ffff:${ip.join(".")}`,
  "mapped, in hexadecimal": (ip) => `0:0:0:0:0:ffff:${hex(ip)}:${hex(ip, 2)}`,
  compatible: (ip) => `::${ip.join(".")}`,
  translated: (ip) => `::ffff:0:${ip.join(".")}`,
  "6to4": (ip) => `2002:${hex(ip)}:${hex(ip, 2)}::1`,
  NAT64: (ip) => `64:ff9b::${ip.join(".")}`,
  "local NAT64": (ip) => `64:ff9b:1::${ip.join(".")}`,
  "Teredo server": (ip) => `2001:0:${hex(ip)}:${hex(ip, 2)}::1`,
  "Teredo client": (ip) => `2001:0:808:808:0:0:${hex(invert(ip))}:${hex(invert(ip), 2)}`,
  ISATAP: (ip) => `2606:4700::5efe:${ip.join(".")}`,
  "ISATAP, global": (ip) => `2606:4700::200:5efe:${ip.join(".")}`,
};

Deno.test("isPublicAddress() refuses a special IPv4 address in every IPv6 form", () => {
  fc.assert(
    fc.property(specialIPv4, fc.constantFrom(...Object.keys(WRAPPERS)), (ip, form) => {
      const address = WRAPPERS[form]!(ip);
      assert.equal(isPublicAddress(address), false, `${address} (${form})`);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("embeddedAddresses() takes the IPv4 address out of every IPv6 form", () => {
  fc.assert(fc.property(anyBytes(4), fc.constantFrom(...Object.keys(WRAPPERS)), (ip, form) => {
    const address = WRAPPERS[form]!(ip);
    assert.ok(embeddedAddresses(address).includes(ip.join(".")), `${address} (${form})`);
  }));
});

Deno.test("parseAddress() reads IPv6 as the URL parser does", () => {
  fc.assert(fc.property(fc.ipV6(), (address) => {
    const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
    assert.deepEqual(parseAddress(address), parseAddress(canonical), address);
    assert.ok(parseAddress(address), address);
  }));
});

Deno.test("parseAddress() accepts nothing that the URL parser refuses in brackets", () => {
  const text = fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.%"), maxLength: 40 });
  fc.assert(
    fc.property(text, (address) => {
      if (!address.includes(":")) return;
      assert.equal(
        parseAddress(address) !== undefined,
        URL.canParse(`http://[${address}]/`),
        address,
      );
    }),
    { numRuns: 5000 },
  );
});

Deno.test("matchesCidr() compares the prefix, and takes a mapped address for its IPv4 address", () => {
  const rows: [string, string, boolean][] = [
    ["10.1.2.3", "10.0.0.0/8", true],
    ["10.1.2.3", "10.9.9.9/8", true],
    ["11.0.0.0", "10.0.0.0/8", false],
    ["10.1.2.3", "0.0.0.0/0", true],
    ["10.1.2.3", "10.1.2.3", true],
    ["10.1.2.4", "10.1.2.3", false],
    ["10.1.2.130", "10.1.2.128/25", true],
    ["10.1.2.127", "10.1.2.128/25", false],
    ["::ffff:10.1.2.3", "10.0.0.0/8", true],
    ["::ffff:a01:203", "10.0.0.0/8", true],
    ["10.1.2.3", "::ffff:10.0.0.0/104", true],
    ["10.1.2.3", "::ffff:0:0/96", true],
    ["10.1.2.3", "::/0", false],
    ["::ffff:10.1.2.3", "::/0", true],
    ["64:ff9b::10.1.2.3", "10.0.0.0/8", false],
    ["2001:db8::1", "2001:db8::/32", true],
    ["2001:db9::1", "2001:db8::/32", false],
    ["fe80::1%eth0", "fe80::/10", true],
    ["example.com", "0.0.0.0/0", false],
  ];
  for (const [address, cidr, expected] of rows) {
    assert.equal(matchesCidr(address, parseCidr(cidr)), expected, `${address} in ${cidr}`);
  }
});

Deno.test("parseCidr() rejects what is no block and quotes it", () => {
  for (
    const text of [
      "",
      "10.0.0.0/33",
      "::/129",
      "10.0.0/8",
      "10.0.0.0/",
      "10.0.0.0/8/8",
      "/8",
      "a/8",
      "10.0.0.0/-1",
    ]
  ) {
    assert.throws(() => parseCidr(text), {
      name: "RangeError",
      message: `Cannot parse address block "${text}": write it as 192.0.2.0/24 or 2001:db8::/32`,
    });
  }
});
