// A request at the door: what is in memory is answered at once, all else goes through the routes.
import { answerAtOnce, type App, refuse } from "./app.ts";
import type { Entry } from "./door.ts";
import type { Handler } from "./listen.ts";
import { bodyInPieces } from "./paced_response.ts";
import { createObserver, createShortObserver, type ObserverOptions } from "../ops/observe.ts";
import type { ImageServer } from "../serving/serve_image.ts";

/** Answers by the web application around an image server, and shortly where that has the answer at hand. */
export function createHandler(
  { app, server, door }: { app: App; server: ImageServer; door: (request: Request) => Entry },
  options: ObserverOptions,
): Handler {
  const observe = createObserver(options);
  const observeAtOnce = createShortObserver(options);
  return (request, peer) => {
    const started = performance.now();
    const entry = door(request);
    if ("location" in entry) {
      return new Response(null, { status: 308, headers: { location: entry.location } });
    }
    const { target } = entry;
    if (entry.refusal) {
      const { refusal } = entry;
      return observe(request, { target, peer }, (state) => refuse(request, { state, refusal }));
    }
    const { fields } = entry;
    const isAtHand = request.method === "GET" && !options.telemetry;
    const answer = isAtHand ? answerAtOnce(server, { target, headers: fields }) : undefined;
    if (answer === undefined || target === undefined) {
      return observe(request, { target, peer, fields }, (state) => app.fetch(request, state));
    }
    // Remembered since the answer was looked up.
    const dialect = server.read(target).dialect?.name;
    const headers = observeAtOnce(request, { target, answer: { ...answer, dialect }, started });
    return new Response(bodyInPieces(answer.body) as BodyInit | null, {
      status: answer.status,
      headers,
    });
  };
}
