/** How many questions a server is asked at a time: a connection each for a hundred would cost more than they do. */
const atOnceMost = 10;

/**
 * Does the same for all items, ten (or `most`) at a time; gives the results in the order of the items. After an error none
 * is begun any more; it throws the error of the first item (in that order) that has one when those under way have
 * ended: nothing goes on behind the caller's back.
 */
export async function atOnce<Item, Result>(
  items: readonly Item[],
  task: (item: Item, index: number) => Promise<Result>,
  most = atOnceMost,
): Promise<Result[]> {
  const results: Result[] = [];
  const errors = new Map<number, unknown>();
  const waiting = items.entries();
  const work = async () => {
    // One iterator for all workers: each takes the next that nobody took.
    while (errors.size === 0) {
      const { value: next } = waiting.next();
      if (!next) return;
      const [index, item] = next;
      try {
        results[index] = await task(item, index);
      } catch (error) {
        errors.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  if (errors.size > 0) throw errors.get(Math.min(...errors.keys()));
  return results;
}

/**
 * Runs tasks side by side. The first that fails calls off the others by the signal that each is given, and is thrown once
 * all have ended: also of those that are called off a write may be under way.
 */
export async function sideBySide(
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const until = AbortSignal.any([signal, failed.signal]);
  await Promise.all(tasks.map((task) => task(until).catch((error: unknown) => failed.abort(error))));
  failed.signal.throwIfAborted();
}
