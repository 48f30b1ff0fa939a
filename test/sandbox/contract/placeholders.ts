/** Placeholders in recorded cases: `<uid:1>` is one value throughout a case, `<time>` any value of its kind. */

const any = '[\\s\\S]*?';
const patterns: Record<string, string> = {
  uid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  rv: '\\d+',
  listRv: '\\d+',
  time: '(?:\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z| ?[+-]\\d{4}| ?[+-]\\d\\d:\\d\\d)?|[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d [+-]\\d{4})',
  microtime: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z',
  age: '-?(?:[0-9.]+(?:ns|µs|ms|y|d|h|m|s))+',
  quantity: '\\d+(?:m|Ki|Mi|Gi|%)?',
  suffix: '[a-z0-9]+',
  hash: '[A-Za-z0-9]+',
  ip: '\\d+\\.\\d+\\.\\d+\\.\\d+',
  nodePort: '\\d+',
  continue: '\\S+',
  token: '\\S+',
  containerID: '\\S+',
  imageID: '\\S+',
  node: '[a-z0-9.-]+',
  version: '\\S*',
  gitVersion: '\\S+',
  gitCommit: '\\S+',
  gitTreeState: '\\S+',
  buildDate: '\\S+',
  goVersion: '\\S+',
  compiler: '\\S+',
  platform: '\\S+',
  'client-version': '\\S+',
  certificate: any,
  object: any,
  diff: any,
  server: '\\S+?',
  file: '\\S+?',
  tmp: '\\S+?',
  log: any,
  'os-image': any,
  'kernel-version': '\\S+',
  'container-runtime': '\\S+',
  trimmed: any,
};

const placeholder = /<([a-zA-Z][a-zA-Z-]*)(?::([a-z0-9]+))?>/g;

/** The values of one case's placeholders. */
export type Bindings = Map<string, unknown>;

const isFree = (name: string, number: string | undefined) =>
  number === 'any' || (number === undefined && name !== 'node');

/** True if the text contains a placeholder. */
export function hasPlaceholder(text: string): boolean {
  return [...text.matchAll(placeholder)].some(([, name]) => patterns[name!] !== undefined);
}

/** Puts known values in place of placeholders, wherever they stand in a value. */
export function substitute<T>(value: T, bindings: Bindings): T {
  if (typeof value === 'string') {
    const whole = bindings.get(value);
    if (whole !== undefined) return whole as T;
    return value.replace(placeholder, (text) => String(bindings.get(text) ?? anyTime(text))) as T;
  }
  if (Array.isArray(value)) return value.map((item) => substitute(item, bindings)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [substitute(key, bindings), substitute(item, bindings)]),
  ) as T;
}

/** A time that a request repeats from an answer: which one does not matter. */
function anyTime(text: string): string {
  if (text === '<time>') return `${new Date().toISOString().slice(0, 19)}Z`;
  return text === '<microtime>' ? new Date().toISOString().replace('Z', '000Z') : text;
}

/** Matches a value against a recorded text; new placeholders are bound. False leaves the bindings alone. */
export function matchText(expected: string, actual: unknown, bindings: Bindings): boolean {
  if (typeof actual === 'object' && actual !== null) return false;
  const names: string[] = [];
  let last = 0;
  let pattern = '';
  for (const match of expected.matchAll(placeholder)) {
    const [text, name = '', number] = match;
    const kind = patterns[name];
    if (kind === undefined) continue;
    pattern += escaped(expected.slice(last, match.index));
    last = match.index + text.length;
    if (isFree(name, number)) pattern += `(?:${kind})`;
    else if (bindings.has(text)) pattern += escaped(String(bindings.get(text)));
    else if (names.includes(text)) pattern += `\\${names.indexOf(text) + 1}`;
    else {
      names.push(text);
      pattern += `(${kind})`;
    }
  }
  if (last === 0 && typeof actual !== 'string') return false;
  pattern += escaped(expected.slice(last));
  const found = new RegExp(`^${pattern}$`).exec(String(actual));
  if (!found) return false;
  for (const [index, name] of names.entries()) {
    const isWhole = expected === name;
    bindings.set(name, isWhole ? actual : found[index + 1]!);
  }
  return true;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
