// Questions and answers between two threads of the process.

/** What one side can be asked: each takes one argument that can be posted, and may answer later. */
export type Methods = Readonly<Record<string, (argument: never) => unknown>>;

export interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

export interface Calls<Theirs extends Methods> {
  /** Asks the other side. Rejects with the other side's message, or with what `end` was given. */
  call<Name extends keyof Theirs & string>(
    name: Name,
    argument: Parameters<Theirs[Name]>[0],
  ): Promise<Awaited<ReturnType<Theirs[Name]>>>;
  /** The same, where no answer is waited for. */
  tell<Name extends keyof Theirs & string>(
    name: Name,
    argument: Parameters<Theirs[Name]>[0],
  ): void;
  /** Rejects all that waits for an answer, and all that is asked from now on. */
  end(reason: Error): void;
}

type Message =
  | { id?: number; name: string; argument: unknown }
  | { id: number; value: unknown }
  | { id: number; problem: string };

/** Listens on a port, answers by `own`, and asks the other side. */
export function createCalls<Theirs extends Methods>(port: Port, own: Methods): Calls<Theirs> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let ended: Error | undefined;

  port.onmessage = ({ data }: MessageEvent<Message>) => {
    if ("name" in data) return void answer(data);
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ("problem" in data) asked?.reject(new Error(data.problem));
    else asked?.resolve(data.value);
  };

  async function answer({ id, name, argument }: Extract<Message, { name: string }>) {
    try {
      const value = await own[name]!(argument as never);
      if (id !== undefined) port.postMessage({ id, value });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (id !== undefined) port.postMessage({ id, problem });
    }
  }

  return {
    call(name, argument) {
      if (ended) return Promise.reject(ended);
      const asked = Promise.withResolvers<unknown>();
      waiting.set(++lastId, asked);
      port.postMessage({ id: lastId, name, argument });
      return asked.promise as Promise<Awaited<ReturnType<Theirs[typeof name]>>>;
    },
    tell(name, argument) {
      if (!ended) port.postMessage({ name, argument });
    },
    end(reason) {
      ended ??= reason;
      for (const { reject } of waiting.values()) reject(reason);
      waiting.clear();
    },
  };
}
