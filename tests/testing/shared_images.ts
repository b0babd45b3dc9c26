// The pictures in ../shared/images, for tests that say that they are skipped where the folder is missing.

const FOLDER = new URL("../../../shared/images/", import.meta.url);

/** Whether the folder is there. */
export const hasSharedImages = exists("photo-2725x2225.jpg");

/** The bytes of one of the pictures. */
export function sharedImage(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(name, FOLDER));
}

function exists(name: string): boolean {
  try {
    return Deno.statSync(new URL(name, FOLDER)).isFile;
  } catch {
    return false;
  }
}
