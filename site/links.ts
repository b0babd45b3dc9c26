// Links of the documents, which lie in a repository, as links of a site, which has pages only.
import { posix } from "node:path";
import { pathOf } from "./pages.ts";

/** What is used of markdown-it's tokens and of itself. */
interface Token {
  type: string;
  tag: string;
  attrs: [string, string][] | null;
  children: Token[] | null;
}

interface Markdown {
  core: {
    ruler: {
      push(
        name: string,
        rule: (
          state: { tokens: Token[]; env: { relativePath: string } },
        ) => void,
      ): void;
    };
  };
}

export interface Site {
  /** The pages, by their paths in the repository. */
  pages: readonly string[];
  /** Where files of the repository are shown, such as `https://github.com/owner/name/blob/main`. */
  repository?: string | undefined;
}

/** Has links to other files lead into the repository, or be none where nobody said where it is. */
export function linkRewriter(markdown: Markdown, site: Site): void {
  markdown.core.ruler.push("repository_links", ({ tokens, env }) => {
    for (const { children } of tokens) {
      let isOpen = true;
      for (const token of children ?? []) {
        if (token.type === "link_open") {
          const href = token.attrs?.find(([name]) => name === "href");
          const target = href &&
            targetOf(href[1], { ...site, page: env.relativePath });
          isOpen = target !== undefined;
          if (href && target) href[1] = target;
        } else if (token.type !== "link_close") continue;
        if (!isOpen) [token.tag, token.attrs] = ["span", null];
      }
    }
  });
}

/** Where a link leads, from a page by its path on the site; undefined where it leads nowhere. */
export function targetOf(
  href: string,
  { page, pages, repository }: Site & { page: string },
): string | undefined {
  if (/^(?:[a-z]+:|#)/.test(href)) return href;
  const [path = "", hash] = href.split("#");
  const folder = posix.dirname(page);
  const file = posix.normalize(posix.join(folder, path));
  const fragment = hash === undefined ? "" : `#${hash}`;
  if (pages.includes(file)) {
    return `./${posix.relative(folder, pathOf(file))}${fragment}`;
  }
  return repository && `${repository}/${file}${fragment}`;
}
