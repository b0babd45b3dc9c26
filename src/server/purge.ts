// Removing an image from the cache over HTTP: PURGE or DELETE of any URL that shows it.
import type { PurgeHandler } from "./app.ts";
import type { Removal } from "../cache/removal.ts";
import { ProxyError } from "../errors.ts";
import { bearerCheck } from "./bearer_token.ts";
import { SAFE_HEADERS } from "../http/respond.ts";
import { cachedUrl } from "../request/image_request.ts";
import type { RequestReader } from "../request/reader.ts";

export interface PurgeOptions {
  /** What `Authorization: Bearer …` must hold. */
  token: string;
  /** Reads a target as the server does that shows the image. */
  read: RequestReader;
  purge(url: string): Promise<Removal>;
}

/**
 * Removes the original that a target names and all its results, whatever the options of the target.
 * Throws a ProxyError "forbidden" without the token, and "busy" where a cache could not do it.
 */
export function createPurgeHandler({ token, read, purge }: PurgeOptions): PurgeHandler {
  const mayPurge = bearerCheck(token);
  return async (target, authorization) => {
    if (!mayPurge(authorization)) {
      throw new ProxyError("forbidden", "Purging takes the bearer token of this server");
    }
    const { removed, failed, servers } = await purge(cachedUrl(read(target)));
    if (failed.length > 0) {
      const stores = failed.map(({ store }) => store).join(", ");
      throw new ProxyError("busy", `Not everything could be removed, try again: ${stores}`, {
        cause: failed[0]?.cause,
        retryAfter: 5,
      });
    }
    const headers = {
      ...SAFE_HEADERS,
      "content-type": "application/json",
      "cache-control": "no-store",
    };
    return { status: 200, headers, body: JSON.stringify({ removed, servers }) };
  };
}
