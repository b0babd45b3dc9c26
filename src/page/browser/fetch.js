// Asking this server for pictures, and for help where it refuses them.
import { base, remote } from "./state.js";

/** A picture, and how long it took; throws a Refusal where the answer is an error. */
export async function ask(url, signal) {
  const started = performance.now();
  let response;
  try {
    response = await fetch(url, { signal, headers: { accept: document.body.dataset.accept } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal("This server cannot be reached. Is it still running?");
  }
  const blob = await response.blob();
  const milliseconds = performance.now() - started;
  if (response.ok) return { response, blob, milliseconds };
  const sentence = (await blob.text()).trim().slice(0, 400) || "The server gave no reason";
  throw new Refusal(sentence, response.status);
}

export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** What would help against a refusal: sentences, some with a command. */
export async function adviceFor({ status, message }, url) {
  if (status === 403) {
    const { advice } = await question({ why: remote.value.trim() });
    return advice.map(({ text, command }) => ({
      text,
      command: command?.replace("{url}", () => url.replaceAll("'", "%27")),
    }));
  }
  if (status === 404) return [{ text: "The origin has no picture there: check the image URL." }];
  if (status === 502 || status === 504) {
    return [{
      text: "The picture's own server failed. Try a sample, which needs no other server.",
    }];
  }
  if (status === 422) {
    return [{ text: "What came is no picture that can be read: is it a web page?" }];
  }
  if (status === 413) {
    return [{ text: "It is beyond the server's limits: ask for something smaller." }];
  }
  if (status === 503) return [{ text: "The server is busy: try again in a moment." }];
  if (status === 400 && /"([^"]+)"/.test(message)) {
    return [{ text: "Its field is marked." }];
  }
  return [];
}

/** All ways in which the server can read a pasted URL. */
export async function readingsOf(text) {
  return (await question({ read: text })).readings;
}

async function question(query) {
  const none = { advice: [], readings: [] };
  try {
    const response = await fetch(`${base.href}?${new URLSearchParams(query)}`, {
      headers: { accept: "application/json" },
    });
    return response.ok ? { ...none, ...await response.json() } : none;
  } catch {
    return none;
  }
}
