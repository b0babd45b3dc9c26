// Bearer tokens (RFC 6750), compared so that the time it takes tells nothing of them.
import { createHash, timingSafeEqual } from "node:crypto";

/** A test of Authorization headers for one token. */
export function bearerCheck(token: string): (authorization: string | null | undefined) => boolean {
  const expected = digest(`Bearer ${token}`);
  return (authorization) =>
    timingSafeEqual(digest((authorization ?? "").replace(/^bearer +/i, "Bearer ")), expected);
}

/** Of equal length, so that the comparison takes the same time for every guess. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
