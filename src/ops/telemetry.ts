// Spans for OpenTelemetry, told after the fact from the request's trace. Deno exports them where
// OTEL_DENO is set; elsewhere the library is not even loaded.
import type { Tracer } from "@opentelemetry/api";
import type { Trace } from "./trace.ts";

export interface Telemetry {
  /** To be called while Deno's span of the request is the active one; `options` goes out as it is. */
  requestStarted(options: string): RequestSpan;
}

export interface RequestSpan {
  finished(trace: Trace): void;
}

/** Undefined unless Deno exports traces. */
export async function createTelemetry(
  variables: (name: string) => string | undefined,
): Promise<Telemetry | undefined> {
  if (!/^(1|true)$/i.test(variables("OTEL_DENO") ?? "")) return undefined;
  const { context, trace } = await import("@opentelemetry/api");
  const tracer: Tracer = trace.getTracer("imageproxy");
  return {
    requestStarted(options) {
      const parent = context.active();
      const server = trace.getSpan(parent);
      // Deno's own url.full, url.path and url.query cannot be replaced: to set them again adds a second one.
      server?.setAttribute("imageproxy.options", options);
      return {
        finished({ spans, sourceHost, result, original }) {
          if (sourceHost) server?.setAttribute("imageproxy.source_host", sourceHost);
          if (result) server?.setAttribute("imageproxy.result", result);
          if (original) server?.setAttribute("imageproxy.original", original);
          for (const { stage, start, end } of spans) {
            const startTime = performance.timeOrigin + start;
            tracer.startSpan(stage, { startTime }, parent).end(performance.timeOrigin + end);
          }
        },
      };
    },
  };
}
