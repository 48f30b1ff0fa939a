/** Names that the server makes up. */

// No vowels and no 0, 1, 3, as apimachinery's rand.String: no words by accident.
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters after a generateName. `random` gives numbers in [0, 1). */
export function randomSuffix(random: () => number, length = 5): string {
  let text = '';
  for (let index = 0; index < length; index++) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

/** A prefix is cut so that the whole name stays within 63 characters. */
export function generateName(prefix: string, random: () => number): string {
  return prefix.slice(0, 63 - 5) + randomSuffix(random);
}

/** The last one with a year of four digits. */
const latest = Date.UTC(9999, 11, 31, 23, 59, 59);

/** RFC 3339 to the second, as metav1.Time is written; what is later than it can say is its latest. */
export function timestamp(ms: number): string {
  return `${new Date(Math.min(ms, latest)).toISOString().slice(0, 19)}Z`;
}
