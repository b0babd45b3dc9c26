// Prints what CHANGELOG.md says of the version in deno.json: the text of its release.
import denoConfig from "../deno.json" with { type: "json" };

/** The section of a version. Throws where there is none, or nothing in it. */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => /^\S*/.exec(text)![0] === version);
  const notes = section?.slice(section.indexOf("\n")).trim();
  if (notes) return notes + "\n";
  throw new Error(`CHANGELOG.md says nothing of ${version}: call what is unreleased by its name`);
}

if (import.meta.main) {
  console.log(releaseNotes(await Deno.readTextFile("CHANGELOG.md"), denoConfig.version));
}
