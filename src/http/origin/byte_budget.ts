// How many bytes of originals may be on their way in together: each alone is bounded, but not how many
// strangers ask for at once. Where there are too many, whoever holds the most has to let go, so that a few
// huge ones cannot keep out the many small.

/** One original on its way in. */
export interface Arrival {
  /** Notes that so many bytes more are held; may end other arrivals, or this one. */
  add(bytes: number): void;
  /** Nothing is held any more. */
  end(): void;
}

export interface ByteBudget {
  /** `letGo` is called at most once, when the arrival must end for want of room. */
  arrive(letGo: () => void): Arrival;
}

export function createByteBudget(maxBytes: number): ByteBudget {
  const held = new Map<() => void, number>();
  let sum = 0;

  function end(letGo: () => void): void {
    sum -= held.get(letGo) ?? 0;
    held.delete(letGo);
  }

  return {
    arrive(letGo) {
      held.set(letGo, 0);
      return {
        add(bytes) {
          const before = held.get(letGo);
          if (before === undefined) return;
          held.set(letGo, before + bytes);
          sum += bytes;
          // The only one may hold any number: there is a limit for each alone.
          while (sum > maxBytes && held.size > 1) {
            const [largest] = [...held].reduce((most, entry) => entry[1] > most[1] ? entry : most);
            end(largest);
            largest();
          }
        },
        end: () => end(letGo),
      };
    },
  };
}
