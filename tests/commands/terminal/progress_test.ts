import assert from "node:assert/strict";
import { createProgress } from "../../../src/commands/terminal/progress.ts";

/** What a terminal of so many columns is shown, line by line. */
function shown(columns: number, steps: readonly (readonly [string, "failed"?])[]): string[] {
  const lines: string[] = [];
  const write = (text: string) => lines.push(text.replace("\r\x1b[K", ""));
  const progress = createProgress(steps.length, { enabled: true, write, width: () => columns });
  for (const [name, outcome] of steps) progress.step(name, outcome);
  progress.end();
  return lines;
}

Deno.test("createProgress() says counts and names beside its bar", () => {
  assert.deepEqual(shown(80, [["a.png"], ["b.png", "failed"], ["c.png"], ["d.png"]]), [
    `1/4 ${"█".repeat(6)}${"░".repeat(18)} a.png`,
    `2/4, 1 failed ${"█".repeat(12)}${"░".repeat(12)} b.png`,
    `3/4, 1 failed ${"█".repeat(18)}${"░".repeat(6)} c.png`,
    `4/4, 1 failed ${"█".repeat(24)} d.png`,
    "",
  ]);
});

Deno.test("createProgress() keeps counts and names where the bar has no room, and to one line", () => {
  const long = "a".repeat(100);
  assert.deepEqual(shown(30, [["a.png"], [long]]), ["1/2 a.png", `2/2 ${"a".repeat(25)}`, ""]);
  assert.equal(shown(80, [[long]])[0]!.length, 79);
});

Deno.test("createProgress() lets no name steer the terminal", () => {
  assert.equal(shown(40, [["\x1b[2J\r\nx"]])[0], "1/1 \\u001b[2J\\r\\nx");
});

Deno.test("createProgress() writes nothing where it is not wanted", () => {
  const progress = createProgress(1, {
    enabled: false,
    write: () => assert.fail("wrote"),
    width: () => 80,
  });
  progress.step("a");
  progress.end();
});
