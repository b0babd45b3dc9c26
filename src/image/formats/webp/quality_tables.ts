// libwebp's qualities at the steps of the one scale of users, as scripts/calibrate_quality.ts found them.

// deno-fmt-ignore
export const QUALITIES: readonly number[] = [2, 2, 13, 24, 33, 40, 48, 61, 69, 77, 82, 89, 97, 99];
