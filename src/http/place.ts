// What a remote URL asks of: a host of the web, or a source that the operator has named. `photos:a/b.jpg` is
// the picture a/b.jpg of the source photos; lists, logs and metrics call that place `photos:`.

/** The name of the source with its colon; undefined for a URL of the web. */
export function sourceOf(remoteUrl: string): string | undefined {
  if (/^https?:/.test(remoteUrl)) return undefined;
  return /^[a-z][a-z0-9-]+:/.exec(remoteUrl)?.[0];
}

/** The host name of a URL of the web, or the source with its colon; empty for neither. */
export function placeOf(remoteUrl: string): string {
  return sourceOf(remoteUrl) ?? URL.parse(remoteUrl)?.hostname ?? "";
}

/** The host of a URL of the web with its port, or the source with its colon; empty for neither. */
export function hostOf(remoteUrl: string): string {
  return sourceOf(remoteUrl) ?? URL.parse(remoteUrl)?.host ?? "";
}

/** The path of a remote URL as it is written, without its query: from the slash, or behind the colon. */
export function pathOf(remoteUrl: string): string {
  return /^(?:https?:\/\/[^/?]*|[a-z][a-z0-9-]+:)([^?]*)/.exec(remoteUrl)?.[1] ?? "";
}
