// A backend that is down costs every request its time-out until someone stops asking it. The breaker
// stops asking after some failures in a row and lets one operation through now and then to see.

export interface BreakerOptions {
  /** Failures in a row after which the backend is left alone. */
  readonly failuresToOpen: number;
  /** For how long, in ms, before one operation may try again. */
  readonly retryAfterMs: number;
  /** A clock in ms that never runs backwards. */
  readonly now: () => number;
  /** Told once whenever the backend is given up, with the last failure, or taken up again. */
  readonly onChange: (available: boolean, cause?: unknown) => void;
}

/** How an admitted operation ended; exactly one of these is called. */
export interface Attempt {
  succeeded(): void;
  failed(cause: unknown): void;
  /** It was called off and says nothing about the backend. */
  abandoned(): void;
}

export type BreakerState = "closed" | "open" | "half-open";

export interface CircuitBreaker {
  /** Lets an operation through, or `undefined` while the backend is left alone. */
  admit(): Attempt | undefined;
  /** Takes the backend up again at once, for it has been heard that it is back. */
  reset(): void;
  /** Whether admit() would let an operation through now. */
  readonly ready: boolean;
  readonly state: BreakerState;
}

export function createCircuitBreaker(options: BreakerOptions): CircuitBreaker {
  const { failuresToOpen, retryAfterMs, now, onChange } = options;
  let state: BreakerState = "closed";
  let failures = 0;
  let retryAt = 0;
  // Outcomes of operations admitted before the last change of state are old news.
  let period = 0;

  function open() {
    state = "open";
    period++;
    retryAt = now() + retryAfterMs;
  }

  function sincePeriod(): (act: () => void) => void {
    const admittedIn = period;
    return (act) => {
      if (admittedIn === period) act();
    };
  }

  function attempt(): Attempt {
    const ifCurrent = sincePeriod();
    return {
      succeeded: () => ifCurrent(() => failures = 0),
      failed: (cause) =>
        ifCurrent(() => {
          if (++failures < failuresToOpen) return;
          open();
          onChange(false, cause);
        }),
      abandoned: () => {},
    };
  }

  function close() {
    state = "closed";
    failures = 0;
    period++;
    onChange(true);
  }

  function probe(): Attempt {
    state = "half-open";
    const ifCurrent = sincePeriod();
    return {
      succeeded: () => ifCurrent(close),
      failed: () => ifCurrent(open),
      abandoned: () => ifCurrent(() => state = "open"),
    };
  }

  const isDue = () => state === "open" && now() >= retryAt;

  return {
    admit() {
      if (state === "closed") return attempt();
      return isDue() ? probe() : undefined;
    },
    reset() {
      if (state !== "closed") close();
    },
    get ready() {
      return state === "closed" || isDue();
    },
    get state() {
      return state;
    },
  };
}
