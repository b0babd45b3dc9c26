import assert from "node:assert/strict";
import type { Option } from "../../src/options/option.ts";
import { parseOptions } from "../../src/options/parse.ts";
import { GRAVITIES } from "../../src/options/placement.ts";
import { OPTIONS } from "../../src/options/table.ts";
import { type Control, controlsOf, labelOf } from "../../src/page/controls.ts";

const ENTRIES = Object.entries(OPTIONS) as [string, Option<unknown>][];

Deno.test("controlsOf() reads an option's fields from how it is written", () => {
  const rows: readonly (readonly [Option<unknown>, readonly Control[]])[] = [
    [OPTIONS.pad, [{ texts: ["", ""], fields: [{ kind: "check", token: "pad" }] }]],
    [OPTIONS.fit, [
      { texts: ["", ""], fields: [{ kind: "check", token: "fit" }] },
      {
        texts: ["fit:", ""],
        fields: [{ kind: "choice", choices: ["outside", "stretch", "auto", "turned"] }],
      },
    ]],
    [OPTIONS.gravity, [{
      texts: ["gravity:", ":", ":", ""],
      fields: [
        { kind: "choice", choices: Object.keys(GRAVITIES) },
        { kind: "text", hint: "x" },
        { kind: "text", hint: "y" },
      ],
    }]],
    [OPTIONS.quality, [{ texts: ["q", ""], fields: [{ kind: "number", min: 1, max: 100 }] }]],
    [OPTIONS.rotate, [{
      texts: ["r", ""],
      fields: [{ kind: "choice", choices: ["90", "180", "270"] }],
    }]],
    [OPTIONS.size, [{
      texts: ["", "x", ""],
      fields: [{ kind: "text", hint: "width" }, { kind: "text", hint: "height" }],
    }]],
    [
      OPTIONS.crop,
      ["cx x", "cy y", "cw width", "ch height"].map((field) => ({
        texts: [field.split(" ")[0]!, ""],
        fields: [{ kind: "text", hint: field.split(" ")[1]! }],
      })),
    ],
    [OPTIONS.validUntil, [{
      texts: ["vu", ""],
      fields: [{ kind: "text", hint: "unix time" }],
    }]],
    [
      {
        ...OPTIONS.quality,
        syntax: "edge edge:{1…9} edge:{1…9}[:{colour}]",
        tokens: { words: ["edge"], name: "edge" },
        format: () => ["edge"],
      },
      [
        { texts: ["", ""], fields: [{ kind: "check", token: "edge" }] },
        {
          texts: ["edge:", ":", ""],
          fields: [{ kind: "number", min: 1, max: 9 }, { kind: "text", hint: "colour" }],
        },
      ],
    ],
  ];
  for (const [option, controls] of rows) {
    assert.deepEqual(controlsOf(option), controls, option.syntax);
  }
});

Deno.test("controlsOf() gives every option a control", () => {
  for (const [name, option] of ENTRIES) {
    const controls = controlsOf(option);
    assert.ok(controls.length > 0, name);
    for (const { texts, fields } of controls) assert.equal(texts.length, fields.length + 1, name);
  }
});

Deno.test("controlsOf() offers only what the option's parser accepts", () => {
  for (const [name, option] of ENTRIES) {
    for (const { texts, fields: [field, ...others] } of controlsOf(option)) {
      const offered = field?.kind === "check"
        ? [field.token]
        : field?.kind === "choice"
        ? field.choices
        : field?.kind === "number" && others.length === 0
        ? [String(field.min), String(field.max)]
        : [];
      for (const value of offered) {
        const token = texts[0] + value;
        assert.ok(Object.keys(parseOptions(token)).length > 0, `${name}: ${token}`);
      }
    }
  }
});

Deno.test("controlsOf() offers each of several words that mean the same only once", () => {
  const [control] = controlsOf(OPTIONS.format);
  const [field] = control!.fields;
  assert.ok(field?.kind === "choice");
  assert.ok(field.choices.includes("jpeg") && !field.choices.includes("jpg"));
});

Deno.test("labelOf() writes a name as words", () => {
  const rows = [["fit", "Fit"], ["smartCrop", "Smart crop"], ["scaleUp", "Scale up"]] as const;
  for (const [name, label] of rows) assert.equal(labelOf(name), label);
});
