import assert from "node:assert/strict";
import { sentryDsn } from "../../src/settings/sentry_dsn.ts";

Deno.test("sentryDsn reads where envelopes go, and the key", () => {
  const rows = [
    ["https://abc@o1.example.com/42", "https://o1.example.com/api/42/envelope/"],
    ["http://abc@127.0.0.1:8000/42", "http://127.0.0.1:8000/api/42/envelope/"],
    ["https://abc:old@example.com/sentry/42", "https://example.com/sentry/api/42/envelope/"],
  ] as const;
  for (const [text, endpoint] of rows) {
    assert.deepEqual(sentryDsn.parse(text), { endpoint, key: "abc" });
  }
});

Deno.test("sentryDsn rejects what is no DSN", () => {
  for (
    const text of [
      ...["x", "https://example.com/42", "https://abc@example.com", "https://abc@example.com/"],
      ...["ftp://abc@example.com/42", "abc@example.com/42"],
    ]
  ) {
    assert.throws(() => sentryDsn.parse(text), /must be a DSN such as/, text);
  }
});
