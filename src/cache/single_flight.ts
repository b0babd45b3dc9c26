// The same work is done once for all who ask for it at the same time. Unlike a shared promise, each
// caller can leave on its own, and work that nobody waits for any more need not begin.

/** What the work is told about those who wait for it. */
export interface Flight {
  /** Aborted when the last caller has left before `started` was called; never after. */
  readonly signal: AbortSignal;
  /**
   * Says that the costly part begins: from here on it is finished whoever leaves. Throws the
   * signal's reason if everyone has left already.
   */
  started(): void;
}

export interface SingleFlight<V> {
  /**
   * Joins the flight of `key`, or takes off with `work`. Rejects with the reason of the caller's own
   * `signal`, or with what the work failed with. Nothing is remembered once the work has ended.
   */
  run(
    key: string,
    work: (flight: Flight) => Promise<V>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<V>;
  /** Flights in the air. */
  readonly size: number;
}

interface Waiter<V> {
  resolve(value: V): void;
  reject(reason: unknown): void;
  /** Takes the listener off the caller's signal, which may outlive the flight by far. */
  forget(): void;
}

export function createSingleFlight<V>(): SingleFlight<V> {
  const flights = new Map<string, { join(signal: AbortSignal | undefined): Promise<V> }>();

  function takeOff(key: string, work: (flight: Flight) => Promise<V>) {
    const waiters = new Set<Waiter<V>>();
    const controller = new AbortController();
    let hasStarted = false;

    const flight = {
      join(signal: AbortSignal | undefined): Promise<V> {
        return new Promise((resolve, reject) => {
          const leave = () => {
            waiters.delete(waiter);
            reject(signal?.reason);
            if (waiters.size > 0 || hasStarted) return;
            land();
            controller.abort(new DOMException("Nobody waits for this any more", "AbortError"));
          };
          const forget = () => signal?.removeEventListener("abort", leave);
          const waiter = { resolve, reject, forget };
          waiters.add(waiter);
          signal?.addEventListener("abort", leave, { once: true });
        });
      },
    };

    // After a cancellation the key may already belong to a later flight.
    function land() {
      if (flights.get(key) === flight) flights.delete(key);
    }

    function settle(tell: (waiter: Waiter<V>) => void) {
      land();
      for (const waiter of waiters) {
        waiter.forget();
        tell(waiter);
      }
      waiters.clear();
    }

    flights.set(key, flight);
    return {
      flight,
      begin() {
        const started = () => {
          controller.signal.throwIfAborted();
          hasStarted = true;
        };
        // The async function turns what the work throws at once into a rejection.
        (async () => await work({ signal: controller.signal, started }))().then(
          (value) => settle((waiter) => waiter.resolve(value)),
          (reason) => settle((waiter) => waiter.reject(reason)),
        );
      },
    };
  }

  return {
    run(key, work, { signal } = {}) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      const inTheAir = flights.get(key);
      if (inTheAir !== undefined) return inTheAir.join(signal);
      const { flight, begin } = takeOff(key, work);
      const joined = flight.join(signal);
      begin();
      return joined;
    },
    get size() {
      return flights.size;
    },
  };
}
