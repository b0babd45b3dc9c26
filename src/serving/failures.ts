// Errors that will not pass within seconds, so that nobody is asked, and nothing tried, again and again. They
// are kept in memory only: an error is worth no write to a backend.
import { createMemoryTier } from "../cache/memory_tier.ts";
import { ProxyError } from "../errors.ts";
import { matchesVary, selectVary, variantOf } from "../http/vary.ts";
import type { Sought } from "./variants.ts";

export interface Failure {
  readonly error: ProxyError;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** The headers of a request that it depends on, as in Vary. */
  readonly vary?: string | undefined;
  /** When the origin wants to be asked again, in ms since 1970. */
  readonly retryAt?: number | undefined;
}

export interface Failures {
  /** The error that answers what is sought, with the seconds for which it does. */
  find(sought: Where): ProxyError | undefined;
  remember(sought: Where, failure: Failure): void;
  /** Forgets those under keys that begin so. */
  forget(prefix: string): void;
}

/** Whom an error answers: who asks for the same, in the same lane, with headers that make no difference. */
export interface Where extends Pick<Sought, "key" | "sent"> {
  /** What of the request errors depend on besides its headers. */
  readonly errorLane: string;
}

interface Kept extends Failure {
  readonly selected: Readonly<Record<string, string>>;
}

/** What the errors may take up in memory, and about what each does besides its words, in bytes. */
const MAX_BYTES = 8_000_000;
const OVERHEAD = 800;

export function createFailures({ now }: { now: () => number }): Failures {
  const kept = createMemoryTier<Kept>({
    maxBytes: MAX_BYTES,
    size({ error, vary = "" }, place) {
      const words = error.message + String(error.cause ?? "");
      return OVERHEAD + 2 * (place.length + vary.length + words.length);
    },
    now,
  });

  // As with variants: the first in its place says what the others are told apart by.
  function placeOf({ key, sent, errorLane }: Where): { place: string; here: Kept | undefined } {
    const first = key + errorLane;
    const failure = kept.get(first);
    if (failure === undefined || failure.until <= now() || answers(failure, sent)) {
      return { place: first, here: failure };
    }
    const other = `${first} ${JSON.stringify(variantOf(failure.vary, sent))}`;
    return { place: other, here: kept.get(other) };
  }

  function answers({ vary, selected }: Kept, sent: Sought["sent"]): boolean {
    return vary === undefined || matchesVary(vary, { selected, request: sent });
  }

  return {
    find(sought) {
      const { here } = placeOf(sought);
      const time = now();
      if (here === undefined || here.until <= time || !answers(here, sought.sent)) return undefined;
      const { error, until, vary, retryAt } = here;
      return new ProxyError(error.code, error.message, {
        cause: error.cause,
        lasts: { seconds: Math.floor((until - time) / 1000), vary },
        ...(retryAt === undefined ? {} : { retryAfter: secondsUntil(retryAt, time) }),
      });
    },
    remember(sought, failure) {
      if (failure.until <= now()) return;
      const selected = selectVary(failure.vary, sought.sent) ?? {};
      kept.set(placeOf(sought).place, { ...failure, selected });
    },
    forget(prefix) {
      for (const key of [...kept.keys()]) if (key.startsWith(prefix)) kept.delete(key);
    },
  };
}

export function secondsUntil(moment: number, now: number): number {
  return Math.max(0, Math.ceil((moment - now) / 1000));
}
