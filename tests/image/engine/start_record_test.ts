import assert from "node:assert/strict";
import { createStartRecord } from "../../../src/image/engine/start_record.ts";

Deno.test("createStartRecord() waits longer after each failure, half a minute at most, until a start succeeds", () => {
  const starts = createStartRecord();
  const waits = Array.from({ length: 11 }, () => starts.failed("no memory"));
  assert.deepEqual(waits.slice(0, 4), [100, 200, 400, 800]);
  assert.deepEqual(waits.slice(-3), [25_600, 30_000, 30_000]);
  assert.equal(starts.whyUnstartable(), "no memory");
  assert.equal(starts.engineVersion(), undefined);
  starts.succeeded("engine 1");
  assert.deepEqual([starts.whyUnstartable(), starts.engineVersion()], [undefined, "engine 1"]);
  assert.equal(starts.failed("again"), 100);
});

Deno.test("createStartRecord() is ready by the first that starts, or never", async () => {
  const [started, failed] = [createStartRecord(), createStartRecord()];
  started.isReady();
  started.end(new Error("late"));
  await started.ready;
  failed.end(new Error("no memory"));
  failed.isReady();
  await assert.rejects(failed.ready, /no memory/);
});
