import assert from "node:assert/strict";
import { formatNumber, parseDecimal, parseInteger } from "../../src/options/number.ts";

// Left: a number; right: what Go 1.26's fmt.Sprintf("%v") printed for the float64.
const GO_FORMATS: readonly (readonly [number, string])[] = [
  [0, "0"],
  [1, "1"],
  [100, "100"],
  [0.15, "0.15"],
  [-50, "-50"],
  [-0.25, "-0.25"],
  [999999, "999999"],
  [100000.25, "100000.25"],
  [1e6, "1e+06"],
  [1234567, "1.234567e+06"],
  [1234567.5, "1.2345675e+06"],
  [4294967296, "4.294967296e+09"],
  [123456789012345, "1.23456789012345e+14"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [0.000012345, "1.2345e-05"],
  [1 / 3, "0.3333333333333333"],
];

Deno.test("formatNumber() prints numbers as Go's %v does", () => {
  for (const [number, expected] of GO_FORMATS) assert.equal(formatNumber(number), expected);
});

Deno.test("parseDecimal() reads plain decimals and nothing else", () => {
  for (
    const [text, expected] of [
      ["100", 100],
      ["0.15", 0.15],
      [".5", 0.5],
      ["-20", -20],
      ["-0", 0],
      [
        "7.",
        7,
      ],
      ["0.33333333333333331", 1 / 3],
      [`0.${"0".repeat(300)}1`, 1e-301],
    ] as const
  ) {
    assert.equal(parseDecimal(text), expected, text);
  }
  for (
    const text of [
      "",
      "-",
      ".",
      "1e3",
      "0x10",
      "+5",
      "1,5",
      " 1",
      "1 ",
      "∞",
      "NaN",
      "1.2.3",
      "--1",
      "1234567890123456",
    ]
  ) {
    assert.equal(parseDecimal(text), undefined, text);
  }
});

Deno.test("parseInteger() reads digits alone", () => {
  assert.equal(parseInteger("0042"), 42);
  for (const text of ["", "-1", "1.0", "1e3", "９", "1234567890123456"]) {
    assert.equal(parseInteger(text), undefined, text);
  }
});
