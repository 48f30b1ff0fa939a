/** Runs a task for each item, a few at once, and gives the results in the order of the items. The first error ends it. */
export async function mapAtOnce<Item, Result>(
  items: readonly Item[],
  most: number,
  task: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const rest = items.entries();
  const work = async () => {
    // One iterator for all workers: each takes the next that nobody took.
    for (const [index, item] of rest) results[index] = await task(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  return results;
}
