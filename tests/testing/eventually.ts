// For what must happen, but not at a time that a test could know: the machine may have other things to do.

/** So long that whoever waits for it in vain has a fault: a wait that ends well costs none of it. */
const PATIENCE_MS = 60_000;

/** Tries until it does not throw; throws what it threw last where that takes too long. */
export async function eventually(attempt: () => void | Promise<void>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * Waits for what is to happen in two seconds, of which it may take the second one beside a process that sleeps for the
 * first: a busy machine is late with both. Throws where it takes longer.
 */
export async function withinTwoSeconds(attempt: () => void | Promise<void>): Promise<void> {
  // Deno itself, as no other program is sure to be there.
  const args = [
    "eval",
    "--quiet",
    "--no-config",
    "await new Promise((done) => setTimeout(done, 1000))",
  ];
  const sleeper = new Deno.Command(Deno.execPath(), { args });
  const awoken = sleeper.output().then(() => performance.now());
  const happened = eventually(attempt).then(() => performance.now());
  // Neither is left behind where the other fails.
  const [asleep, done] = await Promise.allSettled([awoken, happened]);
  if (asleep.status === "rejected") throw asleep.reason;
  if (done.status === "rejected") throw done.reason;
  const late = done.value - asleep.value;
  if (late >= 1000) throw new Error(`It came ${Math.round(late)} ms after a second had passed`);
}

/** What comes of it; throws where that takes so long that it hangs. */
export async function inTime<T>(work: PromiseLike<T>): Promise<T> {
  let timer;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Nothing came in ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
