// What is looked at before anything else: whether a request came by the way that is meant for it, and what it
// asks for there.
import { ProxyError } from "../errors.ts";
import { isCircle, serversOnTheWay } from "../http/cdn_loop.ts";
import type { HeaderMap } from "../http/header_map.ts";
import { targetOf } from "./app.ts";
import { bearerCheck } from "./bearer_token.ts";

export interface DoorOptions {
  /** The path below which everything is, without a slash at its end; empty for none. */
  pathPrefix: string;
  /** What requests must bear; empty for nothing. */
  bearerToken: string;
  /** Whether PURGE and DELETE are judged by a token of their own. */
  purges: boolean;
  /** Bytes of the names and values of a request's headers. */
  maxHeaderBytes: number;
  /** Lower-case names of the headers that anything behind the door looks at. */
  heededHeaders: readonly string[];
  /** What this server calls itself towards origins. */
  cdnId: string;
}

export type Entry =
  /** Below the prefix, path and query as received; undefined where the Host header is unfit. */
  | { target: string | undefined; fields: HeaderMap; refusal?: undefined }
  | { target: string | undefined; refusal: ProxyError }
  /** Where the client should have asked. */
  | { location: string };

export function createDoor(
  { pathPrefix, bearerToken, purges, maxHeaderBytes, heededHeaders, cdnId: id }: DoorOptions,
): (request: Request) => Entry {
  const heeded = new Set(heededHeaders);
  const isKnown = bearerToken === "" ? () => true : bearerCheck(bearerToken);
  return (request) => {
    const whole = targetOf(request);
    const isBelow = pathPrefix === "" || whole?.startsWith(`${pathPrefix}/`);
    const target = isBelow ? whole?.slice(pathPrefix.length) : whole;
    const fields = readFields(request.headers, { heeded, maxHeaderBytes });
    if (fields instanceof ProxyError) return { target, refusal: fields };
    if (isCircle(serversOnTheWay(fields["cdn-loop"]), { id })) {
      const refusal = new ProxyError("circle", "The request has come back to where it came from");
      return { target, refusal };
    }
    const isPurge = purges && (request.method === "PURGE" || request.method === "DELETE");
    if (!isPurge && !isKnown(request.headers.get("authorization"))) {
      const refusal = new ProxyError("unauthorised", "This server takes a bearer token");
      return { target, refusal };
    }
    if (whole === undefined || isBelow) return { target, fields };
    // What is relative in the page is relative to its folder.
    if (whole === pathPrefix) return { location: `${pathPrefix}/` };
    return { target, refusal: new ProxyError("not_found", "There is nothing at this path") };
  };
}

/**
 * Those fields that are heeded, read in one go: to look at each of many twice costs more than a hit in memory. A
 * refusal where all together are too large.
 */
function readFields(
  headers: Headers,
  { heeded, maxHeaderBytes }: Pick<DoorOptions, "maxHeaderBytes"> & { heeded: ReadonlySet<string> },
): HeaderMap | ProxyError {
  const fields: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of headers) {
    bytes += name.length + value.length;
    if (heeded.has(name)) fields[name] = value;
  }
  return bytes <= maxHeaderBytes ? fields : new ProxyError(
    "headers_too_large",
    `The request's headers are larger than ${maxHeaderBytes} bytes`,
  );
}

/** Why a request of these headers is not looked at; undefined where it is. */
export function refuseHeaders(
  headers: Headers,
  { maxHeaderBytes }: Pick<DoorOptions, "maxHeaderBytes">,
): ProxyError | undefined {
  const read = readFields(headers, { heeded: new Set(), maxHeaderBytes });
  return read instanceof ProxyError ? read : undefined;
}
