// The word for how a cache took part in an answer, which logs, metrics and the X-Cache header share.

/**
 * How a response was come by. `hit`: fresh in the cache. `stale`: used past its lifetime, by permission.
 * `revalidated`: found stale and renewed. `miss`: made. `bypass`: made, and not to be stored.
 * `coalesced`: whatever it was, it was done for another request that asked first.
 */
export type CacheState = "hit" | "stale" | "revalidated" | "miss" | "bypass" | "coalesced";
