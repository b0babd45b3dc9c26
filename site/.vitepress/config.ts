// The documents as a site: the same Markdown, nothing copied. `deno task site` builds it into site/dist.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { linkRewriter } from "../links.ts";
import { headingName, PAGES, PARTS, pathOf } from "../pages.ts";

export default defineConfig({
  title: "imageproxy",
  description: "A caching image proxy in one executable",
  srcDir: "..",
  outDir: "dist",
  cacheDir: "node_modules/.vitepress",
  srcExclude: [
    "**/node_modules/**",
    "dist/**",
    "site/**",
    "tests/**",
    "src/**",
  ],
  rewrites: Object.fromEntries(PAGES.map((page) => [page, pathOf(page)])),
  markdown: {
    anchor: { slugify: headingName },
    config: (markdown) =>
      linkRewriter(markdown, {
        pages: PAGES,
        repository: process.env.SITE_REPOSITORY,
      }),
  },
  vite: {
    // The pages lie beside this folder, where its packages are not found.
    resolve: {
      alias: {
        vue: fileURLToPath(new URL("../node_modules/vue", import.meta.url)),
      },
    },
  },
  themeConfig: {
    search: { provider: "local" },
    sidebar: Object.entries(PARTS).map(([text, part]) => ({
      text,
      items: Object.entries(part).map(([page, text]) => ({
        text,
        link: `/${pathOf(page)}`,
      })),
    })),
  },
});
