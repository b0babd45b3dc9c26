// Caches are written behind the clients' backs: what another server is to find there must be there first.
import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";

/** Waits until the server at this URL has written so many entries to its tier of this name since its start. */
export async function untilWritten(
  url: string,
  { tier, writes }: { tier: string; writes: number },
): Promise<void> {
  const line = new RegExp(`^imageproxy_cache_tier_writes_total\\{tier="${tier}"\\} (\\d+)$`, "m");
  await eventually(async () => {
    const page = await (await fetch(`${url}/metrics`)).text();
    const [, written = 0] = line.exec(page) ?? [];
    assert.ok(
      Number(written) >= writes,
      `${written} entries are in ${tier}, ${writes} are awaited`,
    );
  });
}
