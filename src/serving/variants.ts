// Where the variants of one response lie: the first under the plain key, whose Vary says what all of them are
// told apart by (RFC 9111 section 4.1), each other under a key of its own.
import { createKeyQueue } from "../cache/drivers/key_queue.ts";
import type { EntryMeta } from "../cache/entry.ts";
import type { TieredCache } from "../cache/tiers.ts";
import type { Body, BodyUse, StreamedBody } from "../http/body.ts";
import type { HeaderMap } from "../http/header_map.ts";
import { matchesVary, selectVary, variantOf, varyOf } from "../http/vary.ts";
import type { CachedResponse } from "./cached_response.ts";

/** What a stored response is found by. */
export interface Sought {
  readonly key: string;
  /** The key of the variant that these words tell apart. */
  variantKey(variant: HeaderMap): string;
  /** The client's headers that go to the origin, by which Vary selects. */
  readonly sent: HeaderMap;
  /** Whether a signature opens what the lists of hosts do not. */
  readonly signed: boolean;
}

export type Stored = CachedResponse<Body> | undefined;

export interface Variants {
  /** The stored response for what is sought, fresh or not. */
  find(sought: Sought, options: FindOptions): Stored | Promise<Stored>;
  /** Only if it is the first variant, and in memory. */
  peek(sought: Omit<Sought, "variantKey">): CachedResponse | undefined;
  /** Stores a response where it will be found, unless by then it is not wanted any more. */
  store(
    sought: Sought,
    response: CachedResponse,
    isWanted: () => boolean,
  ): void | Promise<void>;
}

export interface FindOptions {
  readonly bodyUse: BodyUse;
  readonly signal?: AbortSignal | undefined;
}

export interface VariantsOptions {
  readonly cache: TieredCache<CachedResponse, CachedResponse<StreamedBody>>;
  /** Whether who bears a signature, or none, might fetch what led to a response. */
  isOpen(meta: EntryMeta, to: { signed: boolean }): boolean;
}

export function createVariants({ cache, isOpen }: VariantsOptions): Variants {
  const placing = createKeyQueue();

  function selects({ meta }: CachedResponse<Body>, { sent, signed }: Omit<Sought, "variantKey">) {
    const vary = varyOf(meta);
    const matches = vary === undefined ||
      matchesVary(vary, {
        selected: meta.selected ?? {},
        request: sent,
        language: meta.headers["content-language"],
      });
    return matches && isOpen(meta, { signed });
  }

  function read(key: string, options: FindOptions): Stored | Promise<Stored> {
    return options.bodyUse === "whole" ? cache.get(key, options) : cache.open(key, options);
  }

  function otherKey(first: CachedResponse<Body>, { sent, variantKey }: Sought): string {
    return variantKey(variantOf(varyOf(first.meta), sent));
  }

  function rightOne(first: Stored, sought: Sought, options: FindOptions): Stored | Promise<Stored> {
    if (first === undefined || selects(first, sought)) return first;
    const checked = (other: Stored) => other && selects(other, sought) ? other : undefined;
    const other = read(otherKey(first, sought), options);
    return other instanceof Promise ? other.then(checked) : checked(other);
  }

  return {
    find(sought, options) {
      const first = read(sought.key, options);
      return first instanceof Promise
        ? first.then((response) => rightOne(response, sought, options))
        : rightOne(first, sought, options);
    },
    peek(sought) {
      const first = cache.peek(sought.key);
      return first && selects(first, sought) ? first : undefined;
    },
    store(sought, response, isWanted) {
      const { key, sent } = sought;
      const { selected: _selected, ...meta } = response.meta;
      const vary = varyOf(meta);
      if (vary === undefined) {
        if (isWanted()) cache.set(key, { ...response, meta: { ...meta, key } });
        return;
      }
      // One after the other: two that come at once must not both take the first place.
      return placing.run(key, async () => {
        const selected = selectVary(vary, sent) ?? {};
        const first = await cache.open(key);
        const isFirst = first === undefined || selects(first, sought);
        const place = isFirst ? key : otherKey(first, sought);
        if (isWanted()) cache.set(place, { ...response, meta: { ...meta, key: place, selected } });
      });
    },
  };
}
