// Who may ask for what: expiry, referrer, denied and allowed hosts, signatures, permitted pictures. Pure but
// for the keys' HMAC, so that the whole policy can be read, and tested, as one decision.
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { ProxyError } from "../errors.ts";
import { placeOf } from "../http/place.ts";
import { printedByGo } from "./go_url.ts";
import { formatOptions, parseOptions } from "../options/parse.ts";
import { USUAL_SIMILARITY } from "../options/quality.ts";
import { type OptionName, OPTIONS } from "../options/table.ts";
import type { ImageRequest } from "./image_request.ts";
import type { OverlayRequest } from "./overlays.ts";

export interface AccessPolicy {
  /** Whether this host, or source with its colon, needs no signature; undefined where none are listed. */
  isAllowedHost?: ((place: string) => boolean) | undefined;
  isDeniedHost?: ((place: string) => boolean) | undefined;
  /** Whether pages of this host may show images; undefined where any page may. */
  isReferrer?: ((hostname: string) => boolean) | undefined;
  signatureKeys: readonly Uint8Array[];
  /** Whether there are keys of other grammars, whose signatures are judged where those are read. */
  signsElsewhere?: boolean;
  /** Accept only signatures that cover the options. */
  signedOptionsOnly?: boolean;
  /** The canonical sizes that may be asked for without a signature; undefined for all. */
  sizes?: ReadonlySet<string> | undefined;
  /** Without a signature, answer only requests for a preset and nothing besides. */
  presetsOnly?: boolean;
}

/** What a decision needs besides the URL. */
export interface AccessContext {
  /** Milliseconds since 1970. */
  now: number;
  /** The request's Referer header. */
  referer?: string | undefined;
}

/**
 * Throws a ProxyError "expired" or "forbidden" unless the request may be served. Referrers that are not
 * listed and denied hosts always lose; then an allowed host or a valid signature passes, and everything
 * where neither is configured. What is not signed must be one of the permitted pictures.
 */
export function authorise(
  request: ImageRequest,
  policy: AccessPolicy,
  { now, referer }: AccessContext,
): Verdict {
  checkPassing(request, policy, { now, referer });
  return judgeUrl(request, policy);
}

export interface Verdict {
  /** Whether a signature opens the remote URL, whichever host it is of. */
  signed: boolean;
  /** Whether it covers the options too, and so what they lay over the picture. */
  signsOptions: boolean;
}

export type Authoriser = (request: ImageRequest, context: AccessContext) => Verdict;

/** `authorise` for one policy, that works out once for each request object what the URL alone decides. */
export function createAuthoriser(policy: AccessPolicy): Authoriser {
  const passed = new WeakMap<ImageRequest, Verdict>();
  return (request, context) => {
    checkPassing(request, policy, context);
    let verdict = passed.get(request);
    if (verdict === undefined) passed.set(request, verdict = judgeUrl(request, policy));
    return verdict;
  };
}

/** What may change from one request for a URL to the next: the time, and the page that shows the image. */
function checkPassing(
  { asked }: ImageRequest,
  { isReferrer }: AccessPolicy,
  { now, referer }: AccessContext,
): void {
  if (asked.validUntil !== undefined && now >= asked.validUntil * 1000) {
    throw new ProxyError("expired", "This URL is no longer valid");
  }
  if (isReferrer && !isReferrer(URL.parse(referer ?? "")?.hostname ?? "")) {
    throw notAllowed("the referring page's host is not listed");
  }
}

function judgeUrl(request: ImageRequest, policy: AccessPolicy): Verdict {
  const place = placeOf(request.remoteUrl);
  if (policy.isDeniedHost?.(place)) throw notAllowed("host is denied");
  const covered = request.dialect?.signed === true ? "options" : signatureOver(request, policy);
  const signed = covered !== undefined;
  const signsOptions = covered === "options";
  if (!isOpen(policy) && !signed && !policy.isAllowedHost?.(place)) {
    throw notAllowed(whyNotSigned(request, policy));
  }
  for (const overlay of request.overlays ?? []) {
    checkOther(overlay, { what: "overlay", policy, signsOptions });
  }
  const { fallback } = request;
  if (fallback) checkOther(fallback, { what: "fallback image", policy, signsOptions });
  if (!signed) checkPicture(request, policy);
  return { signed, signsOptions };
}

/** Whether all hosts are open to all who ask. */
function isOpen({ isAllowedHost, signatureKeys, signsElsewhere }: AccessPolicy): boolean {
  return !isAllowedHost && signatureKeys.length === 0 && !signsElsewhere;
}

/** What lies over a picture, or may take its place, passes the same rules, unless the operator has given it a name. */
function checkOther(
  { remoteUrl, isNamed }: OverlayRequest,
  { what, policy, signsOptions }: { what: string; policy: AccessPolicy; signsOptions: boolean },
): void {
  if (isNamed) return;
  const place = placeOf(remoteUrl);
  const isDenied = policy.isDeniedHost?.(place) === true;
  if (!isDenied && (signsOptions || isOpen(policy) || policy.isAllowedHost?.(place))) return;
  throw new ProxyError("forbidden", `The URL of the ${what} is not allowed`, {
    cause: isDenied ? "host is denied" : "neither an allowed host nor a signature over the options",
  });
}

