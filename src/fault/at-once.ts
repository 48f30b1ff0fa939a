/** How many questions an API server is asked at a time: a connection each for a hundred would cost more than they do. */
const atOnceMost = 10;

/**
 * Does the same for all items, ten (or `most`) at a time; gives the results in the order of the items. Throws the error of the first
 * item (in that order) that has one, after all have ended: nothing goes on behind the caller's back.
 */
export async function atOnce<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
  most = atOnceMost,
): Promise<Result[]> {
  const results: PromiseSettledResult<Result>[] = [];
  const waiting = items.entries();
  const work = async () => {
    for (const [index, item] of waiting)
      results[index] = await task(item).then(
        (value) => ({ status: 'fulfilled', value }),
        (reason: unknown) => ({ status: 'rejected', reason }),
      );
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
