import assert from "node:assert/strict";
import { createSbom, type LockFile, shippedPackages } from "../../scripts/sbom.ts";
import denoConfig from "../../deno.json" with { type: "json" };

const SMALL: LockFile = {
  specifiers: { "npm:a@1": "1.0.0_c@3.0.0", "npm:@s/b@2": "2.0.0" },
  npm: {
    "a@1.0.0_c@3.0.0": { integrity: "sha512-AAEC", dependencies: ["@s/b", "d@1.0.0"] },
    "@s/b@2.0.0": { integrity: "sha512-AAEC" },
    "c@3.0.0": { integrity: "sha512-AAEC" },
    "d@1.0.0": { integrity: "sha1-AAEC", dependencies: ["a"] },
    "d@2.0.0": { integrity: "sha1-AAEC" },
  },
};

Deno.test("shippedPackages() follows dependencies, and takes nothing else", () => {
  const rows = [
    [["npm:@s/b@2"], ["@s/b@2.0.0"]],
    [["npm:a@1"], ["@s/b@2.0.0", "a@1.0.0", "d@1.0.0"]],
    [[], []],
  ] as const;
  for (const [specifiers, packages] of rows) {
    assert.deepEqual(shippedPackages(SMALL, specifiers), packages);
  }
  assert.throws(() => shippedPackages(SMALL, ["npm:e@1"]), /npm:e@1 is not in deno.lock/);
});

Deno.test("createSbom() names each package with its purl and checksum", () => {
  const { components } = createSbom({
    name: "x",
    version: "1.2.3",
    lock: SMALL,
    packages: ["@s/b@2.0.0"],
  });
  assert.deepEqual(components, [{
    type: "library",
    name: "@s/b",
    version: "2.0.0",
    purl: "pkg:npm/%40s/b@2.0.0",
    hashes: [{ alg: "SHA-512", content: "000102" }],
  }]);
});

Deno.test("shippedPackages() reads the project's own lock file", async () => {
  const lock: LockFile = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)),
  );
  const packages = shippedPackages(lock, [denoConfig.imports.hono]);
  assert.deepEqual(packages, [denoConfig.imports.hono.replace("npm:", "")]);
});
