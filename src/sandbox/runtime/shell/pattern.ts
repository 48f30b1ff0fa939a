/** A shell pattern (`*`, `?`, `[a-z]`, backslash) against a whole text. */
export function matchPattern(pattern: string, text: string): boolean {
  return patternExpression(pattern).test(text);
}

export function patternExpression(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    const bracket = char === '[' ? /^\[(!?)([^\]]+)\]/.exec(pattern.slice(at)) : null;
    if (bracket) {
      source += `[${bracket[1] ? '^' : ''}${bracket[2]!.replace(/\\/g, '\\\\')}]`;
      at += bracket[0].length - 1;
    } else if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (char === '\\' && at + 1 < pattern.length) source += literal(pattern[++at]!);
    else source += literal(char);
  }
  return new RegExp(`^${source}$`, 's');
}

function literal(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
