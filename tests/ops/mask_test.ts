import assert from "node:assert/strict";
import { maskTarget } from "../../src/ops/mask.ts";

const SIGNATURE = "0sR2kjyfiF1RQRj4Jm2fFa3_6SDFqdAaDEmy1oD2U-4";
const REMOTE = "https://example.com/a.jpg";

// target, as logged
const MASKED: readonly (readonly [string, string])[] = [
  [`/100x,s${SIGNATURE}/${REMOTE}`, `/100x,s***/${REMOTE}`],
  [`/s${SIGNATURE}=,100x/${REMOTE}`, `/s***,100x/${REMOTE}`],
  [`/100x%2Cs${SIGNATURE}%3D/${REMOTE}`, `/100x%2Cs***/${REMOTE}`],
  [`/%73${SIGNATURE}/${REMOTE}`, `/%73***/${REMOTE}`],
  // One that is a little too long or short is as secret.
  [`/s${SIGNATURE}A/${REMOTE}`, `/s***/${REMOTE}`],
  [`/s${SIGNATURE.slice(1)}/${REMOTE}`, `/s***/${REMOTE}`],
  [`/100x,sc,scaleUp/${REMOTE}`, `/100x,sc,scaleUp/${REMOTE}`],
  [`/x/${REMOTE}?s=${SIGNATURE}`, `/x/${REMOTE}?s=${SIGNATURE}`],
  [`/${REMOTE}`, `/${REMOTE}`],
  ["/", "/"],
];

for (const [target, logged] of MASKED) {
  Deno.test(`maskTarget() of ${target}`, () => assert.equal(maskTarget(target), logged));
}
