// The same work is done once for all who ask for it at the same time. Unlike a shared promise, each
// caller can leave on its own, and work that nobody waits for any more need not begin.

/** What the work is told about those who wait for it. */
export interface Flight<V = unknown> {
  /** Aborted when the last caller has left before `started` was called; never after. */
  readonly signal: AbortSignal;
  /**
   * Says that the costly part begins: from here on it is finished whoever leaves. Throws the
   * signal's reason if everyone has left already.
   */
  started(): void;
  /** Settles those who take it, now or later, with a value from before the end of the work; made for the first of them. */
  announce(make: () => V): void;
}

export interface JoinOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether the caller takes what is announced, or waits for the end. */
  readonly takesAnnounced?: boolean;
}

export interface SingleFlight<V> {
  /**
   * Joins the flight of `key`, or takes off with `work`. Rejects with the reason of the caller's own
   * `signal`, or with what the work failed with. Nothing is remembered once the work has ended.
   */
  run(
    key: string,
    work: (flight: Flight<V>) => Promise<V>,
    options?: JoinOptions,
  ): Promise<V>;
  /** Flights in the air. */
  readonly size: number;
  /** Resolves when all work has ended, whoever waited for it. */
  idle(): Promise<void>;
}

interface Waiter<V> {
  readonly takesAnnounced: boolean;
  resolve(value: V): void;
  reject(reason: unknown): void;
  /** Takes the listener off the caller's signal, which may outlive the flight by far. */
  forget(): void;
}

export function createSingleFlight<V>(): SingleFlight<V> {
  const flights = new Map<string, { join(options: JoinOptions): Promise<V> }>();
  const working = new Set<Promise<void>>();

  function takeOff(key: string, work: (flight: Flight<V>) => Promise<V>) {
    const waiters = new Set<Waiter<V>>();
    const controller = new AbortController();
    let hasStarted = false;
    let announced: (() => V) | undefined;

    const flight = {
      join({ signal, takesAnnounced = false }: JoinOptions): Promise<V> {
        if (takesAnnounced && announced) return Promise.resolve(announced());
        return new Promise((resolve, reject) => {
          const leave = () => {
            waiters.delete(waiter);
            reject(signal?.reason);
            if (waiters.size > 0 || hasStarted) return;
            land();
            controller.abort(new DOMException("Nobody waits for this any more", "AbortError"));
          };
          const forget = () => signal?.removeEventListener("abort", leave);
          const waiter = { takesAnnounced, resolve, reject, forget };
          waiters.add(waiter);
          signal?.addEventListener("abort", leave, { once: true });
        });
      },
    };

    // After a cancellation the key may already belong to a later flight.
    function land() {
      if (flights.get(key) === flight) flights.delete(key);
    }

    function settle(those: Iterable<Waiter<V>>, tell: (waiter: Waiter<V>) => void) {
      for (const waiter of those) {
        waiters.delete(waiter);
        waiter.forget();
        tell(waiter);
      }
    }

    function announce(make: () => V) {
      const value = announced = once(make);
      const takers = [...waiters].filter((waiter) => waiter.takesAnnounced);
      settle(takers, (waiter) => waiter.resolve(value()));
    }

    function end(tell: (waiter: Waiter<V>) => void) {
      land();
      settle(waiters, tell);
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
        const done = (async () => await work({ signal: controller.signal, started, announce }))()
          .then(
            (value) => end((waiter) => waiter.resolve(value)),
            (reason) => end((waiter) => waiter.reject(reason)),
          ).finally(() => working.delete(done));
        working.add(done);
      },
    };
  }

  return {
    run(key, work, options = {}) {
      const { signal } = options;
      if (signal?.aborted) return Promise.reject(signal.reason);
      const inTheAir = flights.get(key);
      if (inTheAir !== undefined) return inTheAir.join(options);
      const { flight, begin } = takeOff(key, work);
      const joined = flight.join(options);
      begin();
      return joined;
    },
    get size() {
      return flights.size;
    },
    async idle() {
      while (working.size > 0) await Promise.all(working);
    },
  };
}

function once<V>(make: () => V): () => V {
  let made: { readonly value: V } | undefined;
  return () => (made ??= { value: make() }).value;
}
