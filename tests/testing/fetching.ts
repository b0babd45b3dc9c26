// What the tests of the fetcher share: a fetcher beside an origin, and the shape of a failure.

import assert from "node:assert/strict";
import { type ErrorCode, ProxyError } from "../../src/errors.ts";
import {
  createOriginFetcher,
  type OriginFetcher,
  type OriginFetcherOptions,
} from "../../src/http/origin/original.ts";
import { type RawOrigin, type Respond, startRawOrigin } from "./raw_origin.ts";

export const UNSIGNED = { signed: false };

/** Runs a fetcher, which may go to private networks, against an origin and closes both. */
export async function withOrigin(
  respond: Respond,
  options: OriginFetcherOptions,
  run: (fetcher: OriginFetcher, origin: RawOrigin) => Promise<void>,
): Promise<void> {
  await using origin = startRawOrigin(respond);
  const fetcher = createOriginFetcher({ allowPrivateNetworks: true, ...options });
  try {
    await run(fetcher, origin);
  } finally {
    await fetcher.close();
  }
}

/** Checks, for assert.rejects(), that an error is a ProxyError of this code and message. */
export function fails(code: ErrorCode, message: string | RegExp, row?: string) {
  return (error: unknown): true => {
    assert.ok(error instanceof ProxyError, `${row ?? ""} not a ProxyError: ${error}`);
    assert.equal(error.code, code, `${row ?? ""} ${error.message}`);
    if (typeof message === "string") assert.equal(error.message, message, row);
    else assert.match(error.message, message, row);
    return true;
  };
}
