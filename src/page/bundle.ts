// The page's modules as one script, so that one hash of the policy allows it: in their order, less their
// imports and exports, which all name each other's functions.

/** Modules behind those that they import; each name is declared once in all of them. */
export function bundle(modules: readonly string[]): string {
  return modules.map((text) =>
    text
      .replaceAll(/^import [^;]*;\n/gm, "")
      .replaceAll(/^export (?=async function|function|const|let|class)/gm, "")
      .replaceAll(/^[ \t]*(?:\/\/|\/\*\*?|\*).*\n/gm, "")
      .trim()
  ).join("\n");
}
