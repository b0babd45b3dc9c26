// The behaviour that every cache backend owes, run on each against the real thing. A row opens its
// own store in an empty place and closes it, so the leak sanitizers judge close() every time.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Store } from "../../src/cache/drivers/store.ts";
import { eventually } from "./eventually.ts";

/** A running backend. */
export interface StoreSubject {
  /** Opens the place of that name, empty at first; opening it again finds what it holds. */
  open(place: string): Promise<Store>;
  /** Opens a store whose backend does not answer; undefined where there is nothing to fail. */
  openDown?: () => Promise<Store>;
  /** Whether the server itself replaces a value at once; a real one does, a test's may not. */
  atomic: boolean;
  /** Whether what is set survives close(). */
  lasts: boolean;
  /** Whether ttlSeconds is obeyed. */
  expires: boolean;
  /** A key that the backend holds but that is not of this cache, and how to see it. */
  foreign?: { put(place: string): Promise<void>; kept(place: string): Promise<boolean> };
  stop(): Promise<void>;
}

/** Registers one test of all rows; `missing` says what is not installed, and skips it. */
export function testStore(
  name: string,
  { start, missing }: { start(): Promise<StoreSubject>; missing?: string | undefined },
): void {
  const title = missing ? `${name} store (skipped: ${missing})` : `${name} store`;
  Deno.test({ name: title, ignore: missing !== undefined }, async (t) => {
    const subject = await start();
    try {
      for (const [index, row] of ROWS.entries()) {
        await t.step({
          name: row.name,
          ignore: row.needs !== undefined && !subject[row.needs],
          fn: () => row.run(subject, `p${index}`),
        });
      }
    } finally {
      await subject.stop();
    }
  });
}

/** A key of the form that the cache uses. */
export async function keyOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const hex = new Uint8Array(digest).toHex();
  return `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex}`;
}

/** Bytes that say who wrote them, so that a mixture of two writers is noticed. */
export function bytesOf(writer: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(writer);
}

interface Row {
  name: string;
  needs?: "atomic" | "openDown" | "lasts" | "expires" | "foreign";
  run(subject: StoreSubject, place: string): Promise<void>;
}

function withStore(use: (store: Store) => Promise<void>): Row["run"] {
  return async (subject, place) => {
    const store = await subject.open(place);
    try {
      await use(store);
    } finally {
      await store.close();
    }
  };
}

const ALL_BYTES = Uint8Array.from({ length: 1024 }, (_, i) => i % 256);
const MANY = 1_150;

