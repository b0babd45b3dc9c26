// Bytes from a file, or from stdin where the name is a dash.

/** Rejects with the system's reason where the file cannot be read. */
export async function readInput(name: string): Promise<Uint8Array> {
  return name === "-"
    ? new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer())
    : await Deno.readFile(name);
}
