/** The known word closest to a mistyped one, or undefined if none is close enough to be worth suggesting. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? [...known].find((candidate) => isPartOf(word, candidate));
}

/**
 * The known word that this one is a slip of the pen of: one letter more, less, other or swapped, two from eight letters on.
 * Stricter than `nearest`, for words that may as well be new: 503 is no typo of 500, nor pod-d of pod-c.
 */
export function mistyped(word: string, known: Iterable<string>): string | undefined {
  const limit = (candidate: string) => (Math.max(word.length, candidate.length) < 8 ? 1 : 2);
  if (word.length < 3) return undefined;
  return [...known].find(
    (candidate) =>
      !isSibling(word, candidate) &&
      editDistance(word.toLowerCase(), candidate.toLowerCase(), limit(candidate) + 1) <= limit(candidate),
  );
}

/** Alike but for a number or a last short part: members of one series of names. */
function isSibling(word: string, candidate: string): boolean {
  const stem = (name: string) => name.replace(/\d+/g, '#').replace(/([-_.])[A-Za-z#]{1,2}$/, '$1');
  return stem(word) === stem(candidate) || (/\d/.test(word) && /^\d/.test(candidate));
}

/** What to do about an unknown word: the nearest known one, else all of them if they are few. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  const words = [...known];
  const close = nearest(word, words);
  if (close !== undefined) return `Did you mean "${close}"?`;
  if (words.length === 0) return undefined;
  const shown = [...words].sort().slice(0, 12);
  return `Known: ${shown.join(', ')}${words.length > shown.length ? ', …' : ''}.`;
}

function isPartOf(word: string, candidate: string): boolean {
  return word.length >= 4 && candidate.toLowerCase().includes(word.toLowerCase());
}

/** Damerau-Levenshtein (a swap of neighbours counts as one), cut off at `limit`. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length]!;
}
