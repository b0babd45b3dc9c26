// A bound on what the proxy does to one origin at a time, so that neither can drown in the other.

import { ProxyError } from "../../errors.ts";

export interface Slots {
  /**
   * Waits until fewer than `limit` slots of the host are taken, and resolves to the function that gives it back. Rejects with a busy
   * ProxyError if too many wait already, and with the signal's reason if that aborts first.
   */
  acquire(host: string, waiter: { signal: AbortSignal; limit: number }): Promise<() => void>;
}

interface Host {
  taken: number;
  waiting: Set<() => void>;
}

/** Gives each host slots and a queue of `maxWaiting`, served in order of arrival. */
export function createSlots({ maxWaiting }: { maxWaiting: number }): Slots {
  const hosts = new Map<string, Host>();

  function release(name: string, host: Host): void {
    const [next] = host.waiting;
    if (next) {
      host.waiting.delete(next);
      return next();
    }
    host.taken--;
    if (host.taken === 0) hosts.delete(name);
  }

  return {
    acquire(name, { signal, limit }) {
      if (signal.aborted) return Promise.reject(signal.reason);
      const host = hosts.get(name) ?? { taken: 0, waiting: new Set() };
      hosts.set(name, host);
      const giveBack = once(() => release(name, host));
      if (host.taken < limit) {
        host.taken++;
        return Promise.resolve(giveBack);
      }
      if (host.waiting.size >= maxWaiting) {
        const message = "Too many requests are waiting for this origin";
        return Promise.reject(new ProxyError("busy", message, { retryAfter: 1 }));
      }
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          host.waiting.delete(admit);
          reject(signal.reason);
        };
        const admit = () => {
          signal.removeEventListener("abort", onAbort);
          resolve(giveBack);
        };
        host.waiting.add(admit);
        signal.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
