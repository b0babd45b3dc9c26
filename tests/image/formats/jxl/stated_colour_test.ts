import assert from "node:assert/strict";
import { look, startEngine } from "../../../testing/pictures.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

type Rgb = readonly [number, number, number];

async function assertShown(bytes: Uint8Array, options: string, wanted: Rgb): Promise<void> {
  const { rgba } = look((await transform(bytes, options)).bytes).frames[0]!;
  const far = Math.max(...wanted.map((value, channel) => Math.abs(value - rgba[channel]!)));
  assert.ok(far <= 2, `${options}: ${rgba.subarray(0, 3)}, not ${wanted}`);
}

// 16×16 pixels by libjxl, (192, 96, 48) or (128, 128, 128) as stored, and what Chromium 156 shows
const FILES: readonly (readonly [string, string, Rgb])[] = [
  [
    "Display P3",
    "/wpDQEAmNwIIAgEAmABLEgkSGDgEQUiB9IkxOCcGTYwxTgzOiXMAhmc6GbBGDigUc1J4AA==",
    [206, 89, 30],
  ],
  [
    "BT.2020 with a video's transfer",
    "/wpDQECeIggCAQCYAEsSCRIYOARBSIH0iTE4JwZNjDFODM6JcwCGZzoZsEYOKBRzUngA",
    [232, 73, 28],
  ],
  ["PQ", "/wpDBBCQR484HAAAAAACCAIBAEwASxIJEhg4BEFIsQX6fwAICBs4AQ==", [132, 132, 132]],
  [
    "HLG",
    "/wpDBBBQBgI9BgAAAIAIAgEAmABLEgkSGDgEQUiB9IkxOCcGTYwxTgzOiXMAhmc6GbBGDigUc1J4AA==",
    [172, 76, 36],
  ],
  [
    "DCI",
    "/wpDQIBp8iMIAgEAmABLEgkSGDgEQUiB9IkxOCcGTYwxTgzOiXMAhmc6GbBGDigUc1J4AA==",
    [202, 74, 0],
  ],
  [
    "linear light",
    "/wpDQEDRIggCAQCYAEsSCRIYOARBSIH0iTE4JwZNjDFODM6JcwCGZzoZsEYOKBRzUngA",
    [225, 165, 120],
  ],
  [
    "lossy PQ",
    "/wpDQEIePQIAEwgA6AD//6oCAFChMsq4wcu5ni8/dFhM27jO0FbbFpYkioxjk3QChySxKjLHFo2CKT2ceYnh/EPBA0wElSQA",
    [255, 0, 0],
  ],
];

for (const [name, file, shown] of FILES) {
  Deno.test(`a JPEG XL of ${name} looks as in a browser`, async () => {
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    await assertShown(bytes, "png", shown);
    // What is no profile cannot be kept: it is computed.
    await assertShown(bytes, "jpeg,q100", shown);
  });
}

Deno.test("a JPEG XL whose last box has no size is shown", async () => {
  const naked = Uint8Array.from(atob(FILES[0]![1]), (letter) => letter.charCodeAt(0));
  const head = [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 13, 10, 0x87, 10];
  const type = [0, 0, 0, 20, ...text("ftypjxl "), 0, 0, 0, 0, ...text("jxl ")];
  for (const size of [[0, 0, 0, 0], [0, 0, 0, naked.length + 8]]) {
    const file = Uint8Array.of(...head, ...type, ...size, ...text("jxlc"), ...naked);
    await assertShown(file, "png", FILES[0]![2]);
  }
});

function text(word: string): number[] {
  return [...word].map((letter) => letter.charCodeAt(0));
}
