import assert from "node:assert/strict";
import { compiledPermissions, startPermissions } from "../../scripts/start_permissions.ts";
import { BACKENDS } from "../../src/cache/backends.ts";
import { SOURCE_KINDS } from "../../src/sources/table.ts";
import { SETTINGS, variableOf } from "../../src/settings/table.ts";

Deno.test("the start task lets the program read every variable that it asks for", () => {
  const granted = startPermissions().find((flag) => flag.startsWith("--allow-env="))!
    .slice("--allow-env=".length).split(",");
  const wanted = [
    ...Object.keys(SETTINGS).map(variableOf),
    ...Object.values(BACKENDS).flatMap(({ variables = [] }) => variables),
    ...Object.values(SOURCE_KINDS).flatMap(({ variables }) => variables),
    // What platforms set, and what tells whether traces are exported.
    ...["PORT", "OTEL_DENO"],
  ];
  for (const name of wanted) {
    const isGranted = granted.some((pattern) =>
      pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern
    );
    assert.ok(isGranted, name);
  }
});

Deno.test("startPermissions() refuses a start task whose permissions it cannot tell", () => {
  for (
    const task of [
      "deno run main.ts",
      "deno run --allow-net other.ts",
      "deno run --config x.json --allow-net main.ts",
      "deno run -A main.ts",
      "deno run --allow-all main.ts && x",
    ]
  ) assert.throws(() => startPermissions(task), /start task/, task);
  for (const first of ["", "--cached-only "]) {
    assert.deepEqual(startPermissions(`deno run ${first}--no-prompt --allow-net=a,b main.ts`), [
      "--no-prompt",
      "--allow-net=a,b",
    ]);
  }
});

Deno.test("the start task names its permissions one by one, and starts nothing but itself", () => {
  assert.ok(startPermissions().includes("--no-prompt"));
  assert.ok(!startPermissions().some((flag) => /allow-(?:all|ffi|sys|import)/.test(flag)));
  const runs = startPermissions().filter((flag) => flag.startsWith("--allow-run"));
  // What runs already, by the kernel's name for it, and by its own where the system has no such name.
  assert.deepEqual(runs, ["--allow-run=/proc/self/exe,deno"]);
});

Deno.test("the compiled program may start nothing but itself", () => {
  const flags = ["--allow-net", "--allow-run=/proc/self/exe,deno", "--allow-env=A"];
  const names = ["imageproxy.exe"];
  const runOf = (os: "linux" | "other") => compiledPermissions({ os, names, flags });
  assert.deepEqual(runOf("linux"), ["--allow-net", "--allow-run=/proc/self/exe", "--allow-env=A"]);
  assert.deepEqual(runOf("other"), [
    "--allow-net",
    "--allow-run=imageproxy.exe,./imageproxy.exe",
    "--allow-env=A",
  ]);
});
