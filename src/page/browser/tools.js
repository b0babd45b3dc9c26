// Setting options on the picture itself: a rectangle to crop to, a point to keep in sight. Both are written
// into the fields of their options, in the pixels and shares that those take.
import { element, find, findAll, say } from "./dom.js";
import { original, setView } from "./compare.js";
import { changed } from "./widgets.js";

const overlay = find("#overlay");
let tool;

const field = (name) => find(`#options [name="${name}"]`);
const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

/** What a field says, in shares of the side; a number above 1 is one of pixels. */
function shareOf(name, side, otherwise) {
  const { value } = field(name);
  const number = Number(value);
  if (value === "" || !Number.isFinite(number)) return otherwise;
  const share = Math.abs(number) >= 1 ? number / side : number;
  return share < 0 ? 1 + share : share;
}

function sides() {
  return { width: original.image.naturalWidth || 1, height: original.image.naturalHeight || 1 };
}

const RECTANGLE = ["crop.0", "crop.1-0", "crop.2-0", "crop.3-0"];

const TOOLS = {
  rectangle: {
    read() {
      const { width, height } = sides();
      const x = shareOf(RECTANGLE[0], width, 0);
      const y = shareOf(RECTANGLE[1], height, 0);
      const isNew = RECTANGLE.every((name) => field(name).value === "");
      if (isNew) return { x: 0.15, y: 0.15, width: 0.7, height: 0.7 };
      return {
        x: clamp(x, 0, 1),
        y: clamp(y, 0, 1),
        width: clamp(shareOf(RECTANGLE[2], width, 1 - x), 0, 1 - x),
        height: clamp(shareOf(RECTANGLE[3], height, 1 - y), 0, 1 - y),
      };
    },
    write({ x, y, width, height }) {
      const all = sides();
      const pixels = [x * all.width, y * all.height, width * all.width, height * all.height];
      pixels.forEach((length, index) => {
        field(RECTANGLE[index]).value = String(Math.max(index < 2 ? 0 : 1, Math.round(length)));
      });
      changed(field(RECTANGLE[0]));
    },
    parts: [
      { edges: "", label: "The region" },
      ...[["lt", "Top left"], ["rt", "Top right"], ["lb", "Bottom left"], ["rb", "Bottom right"]]
        .map(([edges, label]) => ({ edges, label: `${label} corner` })),
      ...[["l", "Left"], ["r", "Right"], ["t", "Top"], ["b", "Bottom"]]
        .map(([edges, label]) => ({ edges, label: `${label} edge` })),
    ],
    /** The rectangle with some of its edges moved, or as a whole where none is named. */
    move({ x, y, width, height }, { edges, dx, dy }) {
      if (edges === "") {
        return { x: clamp(x + dx, 0, 1 - width), y: clamp(y + dy, 0, 1 - height), width, height };
      }
      const least = 0.01;
      const left = edges.includes("l") ? clamp(x + dx, 0, x + width - least) : x;
      const right = edges.includes("r") ? clamp(x + width + dx, x + least, 1) : x + width;
      const top = edges.includes("t") ? clamp(y + dy, 0, y + height - least) : y;
      const bottom = edges.includes("b") ? clamp(y + height + dy, y + least, 1) : y + height;
      return { x: left, y: top, width: right - left, height: bottom - top };
    },
  },
  point: {
    read() {
      return {
        x: clamp(shareOf("focus.0", 1, 0.5), 0, 1),
        y: clamp(shareOf("focus.1", 1, 0.5), 0, 1),
      };
    },
    write({ x, y }) {
      field("focus.0").value = String(Number(x.toFixed(3)));
      field("focus.1").value = String(Number(y.toFixed(3)));
      changed(field("focus.0"));
    },
    parts: [{ edges: "", label: "The focus" }],
    move: ({ x, y }, { dx, dy }) => ({ x: clamp(x + dx, 0, 1), y: clamp(y + dy, 0, 1) }),
  },
};

/** Draws the tool as its fields say. */
export function showTool() {
  for (const button of findAll("[data-tool]")) {
    const isOn = button.dataset.tool === tool;
    button.ariaPressed = String(isOn);
    button.textContent = isOn ? "Done" : "Set on the picture";
  }
  find("#stage").classList.toggle("setting", tool !== undefined);
  overlay.hidden = tool === undefined;
  overlay.className = tool ?? "";
  if (tool === undefined) return;
  const shape = TOOLS[tool].read();
  for (const [name, share] of Object.entries(shape)) {
    overlay.style.setProperty(`--${name}`, `${100 * share}%`);
  }
  const { width, height } = sides();
  for (const grip of overlay.children) {
    grip.ariaDescription = tool === "point"
      ? `${Math.round(100 * shape.x)} % from the left, ${
        Math.round(100 * shape.y)
      } % from the top. Arrow keys move it.`
      : `${Math.round(shape.width * width)} by ${
        Math.round(shape.height * height)
      } pixels. Arrow keys move it.`;
  }
}

function toggle(name) {
  tool = tool === name ? undefined : name;
  if (tool !== undefined) {
    setView("sides");
    overlay.replaceChildren(...TOOLS[tool].parts.map(({ edges, label }) => {
      const grip = element("button", { type: "button", className: "grip" });
      grip.ariaLabel = label;
      grip.dataset.edges = edges;
      // The corners move every edge: the keyboard needs no more.
      if (edges.length === 1) grip.tabIndex = -1;
      return grip;
    }));
    TOOLS[tool].write(TOOLS[tool].read());
  }
  showTool();
  if (tool !== undefined) {
    find("#original").scrollIntoView({ block: "nearest" });
    overlay.firstElementChild.focus({ preventScroll: true });
    say("Drag it on the original, or use the arrow keys.");
  }
}

overlay.addEventListener("pointerdown", (event) => {
  const box = overlay.getBoundingClientRect();
  const at = ({ clientX, clientY }) => ({
    x: (clientX - box.left) / box.width,
    y: (clientY - box.top) / box.height,
  });
  const edges = event.target.dataset.edges ?? "";
  const { read, write, move } = TOOLS[tool];
  const start = at(event);
  let shape = read();
  if (tool === "point") shape = start;
  else if (event.target === overlay) return;
  event.preventDefault();
  event.target.focus?.();
  const follow = (moved) => {
    const { x, y } = at(moved);
    write(move(shape, { edges, dx: x - start.x, dy: y - start.y }));
    showTool();
  };
  const end = () => {
    overlay.removeEventListener("pointermove", follow);
    overlay.removeEventListener("pointerup", end);
    overlay.removeEventListener("pointercancel", end);
  };
  overlay.setPointerCapture(event.pointerId);
  overlay.addEventListener("pointermove", follow);
  overlay.addEventListener("pointerup", end);
  overlay.addEventListener("pointercancel", end);
  follow(event);
});

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

overlay.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return toggle(tool);
  const [x, y] = ARROWS[event.key] ?? [];
  if (x === undefined) return;
  event.preventDefault();
  const far = event.shiftKey ? 0.1 : 0.01;
  const { read, write, move } = TOOLS[tool];
  write(move(read(), { edges: event.target.dataset.edges, dx: x * far, dy: y * far }));
  showTool();
});

for (const button of findAll("[data-tool]")) {
  button.addEventListener("click", () => toggle(button.dataset.tool));
}
