import assert from "node:assert/strict";
import { type EngineOptions, spawnEngine } from "../../../src/image/engine/engine_process.ts";
import { POOL_DEFAULTS } from "../../testing/pools.ts";
import { type Deed, LEFT } from "../../testing/rogue_engine.ts";

/** Why a process ended that does so, in words for the log. */
async function endOf(deed: Deed): Promise<string> {
  const main = new URL(`../../testing/rogue_engine.ts?${deed}`, import.meta.url);
  let end = "";
  const reports: unknown[] = [];
  const options: EngineOptions = {
    main,
    workers: 2,
    limits: POOL_DEFAULTS.limits,
    memoryCeiling: 1e9,
    onReport: (...report) => void reports.push(report),
    onState() {},
    onEnd: (cause) => void (end = cause),
  };
  await spawnEngine(options).ended;
  assert.deepEqual(reports, []);
  return end;
}

for (
  const [deed, cause] of [
    ["keepsPermissions", /^It still held the permissions read,net$/],
    ["saysNonsense", /^It talked nonsense: SyntaxError/],
    [
      "sendsNonsense",
      /^It talked nonsense: Error: A message of \d+ and \d+ is none of ours/,
    ],
    ["hasNoToken", new RegExp(`^It ended with code ${LEFT}$`)],
    ["hasNoWorker", new RegExp(`^It ended with code ${LEFT}$`)],
  ] as const
) {
  Deno.test(`spawnEngine() puts up with no process that ${deed}`, async () => {
    assert.match(await endOf(deed), cause);
  });
}
