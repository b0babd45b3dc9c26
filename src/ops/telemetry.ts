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

/** Undefined unless Deno exports traces: a compiled program does so only where it was compiled to. */
export async function createTelemetry(
  variables: (name: string) => string | undefined,
): Promise<Telemetry | undefined> {
  if (!wantsTelemetry(variables)) return undefined;
  const { context, trace } = await import("@opentelemetry/api");
  const tracer: Tracer = trace.getTracer("imageproxy");
  // Never ended, so never exported.
  if (!tracer.startSpan("probe").isRecording()) return undefined;
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

/** Whether the environment asks for traces. */
export function wantsTelemetry(variables: (name: string) => string | undefined): boolean {
  return /^(1|true)$/i.test(variables("OTEL_DENO") ?? "");
}
