// Fonts as operators have them.

/** Noto Sans Hebrew in bold, which the package of the built-in regular one brings along. */
export async function boldHebrew(): Promise<Uint8Array<ArrayBuffer>> {
  const module = import.meta.resolve("@embedpdf/fonts-hebrew");
  return await Deno.readFile(new URL("../fonts/NotoSansHebrew-Bold.ttf", module));
}

/** The same font under another family of as many letters. */
export function renamed(font: Uint8Array<ArrayBuffer>, family: string): Uint8Array<ArrayBuffer> {
  const [from, to] = ["Noto Sans Hebrew", family].map((name) =>
    Uint8Array.from([...name].flatMap((letter) => [0, letter.charCodeAt(0)]))
  ) as [Uint8Array, Uint8Array];
  if (from.length !== to.length) throw new RangeError("The names must be as long");
  const bytes = font.slice();
  for (let at = 0; at < bytes.length - from.length; at++) {
    if (from.every((byte, index) => bytes[at + index] === byte)) bytes.set(to, at);
  }
  return bytes;
}

/** A folder of these files for as long as it is used. */
export async function fontFolder(
  files: Readonly<Record<string, Uint8Array>>,
): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "fonts-" });
  for (const [name, bytes] of Object.entries(files)) await Deno.writeFile(`${path}/${name}`, bytes);
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
