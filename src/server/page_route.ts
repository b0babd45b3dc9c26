// The page's own path: the page for browsers, and answers to what it asks there by a query.
import type { Hono } from "hono";
import type { RequestState } from "../ops/observe.ts";
import { type Page, takesGzip, wantsPage } from "../page/page.ts";
import type { PageAnswers } from "./page_answers.ts";

export interface AnsweringPage extends Page {
  answers: PageAnswers;
}

/** Shows the page at `/`, but where the target is an image's all the same. */
export function addPage(
  app: Hono<{ Bindings: RequestState }>,
  { page, isImageAtRoot }: { page: AnsweringPage; isImageAtRoot(target: string): boolean },
): void {
  app.on(["GET", "HEAD"], "/", (context, next) => {
    const { target = "", peer } = context.env;
    if (isImageAtRoot(target)) return next();
    const query = new URLSearchParams(/\?(.*)$/s.exec(target)?.[1]);
    const answer = page.answers(query, { isLocal: isLocal(peer, context.req.raw.headers) });
    if (answer) return context.json(answer, 200, { "cache-control": "no-store" });
    context.header("vary", "Accept");
    if (!wantsPage(context.req.header("accept"))) return next();
    return takesGzip(context.req.header("accept-encoding"))
      ? context.body(page.gzipped, 200, { ...page.headers, "content-encoding": "gzip" })
      : context.body(page.body, 200, page.headers);
  });
}

/** What proxies tell of whom they ask for; some tell no more than one of these. */
const FORWARDING = [
  ...["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"],
  ...["x-forwarded-port", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip"],
];

/**
 * Whether somebody at this very machine asks, with no proxy between, whose peer would be local for everybody, and by
 * a name of this machine: a page of strangers can have its own name stand for this address.
 */
function isLocal(peer: string | undefined, headers: Headers): boolean {
  const isForwarded = FORWARDING.some((name) => headers.has(name));
  const isMeant = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i.test(
    headers.get("host") ?? "",
  );
  return !isForwarded && isMeant && /^(?:127\.|::1$)/.test(peer ?? "");
}
