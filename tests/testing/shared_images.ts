// The pictures in ../shared, for tests that say that they are skipped where the folder is missing.

const SHARED = new URL("../../../shared/", import.meta.url);

/** Whether the folder of ordinary pictures is there. */
export const hasSharedImages = exists("images/photo-2725x2225.jpg");

/** Whether the folder of pictures that once came out wrong is there. */
export const hasFailingImages = exists("failing/README.md");

/** The bytes of one of the ordinary pictures. */
export function sharedImage(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`images/${name}`, SHARED));
}

/** The names of the pictures that once came out wrong; none where the folder is missing. */
export function failingImages(): string[] {
  if (!hasFailingImages) return [];
  return [...Deno.readDirSync(new URL("failing/", SHARED))].map(({ name }) => name)
    .filter((name) => !name.endsWith(".md")).toSorted();
}

/** The bytes of one of the pictures that once came out wrong. */
export function failingImage(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`failing/${name}`, SHARED));
}

function exists(name: string): boolean {
  try {
    return Deno.statSync(new URL(name, SHARED)).isFile;
  } catch {
    return false;
  }
}
