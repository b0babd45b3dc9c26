// What is dropped on the page, for which a browser would leave it otherwise.

const FIELDS = "input[type=text], input[type=search], textarea";

/** Hands on the address of a dropped link, or of a picture of another page; a file has none. */
export function takeDrops({ onAddress, onFile }) {
  const isForField = ({ target, dataTransfer }) =>
    target.matches?.(FIELDS) && !dataTransfer.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!isForField(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (isForField(event)) return;
    event.preventDefault();
    const { dataTransfer } = event;
    const lines = dataTransfer.getData("text/uri-list").split(/\r?\n/);
    const url = lines.find((line) => /^https?:/i.test(line));
    if (url) onAddress(url);
    else if (dataTransfer.files.length > 0) onFile();
  });
}
