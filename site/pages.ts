// What is on the site: of each part its pages, by their paths in the repository, in the order in which they are read.

export const PARTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "Begin": {
    "README.md": "What it is",
    "docs/pages.md": "In a web page",
    "docs/from-go.md": "From the Go program",
    "docs/dialects.md": "From other servers",
  },
  "Use": {
    "docs/options.md": "Options",
    "docs/formats.md": "Formats",
    "docs/sources.md": "Sources",
    "docs/embedding.md": "In your own program",
    "clients/js/README.md": "For JavaScript",
  },
  "Run": {
    "docs/settings.md": "Settings",
    "docs/deployment.md": "Deployment",
    "docs/operations.md": "Operations",
    "docs/caching.md": "Caching",
    "docs/scaling.md": "Scaling",
    "docs/security.md": "Security",
    "docs/performance.md": "Performance",
  },
  "The project": {
    "CHANGELOG.md": "Changes",
    "docs/architecture.md": "The house",
    "CONTRIBUTING.md": "Contributing",
    "SECURITY.md": "Reporting a hole",
  },
};

export const PAGES: readonly string[] = Object.values(PARTS).flatMap((part) => Object.keys(part));

/** What a page is called on the site: a README is its folder's first page. */
export function pathOf(page: string): string {
  return page.replace(/README\.md$/, "index.md");
}

/** The name of a heading in links, as the repository's own site makes it. */
export function headingName(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(
    " ",
    "-",
  );
}
