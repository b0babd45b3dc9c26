// Who may ask for what: expiry, referrer, denied and allowed hosts, signatures. Pure but for the keys'
// HMAC, so that the whole policy can be read, and tested, as one decision.
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { ProxyError } from "./errors.ts";
import { formatOptions } from "./options/parse.ts";
import type { ImageRequest } from "./request.ts";

export interface AccessPolicy {
  /** Whether this host needs no signature; undefined where no hosts are listed. */
  isAllowedHost?: ((hostname: string) => boolean) | undefined;
  isDeniedHost?: ((hostname: string) => boolean) | undefined;
  signatureKeys: readonly Uint8Array[];
  /** Accept only signatures that cover the options. */
  signedOptionsOnly?: boolean;
}

/**
 * Throws a ProxyError "expired" or "forbidden" unless the request may be served. Denied hosts always
 * lose; then an allowed host or a valid signature passes, and everything where neither is configured.
 */
export function authorise(
  request: ImageRequest,
  policy: AccessPolicy,
  { now }: { now: number },
): { signed: boolean } {
  checkExpiry(request, now);
  return judgeUrl(request, policy);
}

/** `authorise` for one policy, that works out once for each request object what does not change with time. */
export function createAuthoriser(
  policy: AccessPolicy,
): (request: ImageRequest, context: { now: number }) => { signed: boolean } {
  const passed = new WeakMap<ImageRequest, { signed: boolean }>();
  return (request, { now }) => {
    checkExpiry(request, now);
    let verdict = passed.get(request);
    if (verdict === undefined) passed.set(request, verdict = judgeUrl(request, policy));
    return verdict;
  };
}

function checkExpiry({ options }: ImageRequest, now: number): void {
  const { validUntil } = options;
  if (validUntil !== undefined && now >= validUntil * 1000) {
    throw new ProxyError("expired", "This URL is no longer valid");
  }
}

function judgeUrl(request: ImageRequest, policy: AccessPolicy): { signed: boolean } {
  const hostname = new URL(request.remoteUrl).hostname;
  if (policy.isDeniedHost?.(hostname)) throw notAllowed("host is denied");
  const signed = isSigned(request, policy);
  const open = !policy.isAllowedHost && policy.signatureKeys.length === 0;
  if (open || signed || policy.isAllowedHost?.(hostname)) return { signed };
  throw notAllowed("neither an allowed host nor a valid signature");
}

/**
 * Whether the request bears a valid signature: the HMAC-SHA256 under one of the keys of the remote URL
 * alone, or of `{remote URL}#{canonical options}`.
 */
export function isSigned(request: ImageRequest, policy: AccessPolicy): boolean {
  const { signature } = request.options;
  if (signature === undefined || policy.signatureKeys.length === 0) return false;
  const given = Buffer.from(signature, "base64url");
  let valid = false;
  for (const message of signedMessages(request, policy.signedOptionsOnly === true)) {
    for (const key of policy.signatureKeys) {
      const expected = createHmac("sha256", key).update(message).digest();
      if (given.length === expected.length && timingSafeEqual(given, expected)) valid = true;
    }
  }
  return valid;
}

/** The signature of a request under a key, in base64url without padding. */
export function sign(
  request: ImageRequest,
  key: Uint8Array,
  { urlOnly = false }: { urlOnly?: boolean } = {},
): string {
  const message = urlOnly
    ? request.remoteUrlAsSent
    : `${request.remoteUrlAsSent}#${formatOptions(request.options)}`;
  return createHmac("sha256", key).update(message).digest("base64url");
}

/** What a signature may cover: the URL as sent, and as it goes to the origin where that differs. */
function signedMessages(request: ImageRequest, signedOptionsOnly: boolean): string[] {
  const urls = new Set([request.remoteUrlAsSent, request.remoteUrl]);
  const options = formatOptions(request.options);
  return [...urls].flatMap((url) =>
    signedOptionsOnly ? [`${url}#${options}`] : [url, `${url}#${options}`]
  );
}

function notAllowed(reason: string): ProxyError {
  return new ProxyError("forbidden", "The requested URL is not allowed", { cause: reason });
}