const ROWS: Row[] = [
  {
    name: "answers undefined for a missing key",
    run: withStore(async (store) => {
      assert.equal(await store.get(await keyOf("missing")), undefined);
    }),
  },
  {
    name: "returns all byte values as they were set",
    run: withStore(async (store) => {
      const key = await keyOf("bytes");
      await store.set(key, ALL_BYTES);
      assert.deepEqual(plain(await store.get(key)), ALL_BYTES);
    }),
  },
  {
    name: "sets the bytes of a view, not of the buffer under it",
    run: withStore(async (store) => {
      const key = await keyOf("view");
      await store.set(key, ALL_BYTES.subarray(100, 300));
      assert.deepEqual(plain(await store.get(key)), ALL_BYTES.slice(100, 300));
    }),
  },
  {
    name: "keeps its bytes when the caller changes the array set or got",
    run: withStore(async (store) => {
      const key = await keyOf("alias");
      const mine = bytesOf(1, 64);
      await store.set(key, mine);
      mine.fill(2);
      (await store.get(key))!.fill(3);
      assert.deepEqual(plain(await store.get(key)), bytesOf(1, 64));
    }),
  },
  {
    name: "holds an empty value",
    run: withStore(async (store) => {
      const key = await keyOf("empty");
      await store.set(key, new Uint8Array());
      assert.deepEqual(plain(await store.get(key)), new Uint8Array());
    }),
  },
  {
    name: "holds 8 MiB",
    run: withStore(async (store) => {
      const key = await keyOf("large");
      const large = new Uint8Array(8 << 20);
      for (let i = 0; i < large.length; i += 65_536) {
        crypto.getRandomValues(large.subarray(i, i + 65_536));
      }
      await store.set(key, large);
      const got = await store.get(key);
      assert.ok(got && Buffer.compare(got, large) === 0);
    }),
  },
  {
    name: "replaces a value with a shorter and a longer one",
    run: withStore(async (store) => {
      const key = await keyOf("replaced");
      for (const length of [1000, 10, 2000]) {
        await store.set(key, bytesOf(7, length));
        assert.deepEqual(plain(await store.get(key)), bytesOf(7, length));
      }
    }),
  },
  {
    name: "deletes a key, and does not mind a missing one",
    run: withStore(async (store) => {
      const [key, other] = [await keyOf("deleted"), await keyOf("kept")];
      await store.set(key, ALL_BYTES);
      await store.set(other, ALL_BYTES);
      await store.delete(key);
      await store.delete(key);
      assert.equal(await store.get(key), undefined);
      assert.deepEqual(plain(await store.get(other)), ALL_BYTES);
    }),
  },
  {
    name: "tells unusual keys apart, and lists them as they are",
    run: withStore(async (store) => {
      const keys = [
        ...["a", "A", "a:b", "a/b", "a\\b", "a?w=1", "a?w=2", "a#b", "a%2Fb", "a&b<c>'d\"", "a+b"],
        ...["a b", "a*b[c]", ".", "..", "a:..:b", "../../escape", "a:", ":a", "a::b", "con", "ü"],
        ...["日本:🙂", "http://h/x", "http:/h/x", "end$", "tmp", "tmp:x", "x".repeat(200)],
      ];
      await Promise.all(keys.map((key) => store.set(key, new TextEncoder().encode(key))));
      for (const key of keys) {
        assert.equal(new TextDecoder().decode(await store.get(key)), key);
      }
      assert.deepEqual((await Array.fromAsync(store.keys!())).sort(), keys.toSorted());
    }),
  },
  {
    name: "never shows a mixture of two writers of one key",
    needs: "atomic",
    run: withStore(async (store) => {
      const key = await keyOf("contended");
      await store.set(key, bytesOf(0, 300_000));
      let writing = true;
      const writers = [1, 2, 3, 4].map(async (writer) => {
        for (let i = 0; i < 8; i++) await store.set(key, bytesOf(writer, 300_000 + writer));
      });
      const reader = (async () => {
        while (writing) {
          const got = await store.get(key);
          assert.ok(got, "the key went missing");
          assert.equal(got.length, 300_000 + got[0]!, "torn");
          assert.ok(got.every((byte) => byte === got[0]), "torn");
        }
      })();
      await Promise.all([reader, Promise.all(writers).finally(() => writing = false)]);
    }),
  },
  {
    name: `lists ${MANY} keys, all and by prefix, and counts them`,
    run: withStore(async (store) => {
      const keys = await Promise.all(Array.from({ length: MANY }, (_, i) => keyOf(`many ${i}`)));
      await inParallel(keys, 32, (key) => store.set(key, bytesOf(1, 10)));
      assert.deepEqual((await Array.fromAsync(store.keys!())).sort(), keys.toSorted());
      for (const length of [1, 2, 3, 4, 5, 6, 7, 12]) {
        const prefix = keys[0]!.slice(0, length);
        assert.deepEqual(
          (await Array.fromAsync(store.keys!(prefix))).sort(),
          keys.filter((key) => key.startsWith(prefix)).sort(),
          `prefix ${prefix}`,
        );
      }
      assert.deepEqual(await store.stats!(), { entries: MANY, bytes: MANY * 10 });
    }),
  },
  {
    name: "forgets a key after its ttl, and not before",
    needs: "expires",
    run: withStore(async (store) => {
      const [short, long] = [await keyOf("short"), await keyOf("long")];
      await store.set(long, ALL_BYTES, { ttlSeconds: 600 });
      // Its time may be over at once where the machine takes a moment for itself.
      await eventually(async () => {
        await store.set(short, ALL_BYTES, { ttlSeconds: 0.4 });
        assert.ok(await store.get(short));
      });
      await eventually(async () => assert.equal(await store.get(short), undefined));
      assert.ok(await store.get(long));
    }),
  },
  {
    name: "does 400 things at once",
    run: withStore(async (store) => {
      const keys = await Promise.all(Array.from({ length: 100 }, (_, i) => keyOf(`busy ${i}`)));
      await Promise.all(keys.flatMap((key, i) => [
        store.set(key, bytesOf(i, 5_000)),
        store.get(key),
        store.delete(`${key}:other`),
        store.get(`${key}:none`),
      ]));
      const got = await Promise.all(keys.map((key) => store.get(key)));
      got.forEach((value, i) => assert.deepEqual(plain(value), bytesOf(i, 5_000)));
    }),
  },
  {
    name: "stops waiting for a get that is aborted",
    run: withStore(async (store) => {
      const key = await keyOf("aborted");
      await store.set(key, bytesOf(1, 2 << 20));
      const reason = new Error("no longer wanted");
      await assert.rejects(store.get(key, AbortSignal.abort(reason)), reason);
      const controller = new AbortController();
      const got = store.get(key, controller.signal);
      controller.abort(reason);
      await assert.rejects(got, reason);
      assert.equal((await store.get(key, new AbortController().signal))?.length, 2 << 20);
    }),
  },
  {
    name: "finds everything after being closed and opened again",
    needs: "lasts",
    run: async (subject, place) => {
      const key = await keyOf("lasting");
      await withStore((store) => store.set(key, ALL_BYTES))(subject, place);
      await withStore(async (store) => {
        assert.deepEqual(plain(await store.get(key)), ALL_BYTES);
        assert.deepEqual(await store.stats!(), { entries: 1, bytes: ALL_BYTES.length });
      })(subject, place);
    },
  },
  {
    name: "neither sees nor removes what others keep beside it",
    needs: "foreign",
    run: async (subject, place) => {
      await subject.foreign!.put(place);
      await withStore(async (store) => {
        await store.set(await keyOf("ours"), ALL_BYTES);
        const keys = await Array.fromAsync(store.keys!());
        assert.deepEqual(keys, [await keyOf("ours")]);
        assert.deepEqual(await store.stats!(), { entries: 1, bytes: ALL_BYTES.length });
        for (const key of keys) await store.delete(key);
      })(subject, place);
      assert.ok(await subject.foreign!.kept(place));
    },
  },
  {
    name: "rejects within two seconds when the backend is down",
    needs: "openDown",
    run: async (subject) => {
      const store = await subject.openDown!();
      try {
        const key = await keyOf("down");
        const started = performance.now();
        await Promise.all([
          assert.rejects(store.get(key)),
          assert.rejects(store.set(key, ALL_BYTES)),
          assert.rejects(store.delete(key)),
          assert.rejects(Array.fromAsync(store.keys!())),
        ]);
        // As long as it may take each alone, and room for a busy machine; a server that is waited for takes longer.
        assert.ok(performance.now() - started < 8_000);
      } finally {
        await store.close();
      }
    },
  },
  {
    name: "rejects once it is closed, and closes twice",
    run: async (subject, place) => {
      const store = await subject.open(place);
      await store.set(await keyOf("closed"), ALL_BYTES);
      await store.close();
      await store.close();
      await assert.rejects(store.get(await keyOf("closed")), /closed/);
      await assert.rejects(store.set(await keyOf("closed"), ALL_BYTES), /closed/);
    },
  },
];

/** Some backends answer with a Buffer, which deepEqual tells from a Uint8Array. */
function plain(value: Uint8Array | undefined): Uint8Array | undefined {
  return value && new Uint8Array(value);
}

async function inParallel<T>(items: T[], lanes: number, work: (item: T) => Promise<unknown>) {
  const queue = items.values();
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (const item of queue) await work(item);
  }));
}
