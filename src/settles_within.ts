// Waiting with an end, for what is in flight when a server or the program stops.

/** Whether the promise settles in so many milliseconds; 0 gives it none. */
export async function settlesWithin(
  promise: Promise<unknown> | undefined,
  milliseconds: number,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise?.then(() => true) ?? true, late]);
  } finally {
    clearTimeout(timer);
  }
}
