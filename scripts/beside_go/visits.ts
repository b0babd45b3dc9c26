// The same picture asked for several times, as browsers and caches do: first as it is, then again, under a
// condition, its head alone, or a part of it. The origin says much about how long it may be kept.
import type { Dice } from "../compare/random_urls.ts";
import type { Origin } from "./origin.ts";
import type { Asked } from "./wire.ts";

const MODIFIED = "Mon, 02 Nov 2026 10:00:00 GMT";
const LATER = "Thu, 01 Dec 2033 16:00:00 GMT";

/** What the origin says of a picture's life, by the name that stands in the path behind `/c/`. */
export const LIVES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  silent: {},
  etag: { ETag: '"one"' },
  weak: { ETag: 'W/"one"' },
  dated: { "Last-Modified": MODIFIED },
  both: { ETag: '"one"', "Last-Modified": MODIFIED },
  minute: { "Cache-Control": "max-age=60" },
  minute_etag: { "Cache-Control": "max-age=60", ETag: '"one"' },
  minute_both: { "Cache-Control": "public, max-age=60", ETag: '"one"', "Last-Modified": MODIFIED },
  immutable: { "Cache-Control": "max-age=31536000, immutable", ETag: '"one"' },
  shared: { "Cache-Control": "max-age=0, s-maxage=60", ETag: '"one"' },
  short_shared: { "Cache-Control": "max-age=60, s-maxage=0", ETag: '"one"' },
  zero: { "Cache-Control": "max-age=0", ETag: '"one"' },
  zero_dated: { "Cache-Control": "max-age=0", "Last-Modified": MODIFIED },
  zero_silent: { "Cache-Control": "max-age=0" },
  no_cache: { "Cache-Control": "no-cache", ETag: '"one"' },
  no_cache_silent: { "Cache-Control": "no-cache" },
  revalidated: { "Cache-Control": "max-age=0, must-revalidate", ETag: '"one"' },
  no_store: { "Cache-Control": "no-store", ETag: '"one"' },
  private: { "Cache-Control": "private, max-age=60", ETag: '"one"' },
  expires: { Expires: LATER, ETag: '"one"' },
  expired: { Expires: "Mon, 02 Nov 2020 10:00:00 GMT", ETag: '"one"' },
  expires_zero: { Expires: "0", ETag: '"one"' },
  expires_outdone: { Expires: LATER, "Cache-Control": "max-age=0", ETag: '"one"' },
  aged: { "Cache-Control": "max-age=60", Age: "30", ETag: '"one"' },
  stale: { "Cache-Control": "max-age=60", Age: "100", ETag: '"one"' },
  varied: { "Cache-Control": "max-age=60", Vary: "Accept-Language", ETag: '"one"' },
  varied_always: { "Cache-Control": "max-age=60", Vary: "*", ETag: '"one"' },
  pragma: { Pragma: "no-cache", ETag: '"one"' },
  odd: { "Cache-Control": "max-age=minute, ,=,", ETag: '"one"' },
  unquoted: { "Cache-Control": "max-age=60", ETag: "one" },
  bad_date: { "Cache-Control": "max-age=60", "Last-Modified": "yesterday" },
};

/** The life that a target asks for, and the status that it has there; undefined for other targets. */
export function lifeOf({ target }: Asked): { kind: string; status: string } | undefined {
  const [, kind, status] = /\/c\/(\w+)\/(\d+)\//.exec(target) ?? [];
  return kind === undefined || status === undefined ? undefined : { kind, status };
}

/** What a request for the picture is told that says that it has it already. */
export function isUnchanged(
  { ETag: tag, "Last-Modified": modified }: Readonly<Record<string, string>>,
  head: string,
): boolean {
  const field = (name: string) => new RegExp(`^${name}: *(.*?)\r?$`, "im").exec(head)?.[1];
  const known = field("if-none-match");
  if (known !== undefined) return tag !== undefined && known === tag;
  return modified !== undefined && field("if-modified-since") === modified;
}

/** A range that no picture here has. */
export const BEYOND = "bytes=9999999-";

let visits = 0;

/** Requests for one picture that nobody has asked for before. */
export function visited({ pick, whole, perhaps }: Dice, { url }: Origin): readonly Asked[] {
  const kind = pick(Object.keys(LIVES));
  const status = perhaps(0.1, () => pick(["404", "500", "204", "301"]))[0] ?? "200";
  const name = pick(["wide.jpg", "small.png", "still.gif"]);
  const target = `/${
    pick(["x", "x", "40x", "30x20,png"])
  }/${url}/c/${kind}/${status}/${++visits}/${name}`;
  const first: Asked = { target, headers: kind === "varied" ? { "Accept-Language": "de" } : {} };
  const again = (): Asked => ({
    target,
    ...perhaps(0.25, () => ({ method: "HEAD" }))[0],
    headers: Object.fromEntries([
      ...perhaps<Field>(
        0.35,
        () => ["If-None-Match", pick(["{etag}", '"one"', '"x"', "*", 'W/"one"'])],
      ),
      ...perhaps<Field>(0.3, () => [
        "If-Modified-Since",
        pick(["{last-modified}", MODIFIED, "Mon, 02 Nov 2020 10:00:00 GMT", "never"]),
      ]),
      ...perhaps<Field>(
        0.2,
        () => ["Range", pick(["bytes=0-9", "bytes=5-", "bytes=-7", BEYOND, "a=1"])],
      ),
      ...perhaps<Field>(
        0.15,
        () => ["Cache-Control", pick(["no-cache", "max-age=0", "only-if-cached"])],
      ),
      ...perhaps<Field>(0.1, () => ["Pragma", "no-cache"]),
      ...perhaps<Field>(kind === "varied" ? 0.6 : 0, () => ["Accept-Language", pick(["de", "fr"])]),
    ]),
  });
  return [first, ...Array.from({ length: whole(1, 3) }, again)];
}

type Field = readonly [name: string, value: string];
