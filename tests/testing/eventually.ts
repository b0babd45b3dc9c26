// For what happens soon, but not at a time that a test could know.

const PATIENCE_MS = 15_000;

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
