// A server that is led back to itself, by a URL or a redirect, would wait for itself: every request to an origin
// says through which servers it came (CDN-Loop, RFC 8586), and one that comes back is known by that.

/** What servers of this program call themselves, each with an end of its own. */
const NAME = /^imageproxy-[\da-f]{16}$/;
/** Servers of this program that may ask one another in turn: more are a circle, whoever is in it. */
const MOST_SERVERS = 10;

/** A name that no other server has. */
export function createCdnId(): string {
  return `imageproxy-${crypto.getRandomValues(new Uint8Array(8)).toHex()}`;
}

/**
 * The servers of this program that a request has come through, as a CDN-Loop field says; undefined for none. Other
 * networks are left out: what passes one on its way in and another time on its way out has gone in no circle.
 */
export function serversOnTheWay(field: string | undefined): string | undefined {
  if (field === undefined) return undefined;
  const ids = field.split(",").map((info) => info.split(";", 1)[0]!.trim().toLowerCase());
  return ids.filter((id) => NAME.test(id)).join(", ") || undefined;
}

/** Whether a request that came through these servers has gone in a circle. */
export function isCircle(servers: string | undefined, { id }: { id: string }): boolean {
  const ids = servers?.split(", ") ?? [];
  return ids.includes(id) || ids.length >= MOST_SERVERS;
}

/** The field of a request that goes on from the server of this id. */
export function cdnLoop(servers: string | undefined, { id }: { id: string }): string {
  return servers === undefined ? id : `${servers}, ${id}`;
}
