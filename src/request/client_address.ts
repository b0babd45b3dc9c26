// Who is asking: the address of the connection, or the one that a proxy in front has noted down. What
// clients write into X-Forwarded-For themselves counts for nothing.
import { type Cidr, matchesCidr, parseAddress, parseCidr } from "../http/address.ts";

/** The other end of a connection: an IP address, or undefined for a Unix socket. */
export type Peer = string | undefined;

/**
 * A function from a connection's peer and its X-Forwarded-For to the client's address. `trusted` lists the
 * addresses and blocks of the proxies in front, and `unix` for whatever connects to a Unix socket. Throws
 * a RangeError that quotes a bad entry.
 */
export function createClientAddress(
  trusted: readonly string[],
): (peer: Peer, forwardedFor: string | undefined) => string {
  const trustsUnix = trusted.includes("unix");
  const blocks = trusted.filter((entry) => entry !== "unix").map(parseBlock);
  const isTrusted = (address: Peer) =>
    address === undefined ? trustsUnix : blocks.some((block) => matchesCidr(address, block));

  return (peer, forwardedFor = "") => {
    let client = peer;
    // Each proxy adds its peer at the end, so only what trusted proxies wrote is read, from the right.
    for (const hop of forwardedFor.split(",").reverse()) {
      const address = hop.trim().replace(/^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/, "$1$2");
      if (!isTrusted(client) || !parseAddress(address)) break;
      client = address;
    }
    return client ?? "unix";
  };
}

function parseBlock(entry: string): Cidr {
  try {
    return parseCidr(entry);
  } catch (cause) {
    throw new RangeError(
      `Cannot parse trusted proxy "${entry}": write 192.0.2.1, 10.0.0.0/8 or unix`,
      { cause },
    );
  }
}
