// What is looked at before anything else: whether a request came by the way that is meant for it, and what it
// asks for there.
import { ProxyError } from "../errors.ts";
import { targetOf } from "./app.ts";
import { bearerCheck } from "./bearer_token.ts";

export interface DoorOptions {
  /** The path below which everything is, without a slash at its end; empty for none. */
  pathPrefix: string;
  /** What requests must bear; empty for nothing. */
  bearerToken: string;
  /** Whether PURGE and DELETE are judged by a token of their own. */
  purges: boolean;
}

export type Entry =
  /** Below the prefix, path and query as received; undefined where the Host header is unfit. */
  | { target: string | undefined; refusal?: undefined }
  | { target: string | undefined; refusal: ProxyError }
  /** Where the client should have asked. */
  | { location: string };

export function createDoor(
  { pathPrefix, bearerToken, purges }: DoorOptions,
): (request: Request) => Entry {
  const isKnown = bearerToken === "" ? () => true : bearerCheck(bearerToken);
  return (request) => {
    const whole = targetOf(request);
    const isBelow = pathPrefix === "" || whole?.startsWith(`${pathPrefix}/`);
    const target = isBelow ? whole?.slice(pathPrefix.length) : whole;
    const isPurge = purges && (request.method === "PURGE" || request.method === "DELETE");
    if (!isPurge && !isKnown(request.headers.get("authorization"))) {
      const refusal = new ProxyError("unauthorised", "This server takes a bearer token");
      return { target, refusal };
    }
    if (whole === undefined || isBelow) return { target };
    // What is relative in the page is relative to its folder.
    if (whole === pathPrefix) return { location: `${pathPrefix}/` };
    return { target, refusal: new ProxyError("not_found", "There is nothing at this path") };
  };
}
