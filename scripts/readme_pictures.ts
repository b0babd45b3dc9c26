// The pictures of the README's table: what the program makes of one photo, an option or two at a time.
import type { Make } from "./picture_sheet.ts";

/** The examples that users of the Go program know. */
const EXAMPLES = [
  "200x",
  "x0.15",
  "100x150",
  "100",
  "150,fit",
  "100,r90",
  "100,fv,fh",
  "200x,q60",
  "200x,png",
  "cw100,ch100",
  "cx10,cy20,cw100,ch200",
];

/** The pictures by the names of their files. */
export async function readmePictures(
  photo: Uint8Array,
  make: Make,
): Promise<Map<string, Uint8Array>> {
  const pictures = new Map<string, Uint8Array>();
  for (const options of EXAMPLES) {
    const name = `${options.replaceAll(",", "-")}.${options.includes("png") ? "png" : "jpg"}`;
    pictures.set(name, await make(photo, options));
  }
  return pictures;
}
