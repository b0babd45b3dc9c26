// Rows of a dialect: what its URLs come to in this program's own options.
import assert from "node:assert/strict";
import { parseMounts } from "../../src/dialects/mounts.ts";
import type { DialectName } from "../../src/dialects/table.ts";
import { ownForm, refusal } from "./dialects.ts";

export interface DialectRows {
  /** The URL below the dialect's path that holds these options and that picture. */
  url(options: string): string;
  /** Options of the dialect, and this program's in canonical form, without those that all URLs have. */
  rows: readonly (readonly [string, string])[];
  /** Tokens that every URL has unless it says otherwise. */
  defaults: readonly string[];
  /** Options that are refused, and with what words. */
  refused: readonly (readonly [string, RegExp])[];
  remote?: string;
}

export function testRows(name: DialectName, { url, rows, defaults, refused, remote }: DialectRows) {
  const [mount] = parseMounts([name]);

  Deno.test(`${name}'s options become those of this program`, () => {
    for (const [options, ours] of rows) {
      const read = ownForm(mount!, url(options));
      const all = read.options.split(",");
      // What does not enlarge says so, which no row repeats.
      const tokens = all.filter((token) => token !== "noScaleUp" && !defaults.includes(token));
      assert.equal(tokens.join() || "0x0", ours, options);
      if (remote) assert.equal(read.remote, remote, options);
    }
  });

  Deno.test(`${name}'s options that cannot be had are refused by name, or left out`, () => {
    for (const [options, sentence] of refused) {
      assert.match(refusal(() => ownForm(mount!, url(options))), sentence, options);
      ownForm(mount!, url(options), { ignoreUnknown: true });
    }
  });
}
