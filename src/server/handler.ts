// A request at the door: what is in memory is answered at once, all else goes through the routes.
import { answerAtOnce, type App, targetOf } from "./app.ts";
import type { Handler } from "./listen.ts";
import { createObserver, createShortObserver, type ObserverOptions } from "../ops/observe.ts";
import type { ImageServer } from "../serving/serve_image.ts";

/** Answers by the web application around an image server, and shortly where that has the answer at hand. */
export function createHandler(
  { app, server }: { app: App; server: ImageServer },
  options: ObserverOptions,
): Handler {
  const observe = createObserver(options);
  const observeAtOnce = createShortObserver(options);
  return (request, peer) => {
    const started = performance.now();
    const target = targetOf(request);
    const answer = options.telemetry ? undefined : answerAtOnce(server, { target, request });
    if (answer === undefined || target === undefined) {
      return observe(request, { target, peer }, (state) => app.fetch(request, state));
    }
    // Remembered since the answer was looked up.
    const dialect = server.read(target).dialect?.name;
    const headers = observeAtOnce(request, { target, answer: { ...answer, dialect }, started });
    return new Response(answer.body as BodyInit | null, { status: answer.status, headers });
  };
}
