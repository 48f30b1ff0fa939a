/**
 * Shell patterns (`*`, `?`, `[a-z]`, `[!a-z]`, backslash). All are matched in one pass over the text that keeps every
 * place of the pattern where it may be: the time is that of text times pattern, whatever the pattern.
 */

type Token = 'star' | ((unit: number) => boolean);

/** Whether a whole text matches. */
export function matchPattern(pattern: string, text: string): boolean {
  const lengths = lengthsOf(tokensOf(pattern), text.length, (at) => text.charCodeAt(at));
  for (const length of lengths) if (length === text.length) return true;
  return false;
}

/** How long the beginning (`end`: or the end) of a text is that matches: the shortest or the longest one. */
export function matchingPart(
  pattern: string,
  text: string,
  { end, longest }: { end: boolean; longest: boolean },
): number | undefined {
  const tokens = tokensOf(pattern);
  const last = text.length - 1;
  const lengths = end
    ? lengthsOf(tokens.reverse(), text.length, (at) => text.charCodeAt(last - at))
    : lengthsOf(tokens, text.length, (at) => text.charCodeAt(at));
  let found: number | undefined;
  for (const length of lengths) {
    found = length;
    if (!longest) break;
  }
  return found;
}

/** The lengths of all beginnings that match, the shortest first. */
function* lengthsOf(
  tokens: readonly Token[],
  length: number,
  unitAt: (at: number) => number,
): Generator<number> {
  const end = tokens.length;
  let places = new Uint8Array(end + 1);
  let next = new Uint8Array(end + 1);
  places[0] = 1;
  for (let at = 0; ; at++) {
    let alive = false;
    for (let place = 0; place < end; place++) {
      if (!places[place]) continue;
      alive = true;
      // A star may stand for nothing.
      if (tokens[place] === 'star') places[place + 1] = 1;
    }
    if (places[end]) yield at;
    if (!alive || at >= length) return;
    const unit = unitAt(at);
    next.fill(0);
    for (let place = 0; place < end; place++) {
      if (!places[place]) continue;
      const token = tokens[place]!;
      if (token === 'star') next[place] = 1;
      else if (token(unit)) next[place + 1] = 1;
    }
    [places, next] = [next, places];
  }
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    const close = char === '[' ? pattern.indexOf(']', pattern[at + 1] === '!' ? at + 3 : at + 2) : -1;
    if (close > 0) {
      tokens.push(oneOf(pattern.slice(at + 1, close)));
      at = close;
    } else if (char === '*') {
      if (tokens.at(-1) !== 'star') tokens.push('star');
    } else if (char === '?') tokens.push(() => true);
    else if (char === '\\' && at + 1 < pattern.length) tokens.push(equals(pattern.charCodeAt(++at)));
    else tokens.push(equals(pattern.charCodeAt(at)));
  }
  return tokens;
}

function equals(wanted: number): Token {
  return (unit) => unit === wanted;
}

/** The inside of brackets: characters and ranges, `!` before what is not to match. */
function oneOf(inside: string): Token {
  const not = inside.startsWith('!');
  const ranges: [number, number][] = [];
  for (let at = not ? 1 : 0; at < inside.length; at++) {
    const from = inside.charCodeAt(at);
    const range = inside[at + 1] === '-' && at + 2 < inside.length;
    ranges.push([from, range ? inside.charCodeAt(at + 2) : from]);
    if (range) at += 2;
  }
  return (unit) => ranges.some(([from, to]) => unit >= from && unit <= to) !== not;
}
