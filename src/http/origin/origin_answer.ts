// What an origin's status, and its word on the length of a body, mean.

import { ProxyError } from "../../errors.ts";

/** Whether an answer of this status holds an original. */
export function isOriginal(status: number): boolean {
  return status === 200 || status === 203;
}

/** The length in bytes that an answer says its body has; undefined where it says none. */
export function declaredLength(headers: Readonly<Record<string, string>>): number | undefined {
  const value = headers["content-length"];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** What it means for the client that the origin answered with anything but an image; the cause is the status. */
export function statusError(status: number, retryAfter?: number): ProxyError {
  const code = status === 404 || status === 410 ? "not_found" : "bad_origin";
  return new ProxyError(code, `The origin answered ${status}`, {
    cause: status,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}
