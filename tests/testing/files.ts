/** Whether there is such a file or folder. */
export function exists(place: URL): boolean {
  try {
    Deno.statSync(place);
    return true;
  } catch {
    return false;
  }
}
