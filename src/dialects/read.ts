// A foreign URL becomes an image request: its words are written in this program's own grammar, and read by that.
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { ProxyError } from "../errors.ts";
import type { ImageRequest, ParseRequestSettings } from "../request/image_request.ts";
import { parseRequest } from "../request/image_request.ts";
import { type ForeignSignature, type ForeignTarget, malformedOption } from "./dialect.ts";
import type { Mount } from "./mounts.ts";

/** The mount whose path the target lies below, and what of the target is the dialect's; undefined for none. */
export function findMount(
  target: string,
  mounts: readonly Mount[],
): { mount: Mount; below: ForeignTarget } | undefined {
  const queryAt = target.indexOf("?");
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  const found = mounts
    .filter((mount) => mount.path.endsWith("/") ? path.startsWith(mount.path) : path === mount.path)
    .reduce<Mount | undefined>(
      (best, mount) => mount.path.length > (best?.path.length ?? 0) ? mount : best,
      undefined,
    );
  if (!found) return undefined;
  const query = queryAt < 0 ? "" : target.slice(queryAt);
  return { mount: found, below: { path: path.slice(found.path.length), query } };
}

/** Whether the target is a dialect's image though its path is `/`. */
export function isImageAtRoot(target: string, mounts: readonly Mount[]): boolean {
  if (!/^\/\?(?:.*&)?url=/s.test(target)) return false;
  return findMount(target, mounts)?.mount.dialect.inQuery === true;
}

/** The target of this program's own that means the same as a foreign one. */
export function translate(
  below: ForeignTarget,
  { mount, ignoreUnknown }: { mount: Mount; ignoreUnknown: boolean },
): { target: string; signature: ForeignSignature | undefined } {
  const { tokens: all, remote, signature } = mount.dialect.read(below, { ignoreUnknown });
  const tokens = ignoreUnknown ? all.filter(isOne) : all;
  const several = tokens.find((token) => !isOne(token));
  if (several !== undefined) throw malformedOption(several, "no option here holds a comma");
  const options =
    withoutEnlarging(tokens).map((token) => encodeURIComponent(token).replaceAll("%3A", ":"))
      .join(",") || "x";
  // A relative one could be taken for base64url, unless it is.
  const isAbsolute = /^https?:\/\//i.test(remote);
  const written = isAbsolute
    ? encodeURIComponent(remote)
    : Buffer.from(remote).toString("base64url");
  return { target: `/${options}/${written}`, signature };
}

/** Whether a token, which may hold a text of the URL, is read as no more than one. */
function isOne(token: string): boolean {
  return !token.includes(",");
}

/** What names a size: tokens by which a picture could be enlarged. */
const SIZES = /^(?:[\d.]*x[\d.]*|(?:zoom|min|ar|resize):.*)$/;

/** Where the server has its pictures enlarged, foreign URLs have only those that say so themselves. */
function withoutEnlarging(tokens: readonly string[]): readonly string[] {
  const enlarges = tokens.includes("scaleUp") || !tokens.some((token) => SIZES.test(token));
  return enlarges ? tokens : [...tokens, "noScaleUp"];
}

/**
 * The image request of a foreign URL. Throws a ProxyError "malformed" that names what cannot be read, and
 * "forbidden" where a key is set and the URL does not bear a signature of it.
 */
export function readForeign(
  below: ForeignTarget,
  { mount, grammar }: { mount: Mount; grammar: ParseRequestSettings },
): ImageRequest {
  const { target, signature } = translate(below, {
    mount,
    ignoreUnknown: grammar.ignoreUnknown === true,
  });
  const request = parseRequest(target, grammar);
  if (mount.keys.length === 0) return { ...request, dialect: { name: mount.name, signed: false } };
  if (!signature || !mount.keys.some((key) => isValid(signature, key))) {
    throw new ProxyError("forbidden", `This server answers only signed ${mount.name} URLs`);
  }
  return { ...request, dialect: { name: mount.name, signed: true } };
}

function isValid({ bytes, expected }: ForeignSignature, key: string): boolean {
  return expected(key).some((right) =>
    right.length === bytes.length && timingSafeEqual(right, bytes)
  );
}
