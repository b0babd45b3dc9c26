// Which IP addresses belong to the public Internet. A proxy that strangers steer must not dial any
// other, and an IPv6 address may be an IPv4 address in disguise, so every disguise is taken off first.

/** 4 bytes for IPv4, 16 for IPv6. */
type Bytes = Uint8Array;

/** A block of addresses: those that share the first `bits` bits with `bytes`. */
export interface Cidr {
  readonly bytes: Bytes;
  readonly bits: number;
}

interface SpecialBlock {
  prefix: string;
  name: string;
  /** The registry's "Globally Reachable"; its "N/A" counts as no. */
  reachable: boolean;
}

/**
 * The IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190), followed by the blocks
 * that other registries keep: multicast, and what embeds IPv4 or was withdrawn. The longest prefix decides.
 */
export const SPECIAL_BLOCKS: readonly SpecialBlock[] = [
  { prefix: "0.0.0.0/8", name: "This network", reachable: false },
  { prefix: "0.0.0.0/32", name: "This host on this network", reachable: false },
  { prefix: "10.0.0.0/8", name: "Private use", reachable: false },
  { prefix: "100.64.0.0/10", name: "Shared address space (carrier-grade NAT)", reachable: false },
  { prefix: "127.0.0.0/8", name: "Loopback", reachable: false },
  { prefix: "169.254.0.0/16", name: "Link local", reachable: false },
  { prefix: "172.16.0.0/12", name: "Private use", reachable: false },
  { prefix: "192.0.0.0/24", name: "IETF protocol assignments", reachable: false },
  { prefix: "192.0.0.0/29", name: "IPv4 service continuity", reachable: false },
  { prefix: "192.0.0.8/32", name: "IPv4 dummy address", reachable: false },
  { prefix: "192.0.0.9/32", name: "Port Control Protocol anycast", reachable: true },
  { prefix: "192.0.0.10/32", name: "TURN anycast", reachable: true },
  { prefix: "192.0.0.170/32", name: "NAT64/DNS64 discovery", reachable: false },
  { prefix: "192.0.0.171/32", name: "NAT64/DNS64 discovery", reachable: false },
  { prefix: "192.0.2.0/24", name: "Documentation (TEST-NET-1)", reachable: false },
  { prefix: "192.31.196.0/24", name: "AS112-v4", reachable: true },
  { prefix: "192.52.193.0/24", name: "AMT", reachable: true },
  { prefix: "192.88.99.0/24", name: "6to4 relay anycast, withdrawn", reachable: false },
  { prefix: "192.88.99.2/32", name: "6a44 relay anycast", reachable: false },
  { prefix: "192.168.0.0/16", name: "Private use", reachable: false },
  { prefix: "192.175.48.0/24", name: "AS112 direct delegation", reachable: true },
  { prefix: "198.18.0.0/15", name: "Benchmarking", reachable: false },
  { prefix: "198.51.100.0/24", name: "Documentation (TEST-NET-2)", reachable: false },
  { prefix: "203.0.113.0/24", name: "Documentation (TEST-NET-3)", reachable: false },
  { prefix: "224.0.0.0/4", name: "Multicast", reachable: false },
  { prefix: "240.0.0.0/4", name: "Reserved", reachable: false },
  { prefix: "255.255.255.255/32", name: "Limited broadcast", reachable: false },

  { prefix: "::/128", name: "Unspecified", reachable: false },
  { prefix: "::1/128", name: "Loopback", reachable: false },
  { prefix: "::ffff:0:0/96", name: "IPv4-mapped", reachable: false },
  { prefix: "64:ff9b::/96", name: "NAT64", reachable: true },
  { prefix: "64:ff9b:1::/48", name: "NAT64, local use", reachable: false },
  { prefix: "100::/64", name: "Discard only", reachable: false },
  { prefix: "100:0:0:1::/64", name: "Dummy prefix", reachable: false },
  { prefix: "2001::/23", name: "IETF protocol assignments", reachable: false },
  { prefix: "2001::/32", name: "Teredo", reachable: false },
  { prefix: "2001:1::1/128", name: "Port Control Protocol anycast", reachable: true },
  { prefix: "2001:1::2/128", name: "TURN anycast", reachable: true },
  { prefix: "2001:1::3/128", name: "DNS-SD registration anycast", reachable: true },
  { prefix: "2001:2::/48", name: "Benchmarking", reachable: false },
  { prefix: "2001:3::/32", name: "AMT", reachable: true },
  { prefix: "2001:4:112::/48", name: "AS112-v6", reachable: true },
  { prefix: "2001:10::/28", name: "ORCHID, withdrawn", reachable: false },
  { prefix: "2001:20::/28", name: "ORCHIDv2", reachable: true },
  { prefix: "2001:30::/28", name: "Drone remote ID", reachable: true },
  { prefix: "2001:db8::/32", name: "Documentation", reachable: false },
  { prefix: "2002::/16", name: "6to4", reachable: false },
  { prefix: "2620:4f:8000::/48", name: "AS112 direct delegation", reachable: true },
  { prefix: "3fff::/20", name: "Documentation", reachable: false },
  { prefix: "5f00::/16", name: "Segment routing SIDs", reachable: false },
  { prefix: "fc00::/7", name: "Unique local", reachable: false },
  { prefix: "fe80::/10", name: "Link local", reachable: false },

  { prefix: "::/96", name: "IPv4-compatible, withdrawn", reachable: false },
  { prefix: "::ffff:0:0:0/96", name: "IPv4-translated", reachable: false },
  { prefix: "fec0::/10", name: "Site local, withdrawn", reachable: false },
  { prefix: "ff00::/8", name: "Multicast", reachable: false },
];

