// A serving thread that works until a picture's name tells it to break.
/// <reference lib="deno.worker" />
import "../../src/server/sibling.ts";

const answer = self.onmessage as unknown as (event: MessageEvent) => void;
self.onmessage = (event) => {
  if (event.data.name === "purge" && String(event.data.argument).endsWith("/break")) {
    setTimeout(() => {
      throw new Error("broken on purpose");
    });
    return;
  }
  answer(event);
};
