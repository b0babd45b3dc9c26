import assert from "node:assert/strict";
import { ProxyError } from "../../src/errors.ts";
import { createFailures, type Failure, type Where } from "../../src/serving/failures.ts";

const FIRST: Where = { key: "first", sent: {}, errorLane: "" };
const FAILURE: Failure = { error: new ProxyError("not_found", "There is none"), until: 1000 };
const LONG = "x".repeat(30_000);

Deno.test("createFailures() weighs all that it keeps of a failure", () => {
  const others: Readonly<Record<string, (index: number) => [Where, Failure]>> = {
    "where it was": (index) => [{ ...FIRST, key: `${index}`, errorLane: LONG }, FAILURE],
    "what it depends on": (index) => [
      { ...FIRST, key: `${index}` },
      { ...FAILURE, vary: LONG },
    ],
    "its cause": (index) => [
      { ...FIRST, key: `${index}` },
      { ...FAILURE, error: new ProxyError("not_found", "There is none", { cause: LONG }) },
    ],
  };
  for (const [name, otherOf] of Object.entries(others)) {
    const failures = createFailures({ now: () => 0 });
    failures.remember(FIRST, FAILURE);
    for (let index = 0; index < 50; index++) failures.remember(...otherOf(index));
    assert.equal(failures.find(FIRST)?.message, "There is none", name);
    for (let index = 0; index < 400; index++) failures.remember(...otherOf(index));
    assert.equal(failures.find(FIRST), undefined, name);
  }
});
