import assert from "node:assert/strict";
import { targetOf } from "../../site/links.ts";
import { PAGES, pathOf } from "../../site/pages.ts";
import { exists } from "../testing/files.ts";

const ROOT = new URL("../../", import.meta.url);
const BUILT = new URL("site/dist/", ROOT);

Deno.test("every document is on the site", () => {
  const documents = [...Deno.readDirSync(new URL("docs/", ROOT))]
    .filter(({ name }) => name.endsWith(".md")).map(({ name }) => `docs/${name}`);
  assert.deepEqual(documents.filter((page) => !PAGES.includes(page)), []);
});

Deno.test("targetOf() leads to pages of the site, else into the repository", () => {
  const pages = ["README.md", "docs/a.md", "docs/b.md", "clients/js/README.md"];
  const repository = "https://git.example/main";
  const rows = [
    ["docs/a.md", "b.md#part", "./b.md#part"],
    ["docs/a.md", "../README.md", "./../index.md"],
    ["index.md", "docs/a.md", "./docs/a.md"],
    ["index.md", "clients/js/README.md", "./clients/js/index.md"],
    ["docs/a.md", "#part", "#part"],
    ["docs/a.md", "https://example.com/b.md", "https://example.com/b.md"],
    ["docs/a.md", "../src/errors.ts", "https://git.example/main/src/errors.ts"],
  ] as const;
  for (const [page, href, wanted] of rows) {
    assert.equal(targetOf(href, { page, pages, repository }), wanted);
  }
  assert.equal(
    targetOf("../src/errors.ts", { page: "docs/a.md", pages }),
    undefined,
  );
});

Deno.test({
  name: "every link of the built site leads to a page of it, and to a heading that is there",
  // `deno task site` needs packages of its own, which .ci/run has it fetch before.
  ignore: !exists(new URL("index.html", BUILT)),
  fn() {
    const html = new Map(PAGES.map((page) => {
      const path = pathOf(page).replace(/md$/, "html");
      return [path, Deno.readTextFileSync(new URL(path, BUILT))];
    }));
    for (const [page, text] of html) {
      for (const [, href = ""] of text.matchAll(/<a [^>]*href="([^"]*)"/g)) {
        if (/^[a-z]+:/.test(href)) continue;
        const { pathname, hash } = new URL(href, `http://site/${page}`);
        const path = pathname.slice(1).replace(/(^|\/)$/, "$1index.html");
        const target = html.get(path);
        assert.ok(target !== undefined, `${page} links to ${href}`);
        const id = decodeURIComponent(hash.slice(1));
        assert.ok(
          id === "" || target.includes(`id="${id}"`),
          `${page} links to ${href}, where no such heading is`,
        );
      }
    }
  },
});
