// One name per request, by which a client's complaint, our log and the logs of what stands in front of
// us can be laid side by side.

/** What may be taken over from a client: it goes into logs and headers, so it is short and plain. */
const PLAIN = /^[\w.:+=@/-]{1,128}$/;

/** Names requests: by their own X-Request-Id where it is fit to be repeated, else by one never used before. */
export function createRequestIds(): (given: string | null) => string {
  const process = crypto.getRandomValues(new Uint32Array(2))
    .reduce((text, word) => text + word.toString(36).padStart(7, "0"), "");
  let count = 0;
  return (given) =>
    given !== null && PLAIN.test(given) ? given : `${process}-${(++count).toString(36)}`;
}
