import assert from "node:assert/strict";
import type { Option } from "../../src/options/option.ts";
import { formatOptions, parseOptions } from "../../src/options/parse.ts";
import { GRAVITIES } from "../../src/options/placement.ts";
import { OPTIONS } from "../../src/options/table.ts";
import { encoded } from "../testing/lettering.ts";
import { type Control, controlsOf, fieldsOf, labelOf } from "../../src/page/controls.ts";

const ENTRIES = Object.entries(OPTIONS) as [string, Option<unknown>][];

Deno.test("controlsOf() reads an option's fields from how it is written", () => {
  const rows: readonly (readonly [Option<unknown>, readonly Control[]])[] = [
    [OPTIONS.pad, [{ texts: ["", ""], fields: [{ kind: "check", token: "pad" }] }]],
    [OPTIONS.fit, [{
      texts: ["", ""],
      fields: [{
        kind: "choice",
        choices: ["fit", "fit:outside", "fit:stretch", "fit:auto", "fit:turned"],
      }],
    }]],
    [OPTIONS.gravity, [{
      texts: ["gravity:", ":", ":", ""],
      fields: [
        { kind: "choice", choices: Object.keys(GRAVITIES) },
        { kind: "text", hint: "x" },
        { kind: "text", hint: "y" },
      ],
    }]],
    [OPTIONS.quality, [{
      texts: ["q", ""],
      fields: [{ kind: "number", min: 1, max: 100, whole: true }],
    }, {
      texts: ["quality:", ""],
      fields: [{ kind: "choice", choices: ["auto", "auto:0.98"] }],
    }]],
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
    [OPTIONS.text, [{
      texts: ["text:", ":", ":", ":", ":", ":", ""],
      fields: [
        { kind: "words" },
        ...["gravity", "x", "y", "size"].map((hint) => ({ kind: "text" as const, hint })),
        { kind: "colour" },
      ],
    }]],
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
          fields: [{ kind: "number", min: 1, max: 9, whole: true }, { kind: "colour" }],
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

Deno.test("fieldsOf() is the other way round: what the fields say makes the token again", () => {
  for (const [name, option] of ENTRIES) {
    for (const example of option.examples) {
      const fields = fieldsOf(example.split(","));
      const tokens = controlsOf(option).flatMap(({ texts, fields: kinds }, control) => {
        const values = kinds.map((field, at) => {
          const value = fields[`${name}.${control === 0 ? "" : `${control}-`}${at}`] ?? "";
          if (field.kind === "words") return encoded(value);
          return field.kind === "check" && value === "on" ? field.token : value;
        });
        if (values.every((value) => value === "")) return [];
        const parts = values.map((value, at) => texts[at] + value);
        while (parts.at(-1) === ":") parts.pop();
        return [parts.join("")];
      });
      // The page has no field for what may only stand there or not.
      if (example === "trim:0:se") continue;
      assert.equal(
        formatOptions(parseOptions(tokens.join(","))),
        formatOptions(parseOptions(example)),
        example,
      );
    }
  }
});

Deno.test("fieldsOf() knows words that mean the same, and leaves out what is no option", () => {
  const rows: readonly (readonly [readonly string[], Record<string, string>])[] = [
    [["jpg"], { "format.0": "jpeg" }],
    [["grey"], { "gray.0": "on" }],
    [["300"], { "size.0": "300", "size.1": "300" }],
    [["x200", "q60"], { "size.0": "", "size.1": "200", "quality.0": "60" }],
    [["quality:auto"], { "quality.1-0": "auto" }],
    [["text:16nXnNeV150:n::0.05"], {
      "text.0": "שלום",
      "text.1": "n",
      "text.2": "",
      "text.3": "0.05",
    }],
    [["nonsense", "sc", "", "trim:4:se"], { "smartCrop.0": "on", "trim.1-0": "4" }],
    [[], {}],
  ];
  for (const [tokens, fields] of rows) assert.deepEqual(fieldsOf(tokens), fields);
});
