// Chromium without a screen, driven over its own DevTools protocol: just what the tests of the page need.
import { findCommand } from "./command.ts";

/** What CHROMIUM names, or what lies on PATH; undefined where there is none. */
export function chromiumPath(): string | undefined {
  return Deno.env.get("CHROMIUM") ?? findCommand("chromium") ?? findCommand("chromium-browser");
}

export interface Tab {
  open(url: string): Promise<void>;
  /** The value of an expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until the expression is truthy; fails with it after ten seconds. */
  until(expression: string): Promise<void>;
  /** Presses and releases a key, such as "Tab", "Enter", " " or a letter. */
  press(key: string): Promise<void>;
  type(text: string): Promise<void>;
  /** Presses the mouse at one place and lets it go at another. */
  drag(from: Place, to: Place): Promise<void>;
  look(view: View): Promise<void>;
  /** A PNG of the whole page. */
  screenshot(): Promise<Uint8Array>;
  /** Messages of the console, refusals of the security policy and errors among them. */
  problems: string[];
  /** URLs that were asked for, beyond data: and blob:. */
  requests: string[];
}

/** In pixels of the page's style. */
export interface Place {
  x: number;
  y: number;
}

export interface View {
  width: number;
  height: number;
  dark: boolean;
  mobile?: boolean;
}

export interface Browser extends AsyncDisposable {
  tab: Tab;
}

/** Time that a browser has to end of itself. */
const PATIENCE_MS = 3000;

type Parameters = Record<string, unknown>;

interface Message {
  id?: number;
  method?: string;
  params?: Parameters;
  result?: Parameters;
  error?: { message: string };
}

const KEYS: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  " ": 32,
  ArrowRight: 39,
  ArrowDown: 40,
};

/** Starts a browser with one empty tab, with features that are off by default; disposing ends it and removes its profile. */
export async function startBrowser(
  path: string,
  { features = [] }: { features?: readonly string[] } = {},
): Promise<Browser> {
  const profile = await Deno.makeTempDir({ prefix: "imageproxy-chromium-" });
  const process = new Deno.Command(path, {
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--no-first-run",
      ...features.length > 0 ? [`--enable-features=${features.join(",")}`] : [],
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    env: { HOME: profile },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { address, drained, stopReading } = await debuggerAddress(process.stderr);
  const { host } = new URL(address);
  const targets: { type: string; webSocketDebuggerUrl: string }[] =
    await (await fetch(`http://${host}/json/list`)).json();
  const socket = new WebSocket(targets.find(({ type }) => type === "page")!.webSocketDebuggerUrl);
  await once(socket, "open");
  const tab = await createTab(socket);
  return {
    tab,
    async [Symbol.asyncDispose]() {
      const closed = socket.readyState === WebSocket.CLOSED ? undefined : once(socket, "close");
      socket.close();
      // One that hangs answers neither: its socket closes when it is gone.
      process.kill("SIGTERM");
      const impatience = setTimeout(() => process.kill("SIGKILL"), PATIENCE_MS);
      await process.status;
      clearTimeout(impatience);
      await closed;
      // What it has started may hang too, and keep its stderr open.
      stopReading();
      await drained;
      await removeFolder(profile);
    },
  };
}

async function createTab(socket: WebSocket): Promise<Tab> {
  const waiting = new Map<number, PromiseWithResolvers<Parameters>>();
  const listeners = new Map<string, (params: Parameters) => void>();
  let lastId = 0;
  socket.onmessage = ({ data }) => {
    const { id, method, params = {}, result = {}, error }: Message = JSON.parse(data);
    if (id === undefined) return listeners.get(method!)?.(params);
    const call = waiting.get(id);
    waiting.delete(id);
    if (error) call?.reject(new Error(error.message));
    else call?.resolve(result);
  };

  function call(method: string, params: Parameters = {}): Promise<Parameters> {
    const pending = Promise.withResolvers<Parameters>();
    waiting.set(++lastId, pending);
    socket.send(JSON.stringify({ id: lastId, method, params }));
    return pending.promise;
  }

  async function evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await call("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    }) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string } } };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? expression);
    return result.value;
  }

  const tab: Tab = {
    problems: [],
    requests: [],
    evaluate,
    async open(url) {
      const loaded = new Promise<void>((resolve) =>
        listeners.set("Page.loadEventFired", () => resolve())
      );
      await call("Page.navigate", { url });
      await loaded;
    },
    async until(expression) {
      for (let tries = 0; tries < 200; tries++) {
        if (await evaluate(`Boolean(${expression})`)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const where = await evaluate("location.href");
      throw new Error([`Never came true: ${expression}; at ${where}`, ...tab.problems].join("\n"));
    },
    async press(key) {
      const code = KEYS[key] ?? key.toUpperCase().charCodeAt(0);
      const text = key === "Enter" ? "\r" : key.length === 1 ? key : undefined;
      const common = { key, windowsVirtualKeyCode: code, code: key === " " ? "Space" : key };
      await call("Input.dispatchKeyEvent", { type: "keyDown", ...common, ...(text && { text }) });
      await call("Input.dispatchKeyEvent", { type: "keyUp", ...common });
    },
    type: async (text) => void await call("Input.insertText", { text }),
    async drag(from, to) {
      const mouse = (type: string, { x, y }: Place) =>
        call("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: 1, clickCount: 1 });
      await mouse("mousePressed", from);
      await mouse("mouseMoved", { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 });
      await mouse("mouseMoved", to);
      await mouse("mouseReleased", to);
    },
    async look({ width, height, dark, mobile = false }) {
      await call("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        mobile,
        deviceScaleFactor: 1,
      });
      await call("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
      });
    },
    async screenshot() {
      const { data } = await call("Page.captureScreenshot", {
        format: "png",
        captureBeyondViewport: false,
      });
      return Uint8Array.from(atob(data as string), (char) => char.charCodeAt(0));
    },
  };
  listeners.set("Log.entryAdded", ({ entry }) => {
    const { level, text } = entry as { level: string; text: string };
    if (level === "error" || level === "warning") tab.problems.push(text);
  });
  listeners.set("Runtime.exceptionThrown", ({ exceptionDetails }) => {
    tab.problems.push(JSON.stringify(exceptionDetails));
  });
  listeners.set("Network.requestWillBeSent", ({ request }) => {
    const { url } = request as { url: string };
    if (!/^(?:data|blob):/.test(url)) tab.requests.push(url);
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await call(`${domain}.enable`);
  return tab;
}

/** Reads stderr until the address shows, and goes on reading so that the browser never has to wait. */
async function debuggerAddress(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<{ address: string; drained: Promise<void>; stopReading: () => void }> {
  const found = Promise.withResolvers<string>();
  const reader = stderr.getReader();
  const drained = (async () => {
    const decoder = new TextDecoder();
    let text = "";
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      text += decoder.decode(value, { stream: true });
      const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (address) found.resolve(address);
    }
    found.reject(new Error(`Chromium did not start:\n${text}`));
  })();
  found.promise.catch(() => {});
  const stopReading = () => void reader.cancel().catch(() => {});
  return { address: await found.promise, drained, stopReading };
}

function once(target: EventTarget, name: string): Promise<void> {
  return new Promise((resolve) => target.addEventListener(name, () => resolve(), { once: true }));
}

/** Chromium's helpers may write for a moment after it has gone. */
async function removeFolder(path: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
