/** POSIX classes that RE2 knows inside brackets and JavaScript does not. */
const POSIX: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\t\\n\\v\\f\\r ',
  punct: '!-\\/:-@\\[-`{-~',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/**
 * A JavaScript expression for an RE2 one, anchored at both ends, the dot matching newlines, as Prometheus
 * compiles matchers. Throws SyntaxError on a pattern JavaScript cannot compile.
 */
export function anchoredRegex(pattern: string): RegExp {
  let source = pattern;
  let flags = 's';
  const leading = /^\(\?([imsU]+)\)/.exec(source);
  if (leading) {
    source = source.slice(leading[0].length);
    if (leading[1]!.includes('i')) flags += 'i';
    if (leading[1]!.includes('m')) flags += 'm';
  }
  source = source
    .replaceAll('(?P<', '(?<')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => POSIX[name] ?? whole)
    .replace(/\\Q(.*?)(?:\\E|$)/g, (_, literal: string) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$');
  if (/\\p[{A-Z]/i.test(source)) {
    flags += 'u';
    source = source.replace(/\\(p)([A-Z])/gi, '\\$1{$2}');
  }
  return new RegExp(`^(?:${source})$`, flags);
}
