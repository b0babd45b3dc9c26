import assert from "node:assert/strict";
import {
  type Answer,
  difference,
  judge,
  type Shown,
  TOLERANCE,
} from "../../scripts/corpus/compare.ts";
import { type Finding, reportOf } from "../../scripts/corpus/report.ts";
import { goOn } from "../../scripts/corpus/running.ts";

/** A picture of one colour. */
function plain(
  rgba: readonly [number, number, number, number],
  { width = 2, height = 2 } = {},
): Shown {
  const data = Uint8ClampedArray.from(Array(width * height).fill(rgba).flat());
  return { width, height, small: { data, width, height } };
}

Deno.test("difference() is that over white or over black, whichever is larger", () => {
  const red = plain([255, 0, 0, 255]);
  assert.equal(difference(red, red), 0);
  assert.equal(difference(red, plain([255, 30, 0, 255])), 10);
  // What is transparent has no colour.
  assert.equal(difference(plain([9, 9, 9, 0]), plain([200, 1, 1, 0])), 0);
  assert.equal(difference(plain([255, 255, 255, 255]), plain([0, 0, 0, 0])), 255);
  assert.equal(difference(plain([0, 0, 0, 255]), plain([0, 0, 0, 0])), 255);
  assert.equal(difference(red, plain([255, 0, 0, 255], { width: 3 })), Infinity);
});

const RIGHT = plain([100, 100, 100, 255]), NEAR = plain([100 + TOLERANCE, 100, 100, 255]);
const OTHER = plain([200, 0, 0, 255]), THIRD = plain([0, 0, 200, 255]), REFUSAL = "damaged";

// what is judged, ours, the references, the verdict
const JUDGEMENTS: readonly (readonly [string, Answer, Answer[], string])[] = [
  ["as two show it", RIGHT, [NEAR, RIGHT, REFUSAL], "equal"],
  ["near what two show", NEAR, [RIGHT, RIGHT], "equal"],
  ["unlike what two show", OTHER, [RIGHT, NEAR, OTHER], "differs"],
  ["as either of two pairs shows it", OTHER, [RIGHT, RIGHT, OTHER, OTHER], "equal"],
  [
    "of another size than two show",
    plain([100, 100, 100, 255], { width: 4 }),
    [RIGHT, RIGHT],
    "differs",
  ],
  ["refused, but shown by two alike", REFUSAL, [RIGHT, RIGHT], "refused"],
  ["refused, and shown by one", REFUSAL, [RIGHT, REFUSAL], "unjudged"],
  ["shown by one", RIGHT, [RIGHT], "unjudged"],
  ["shown by two differently", RIGHT, [OTHER, THIRD], "unjudged"],
  ["shown by none", RIGHT, [REFUSAL, REFUSAL], "unjudged"],
];

for (const [name, ours, answers, verdict] of JUDGEMENTS) {
  Deno.test(`judge() calls ${verdict} what is ${name}`, () => {
    const references = Object.fromEntries(answers.map((answer, index) => [`${index}`, answer]));
    assert.equal(judge(ours, references).verdict, verdict);
  });
}

Deno.test("judge() takes the browser's word where two others contradict it", () => {
  const references = { Chromium: OTHER, one: RIGHT, two: RIGHT };
  assert.equal(judge(OTHER, references).verdict, "browser");
  assert.equal(judge(THIRD, references).verdict, "differs");
});

Deno.test("goOn() knows what a run found before it was ended, and the pictures of outliers", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/running.jsonl`;
    const rest = { format: "png", ours: "2x2", differences: {}, shownBy: ["one"] };
    const running = await goOn(path);
    await running.add({ finding: { file: "a.png", verdict: "equal", ...rest } });
    await running.add({
      finding: { file: "b.png", verdict: "refused", ...rest },
      answers: { ours: REFUSAL, one: RIGHT },
    });
    await Deno.writeTextFile(path, `{"finding":{"file":"c.p`, { append: true });
    await (await goOn(path)).add({ finding: { file: "d.png", verdict: "equal", ...rest } });
    const { found } = await goOn(path);
    assert.deepEqual([...found.keys()], ["a.png", "b.png", "d.png"]);
    assert.deepEqual(found.get("b.png"), {
      finding: { file: "b.png", verdict: "refused", ...rest },
      answers: { ours: REFUSAL, one: RIGHT },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("reportOf() counts by format and tells what is new, and what is mended", () => {
  const finding = (file: string, verdict: Finding["verdict"]): Finding => ({
    ...{ file, verdict, format: file.split(".")[1]!, ours: "2x2" },
    ...{ differences: { one: 30, two: Infinity }, shownBy: ["one", "two"] },
  });
  const last = [
    finding("a.png", "differs"),
    finding("b.png", "differs"),
    finding("c.png", "equal"),
  ];
  const now = [
    finding("a.png", "equal"),
    finding("b.png", "differs"),
    finding("c.png", "refused"),
    finding("d.gif", "unjudged"),
  ];
  const text = reportOf(now, {
    last,
    references: [{ name: "one", formats: ["png", "gif"] }, { name: "two", formats: ["png"] }],
    absent: ["three (on PATH)"],
    files: 9,
  });
  assert.match(text, /^\| png \| 3 \| 3 \| 1 \| 0 \| 1 \| 1 \| 33\.3 % \|$/m);
  assert.match(text, /^\| gif \| 1 \| 0 \| 0 \| 0 \| 0 \| 0 \| *\|$/m);
  assert.match(text, /^\*\*Not done yet: 9 files are there\.\*\*$/m);
  assert.match(text, /^\*\*Not compared with: three \(on PATH\)\.\*\*$/m);
  assert.match(text, /^\*\*Read by fewer than two of them, and so not judged: gif\.\*\*$/m);
  assert.match(text, /^2, of which 1 are new since the last run\.$/m);
  assert.match(text, /^No longer: a\.png\.$/m);
  assert.match(text, /^\| b\.png \| png \| 2x2 \| one 30\.0, two another size \| *\|$/m);
  assert.match(text, /^\| c\.png \| png \| 2x2 \| shown by one, two \| new \|$/m);
});