/** Where a block of IPv6 addresses keeps an IPv4 address: the byte offset, and whether it is inverted. */
const EMBEDDED_IPV4: readonly { block: Cidr; offset: number; inverted?: true }[] = [
  { block: readCidr("::ffff:0:0/96"), offset: 12 },
  { block: readCidr("::/96"), offset: 12 },
  { block: readCidr("::ffff:0:0:0/96"), offset: 12 },
  { block: readCidr("2002::/16"), offset: 2 },
  { block: readCidr("64:ff9b::/96"), offset: 12 },
  { block: readCidr("64:ff9b:1::/48"), offset: 12 },
  { block: readCidr("2001::/32"), offset: 4 },
  { block: readCidr("2001::/32"), offset: 12, inverted: true },
];

const MAPPED = readCidr("::ffff:0:0/96");
const GLOBAL_UNICAST = readCidr("2000::/3");
const SPECIAL_BY_LENGTH = SPECIAL_BLOCKS
  .map(({ prefix, reachable }) => ({ block: readCidr(prefix), reachable }))
  .sort((a, b) => b.block.bits - a.block.bits);

/**
 * Whether an IP literal, as resolved or dialled, is a public unicast address. Anything else is not:
 * special-purpose, multicast and reserved blocks, IPv6 outside 2000::/3 and NAT64, an address with a
 * zone, an IPv6 form around an IPv4 address that is not public, and text that is no IP literal.
 */
export function isPublicAddress(address: string): boolean {
  const bytes = parseAddress(address);
  return bytes !== undefined && isPublic(bytes);
}

function isPublic(bytes: Bytes): boolean {
  // The kernel dials a mapped address as the IPv4 address itself, so that alone is judged.
  if (inBlock(bytes, MAPPED)) return isPublic(bytes.subarray(12));
  const special = SPECIAL_BY_LENGTH.find(({ block }) => inBlock(bytes, block));
  if (special ? !special.reachable : bytes.length === 16 && !inBlock(bytes, GLOBAL_UNICAST)) {
    return false;
  }
  return embeddedIPv4(bytes).every(isPublic);
}

