import assert from "node:assert/strict";
import { headingName, PAGES } from "../../site/pages.ts";
import { exists } from "../testing/files.ts";

const ROOT = new URL("../../", import.meta.url);
Deno.test("every link in the documents leads to a file of the project, or out of it", () => {
  for (const page of PAGES) {
    for (const target of linksOf(withoutCode(Deno.readTextFileSync(new URL(page, ROOT))))) {
      if (/^[a-z][a-z\d+.-]*:/i.test(target)) continue;
      const [path = "", heading] = target.split("#");
      const file = path === "" ? new URL(page, ROOT) : new URL(path, new URL(page, ROOT));
      assert.ok(exists(file), `${page} links to ${target}`);
      if (heading === undefined) continue;
      const headings = headingsOf(Deno.readTextFileSync(file));
      assert.ok(headings.includes(heading), `${page} links to ${target}, where no such heading is`);
    }
  }
});

Deno.test("the map of the house names every folder below src/, and no other", () => {
  const map = Deno.readTextFileSync(new URL("docs/architecture.md", ROOT));
  const rooms = [...map.matchAll(/^\| `(src\/[^`]*)` +\|[^|]*\| `([^`]+)`/gm)]
    .map(([, room, first]) => ({ room: room!, first: first! }));
  for (const folder of foldersBelow("src/")) {
    const parent = folder.replace(/[^/]+\/$/, "*/");
    assert.ok(rooms.some(({ room }) => room === folder || room === parent), `${folder} is missing`);
  }
  for (const { room, first } of rooms) {
    const folders = room.endsWith("*/")
      ? foldersBelow(room.slice(0, -2)).filter((folder) => !rooms.some((it) => it.room === folder))
      : [room];
    for (const folder of folders) {
      assert.ok(
        exists(new URL(folder + first, ROOT)),
        `${folder}${first} is where to begin reading`,
      );
    }
  }
});

/** Targets of Markdown links and pictures. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

/** Headings as links name them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => headingName(heading!));
}

function foldersBelow(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ isDirectory }) => isDirectory)
    .flatMap(({ name }) => [`${folder}${name}/`, ...foldersBelow(`${folder}${name}/`)]);
}
