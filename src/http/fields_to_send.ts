// What clients are told of a stored response's lifetime. The origin's words pass unchanged while they are
// true; where they are not, the fields say the lifetime that this cache goes by.

import type { CacheControl } from "./cache_control.ts";
import { type Governing, ordinary } from "./governing.ts";
import type { HeaderMap } from "./header_map.ts";
import { formatHttpDate } from "./http_date.ts";
import { statedLifetime } from "./lifetime.ts";

export interface Told {
  readonly governing: Governing;
  /** The response's own, or when it came; in ms. */
  readonly date: number;
  /** In seconds; undefined where the response states none. */
  readonly stated: number | undefined;
  /** The lifetime, in seconds from birth, that this cache gives to the response itself. */
  readonly lifetime: number;
  /** The most that the redirects on the way to it let it have, in seconds from birth. */
  readonly limit: number;
  /** Directives of those redirects that bind everyone who keeps what they led to. */
  readonly restrictions: readonly string[];
  /** Directives of the response that those redirects do not let it keep. */
  readonly withdrawn: readonly string[];
  /** Whether `private` and `no-store` are overruled. */
  readonly forced: boolean;
  /** Whether the operator raises short lifetimes. */
  readonly raises: boolean;
}

/** What a redirect's directives forbid to those who keep what it led to. */
export function restrictionsOf(control: CacheControl): string[] {
  return [
    ...(control.noStore ? ["no-store"] : []),
    ...(control.private ? ["private"] : []),
    ...(control.noCache ? ["no-cache"] : []),
    ...(control.mustRevalidate ? ["must-revalidate"] : []),
    ...(control.proxyRevalidate ? ["proxy-revalidate"] : []),
  ];
}

/** Cache-Control, CDN-Cache-Control, Expires and Date, as far as there is something to say. */
export function fieldsToSend(headers: HeaderMap, told: Told): HeaderMap {
  const { governing, date, stated, raises, limit } = told;
  const lifetime = Math.min(told.lifetime, limit);
  const ours = restate(governing.control, { ...told, lifetime, stated });
  const fields = governing.isTargeted
    ? { "cdn-cache-control": ours.text, ...fieldsForOthers(headers, { ...told, lifetime }) }
    : {
      "cache-control": ours.text,
      // Where short lifetimes are raised, max-age alone speaks, as in the Go program.
      ...(ours.isRestated && raises
        ? {}
        : { expires: ours.isRestated ? expiresAt(date, lifetime) : headers.expires }),
    };
  const said = Object.entries(fields).filter(([name, value]) =>
    // Nobody is told when something expires who was not told before.
    value !== undefined && value !== "" && (name !== "expires" || headers.expires !== undefined)
  );
  return { date: formatHttpDate(date), ...Object.fromEntries(said) as HeaderMap };
}

/** What Cache-Control and Expires say to those whom CDN-Cache-Control does not mean. */
function fieldsForOthers(headers: HeaderMap, told: Told): Partial<HeaderMap> {
  const others = ordinary(headers);
  const stated = statedLifetime(others, { date: told.date, receivedAt: told.date }) ?? Infinity;
  const raised = told.raises && told.lifetime > stated ? told.lifetime : stated;
  const lifetime = Math.min(raised, told.limit);
  const { text, isRestated } = restate(others.control, {
    ...told,
    raises: false,
    lifetime,
    stated,
  });
  return { "cache-control": text, ...(isRestated ? {} : { expires: headers.expires }) };
}

/** A field of directives with another lifetime, where that differs, and with what redirects bind it to. */
function restate(
  control: CacheControl,
  { lifetime, stated, forced, raises, restrictions, withdrawn }: Told,
): { text: string; isRestated: boolean } {
  const unstored = !forced && (control.private || control.noStore);
  const seconds = Math.max(0, Math.floor(lifetime));
  const isRestated = (raises || stated !== seconds) && seconds !== Infinity && !control.noCache &&
    !unstored;

  const overruled = new Set<string>(withdrawn);
  if (forced) overruled.add("private").add("no-store");
  // Fields withheld from storage are withheld from clients: nothing is left for the form to say.
  if (!control.noCache) overruled.add("no-cache");
  if (!control.private) overruled.add("private");
  if (isRestated) overruled.add("max-age").add("s-maxage");
  const words = control.directives.filter(({ name }) => !overruled.has(name))
    .map(({ text }) => text);
  for (const name of restrictions) {
    const isOverruled = forced && (name === "private" || name === "no-store");
    if (!isOverruled && !words.includes(name)) words.push(name);
  }
  if (isRestated) words.push(`max-age=${seconds}`);
  return { text: words.join(", "), isRestated };
}

// The calendar of an HTTP-date ends with the year 9999.
function expiresAt(date: number, lifetime: number): string {
  const time = date + Math.max(0, Math.floor(lifetime)) * 1000;
  return formatHttpDate(Math.min(time, Date.UTC(9999, 11, 31, 23, 59, 59)));
}