/**
 * Every IPv4 address, in dotted form, that an IPv6 address stands for or tunnels to; for IPv4, none.
 * @example embeddedAddresses("64:ff9b::a9fe:a9fe") // ["169.254.169.254"]
 */
export function embeddedAddresses(address: string): string[] {
  const bytes = parseAddress(address.replace(/%.*$/s, ""));
  return bytes ? embeddedIPv4(bytes).map((embedded) => embedded.join(".")) : [];
}

function embeddedIPv4(bytes: Bytes): Bytes[] {
  if (bytes.length === 4) return [];
  const found = EMBEDDED_IPV4.filter(({ block }) => inBlock(bytes, block)).map((form) => {
    const embedded = bytes.slice(form.offset, form.offset + 4);
    return form.inverted ? embedded.map((byte) => byte ^ 0xff) : embedded;
  });
  // ISATAP (RFC 5214 section 6.1) is a form of interface identifier, under any prefix.
  const isatap = (bytes[8]! & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e &&
    bytes[11] === 0xfe;
  if (isatap) found.push(bytes.slice(12));
  return found;
}

/**
 * Parses `192.0.2.0/24` or `2001:db8::/32`; a lone address is a block of one. Bits after the prefix are
 * ignored, as the Go program does. An IPv4-mapped block of /96 or longer is the IPv4 block that it means.
 * Throws a RangeError that quotes the text.
 */
export function parseCidr(text: string): Cidr {
  const block = readCidr(text);
  return block.bits >= 96 && inBlock(block.bytes, MAPPED)
    ? { bytes: block.bytes.slice(12), bits: block.bits - 96 }
    : block;
}

function readCidr(text: string): Cidr {
  const [address = "", length, ...rest] = text.split("/");
  const bytes = parseAddress(address);
  const most = bytes ? bytes.length * 8 : 0;
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  if (!bytes || rest.length > 0 || !(bits <= most)) {
    throw new RangeError(
      `Cannot parse address block "${text}": write it as 192.0.2.0/24 or 2001:db8::/32`,
    );
  }
  return { bytes, bits };
}

/** Whether an IP literal lies in a block. An IPv4-mapped address is the IPv4 address, a zone is ignored. */
export function matchesCidr(address: string, cidr: Cidr): boolean {
  const bytes = parseAddress(address.replace(/%.*$/s, ""));
  if (!bytes) return false;
  return inBlock(bytes, cidr) || (inBlock(bytes, MAPPED) && inBlock(bytes.subarray(12), cidr));
}

function inBlock(bytes: Bytes, { bytes: prefix, bits }: Cidr): boolean {
  if (bytes.length !== prefix.length) return false;
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) {
    if (bytes[index] !== prefix[index]) return false;
  }
  const shift = 8 - (bits & 7);
  return shift === 8 || (bytes[whole]! >> shift) === (prefix[whole]! >> shift);
}

/** The bytes of an IP literal in its textual form (RFC 4291 section 2.2), or undefined. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): Bytes | undefined {
  const parts = text.split(".");
  // A leading zero means octal to some resolvers and nothing to others: neither reading is safe.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) {
    return undefined;
  }
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined;
}

function parseIPv6(text: string): Bytes | undefined {
  const tail = text.slice(text.lastIndexOf(":") + 1);
  if (tail.includes(".")) {
    const last = parseIPv4(tail);
    if (!last) return undefined;
    const [high, low] = [(last[0]! << 8) | last[1]!, (last[2]! << 8) | last[3]!];
    return parseIPv6(text.slice(0, -tail.length) + `${high.toString(16)}:${low.toString(16)}`);
  }
  const halves = text.split("::").map((half) => half === "" ? [] : half.split(":"));
  const [head = [], rest] = halves;
  const missing = 8 - head.length - (rest?.length ?? 0);
  if (halves.length > 2 || (rest ? missing < 1 : missing !== 0)) return undefined;
  const groups = [...head, ...Array<string>(missing).fill("0"), ...(rest ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return Uint8Array.from(groups.flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  }));
}