/** The canonical forms of a list of sizes such as `200x` and `100x100`; throws a RangeError that quotes a bad one. */
export function parseSizes(entries: readonly string[]): ReadonlySet<string> {
  return new Set(entries.map((entry) => {
    try {
      const { size, ...others } = parseOptions(entry);
      if (size && Object.keys(others).length === 0) return OPTIONS.size.format(size)[0]!;
    } catch {
      // Told below, like every other text that is no size.
    }
    throw new RangeError(`Cannot parse size "${entry}": write 200x100, 200x, x100 or 100`);
  }));
}

/** Refuses pictures that only a signature may ask for, lest a cache be filled by counting up pixels. */
function checkPicture({ asked }: ImageRequest, { sizes, presetsOnly }: AccessPolicy): void {
  if (presetsOnly) {
    const { signature: _signature, validUntil: _validUntil, preset, ...others } = asked;
    if (preset === undefined || Object.keys(others).length > 0) {
      throw new ProxyError(
        "forbidden",
        "Without a signature this server answers only preset:{name}",
      );
    }
  }
  if (!sizes) return;
  const [size] = asked.size ? OPTIONS.size.format(asked.size) : [];
  if (size !== undefined && size !== "0x0" && !sizes.has(size)) {
    throw new ProxyError(
      "forbidden",
      `The size ${size} is not one of those that this server makes without a signature`,
    );
  }
  const free = Object.keys(asked).find((name) =>
    !WITH_LISTED_SIZES.has(name as OptionName) ||
    // An offset could be counted up, and so could a similarity and a frame.
    (name === "gravity" && (asked.gravity?.x !== 0 || asked.gravity.y !== 0)) ||
    (name === "quality" && typeof asked.quality === "object" &&
      asked.quality.target !== USUAL_SIMILARITY) ||
    (name === "frame" && asked.frame !== 0)
  );
  if (free !== undefined) {
    const { syntax } = OPTIONS[free as OptionName];
    throw new ProxyError("forbidden", `This server takes ${syntax} only with a signature`);
  }
}

/** Of what goes with a listed size no option has more than a hundred values: the rest could be counted up. */
const WITH_LISTED_SIZES: ReadonlySet<OptionName> = new Set([
  ...["size", "fit", "smartCrop", "scaleUp", "noScaleUp", "gravity", "rotate"] as const,
  ...["adapt", "within", "evenHalves", "roundDown", "reckon", "noTurn"] as const,
  ...["flipVertical", "flipHorizontal", "quality", "format", "basic", "lossless"] as const,
  ...["progressive", "profile", "metadata", "frame", "preset", "validUntil"] as const,
  ...["signature", "download"] as const,
  ...["info", "blurhash", "thumbhash", "lqip", "color", "palette"] as const,
]);

/**
 * Whether the request bears a valid signature: the HMAC-SHA256 under one of the keys of the remote URL
 * alone, or of the remote URL, `#`, and the options, in canonical form or as they were sent.
 */
export function isSigned(request: ImageRequest, policy: AccessPolicy): boolean {
  return signatureOver(request, policy) !== undefined;
}

/** What the request's signature covers, where that is valid. */
function signatureOver(
  request: ImageRequest,
  policy: AccessPolicy,
): "url" | "options" | undefined {
  const { signature } = request.asked;
  if (signature === undefined || policy.signatureKeys.length === 0) return undefined;
  const given = Buffer.from(signature, "base64url");
  let covered: "url" | "options" | undefined;
  for (const message of signedMessages(request, policy)) {
    for (const key of policy.signatureKeys) {
      const expected = createHmac("sha256", key).update(message).digest();
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) continue;
      covered = message.includes("#") ? "options" : "url";
    }
  }
  return covered;
}

/** The signature of a request under a key, in base64url without padding. */
export function sign(
  request: ImageRequest,
  key: Uint8Array,
  { urlOnly = false }: { urlOnly?: boolean } = {},
): string {
  const message = urlOnly
    ? request.remoteUrlAsSent
    : `${request.remoteUrlAsSent}#${formatOptions(request.asked)}`;
  return createHmac("sha256", key).update(message).digest("base64url");
}

/**
 * What a signature may cover: the URL as sent, as it goes to the origin, and as the Go program prints it.
 * No such URL holds a #, so what was signed with options can never pass for a URL without.
 */
function signedMessages(
  request: ImageRequest,
  { signedOptionsOnly }: Pick<AccessPolicy, "signedOptionsOnly">,
): Set<string> {
  const { remoteUrlAsSent, remoteUrl } = request;
  const options = [formatOptions(request.asked), withoutSignature(request.optionsAsSent)];
  const urls = new Set([remoteUrlAsSent, remoteUrl, printedByGo(remoteUrlAsSent)]);
  return new Set(
    [...urls].flatMap((url) => [
      ...(signedOptionsOnly ? [] : [url]),
      ...options.map((text) => `${url}#${text}`),
    ]),
  );
}

/** Option tokens as they were written, less the signature. */
export function withoutSignature(optionsAsSent: string): string {
  return optionsAsSent.split(",").filter((token) => !/^s[\w-]{43}=?$/.test(token)).join(",");
}

/** For the operator's log, why a signature is refused: what would have been signed, letter for letter. */
function whyNotSigned(request: ImageRequest, policy: AccessPolicy): string {
  const reason = "neither an allowed host nor a valid signature";
  if (request.asked.signature === undefined || policy.signatureKeys.length === 0) return reason;
  const messages = [...signedMessages(request, policy)].map((message) => JSON.stringify(message));
  return `${reason}: it is the HMAC-SHA256 under no key of any of ${messages.join(", ")}`;
}

function notAllowed(reason: string): ProxyError {
  return new ProxyError("forbidden", "The requested URL is not allowed", { cause: reason });
}
