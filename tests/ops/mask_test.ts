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
  ["/100x/https://bob:secret@example.com/a", "/100x/https://***@example.com/a"],
  ["/https%3A%2F%2Fbob:secret%40example.com%2Fa", "/https%3A%2F%2F***%40example.com%2Fa"],
  ["/me:you@home/a.jpg", "/me:you@home/a.jpg"],
  [`/${REMOTE}`, `/${REMOTE}`],
  ["/", "/"],
];

const FOREIGN_PATHS = ["/", "/imgproxy/", "/old/thumbor/"];

// target, as logged
const FOREIGN: readonly (readonly [string, string])[] = [
  [
    `/imgproxy/${SIGNATURE}/rs:fill:3:2/plain/${REMOTE}`,
    `/imgproxy/***/rs:fill:3:2/plain/${REMOTE}`,
  ],
  [`/imgproxy/unsafe/rs:fill:3:2/plain/${REMOTE}`, `/imgproxy/unsafe/rs:fill:3:2/plain/${REMOTE}`],
  ["/old/thumbor/HlU_EVRLZ9tUGpLfoeZkWAphPbg=/3x2/a.jpg", "/old/thumbor/***/3x2/a.jpg"],
  ["/old/thumbor/HlU_EVRLZ9tUGpLfoeZkWAphPbg%3D/3x2/a.jpg", "/old/thumbor/***/3x2/a.jpg"],
  [`/${SIGNATURE}/w:3/plain/${REMOTE}`, `/***/w:3/plain/${REMOTE}`],
  [`/${SIGNATURE}?x`, "/***?x"],
  [`/a/${SIGNATURE}/w:3/plain/${REMOTE}`, `/a/${SIGNATURE}/w:3/plain/${REMOTE}`],
];

for (const [target, logged] of FOREIGN) {
  Deno.test(`maskTarget() below other servers' paths of ${target}`, () => {
    assert.equal(maskTarget(target, FOREIGN_PATHS), logged);
  });
}

for (const [target, logged] of MASKED) {
  Deno.test(`maskTarget() of ${target}`, () => assert.equal(maskTarget(target), logged));
}
