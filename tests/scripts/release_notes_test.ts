import assert from "node:assert/strict";
import { releaseNotes } from "../../scripts/release_notes.ts";

const CHANGELOG = `# Changes

A promise.

## Unreleased

- Not yet.

## 1.2.3 (2027-01-02)

### Added

- This.

## 1.2.0

- That.
`;

Deno.test("releaseNotes() gives the section of the version, and of no other", () => {
  assert.equal(releaseNotes(CHANGELOG, "1.2.3"), "### Added\n\n- This.\n");
  assert.equal(releaseNotes(CHANGELOG, "1.2.0"), "- That.\n");
  for (const version of ["1.2", "1.2.4", "2.3"]) {
    assert.throws(() => releaseNotes(CHANGELOG, version), /says nothing of/);
  }
  assert.throws(
    () => releaseNotes("## 1.2.3\n\n## 1.2.2\n- x", "1.2.3"),
    /says nothing of 1\.2\.3/,
  );
});
