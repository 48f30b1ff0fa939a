import { MisfortuneError } from '../errors.ts';

/** A step into an object: a key, or the item of a list whose fields equal these (never an index). */
export type PathSegment = string | { [field: string]: string | number | boolean };

/** From the object's root, e.g. `['spec', 'template', 'spec', 'containers', { name: 'app' }, 'image']`. */
export type FieldPath = PathSegment[];

/** The value at a path; undefined if any step of it is not there. */
export function fieldAt(value: unknown, path: FieldPath): unknown {
  let at = value;
  for (const segment of path) {
    if (typeof segment === 'string') at = isRecord(at) ? at[segment] : undefined;
    else at = Array.isArray(at) ? at.find((item) => selects(segment, item)) : undefined;
    if (at === undefined) return undefined;
  }
  return at;
}

/**
 * A copy of `value` with the field at `path` set, or removed when `to` is undefined. Missing maps and list
 * items on the way are made (an item with the selector's fields); a list item that is removed leaves the
 * list without it. Maps and lists that become empty by a removal stay.
 */
export function withField<T>(value: T, path: FieldPath, to: unknown): T {
  return setAt(value, path, to) as T;
}

function setAt(value: unknown, path: FieldPath, to: unknown): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return to;
  if (typeof segment === 'string') {
    if (value === undefined && to === undefined) return undefined;
    const map = isRecord(value) ? value : {};
    const next = setAt(map[segment], rest, to);
    if (next === undefined) {
      const { [segment]: _removed, ...others } = map;
      return others;
    }
    return { ...map, [segment]: next };
  }
  const list = Array.isArray(value) ? value : [];
  const index = list.findIndex((item) => selects(segment, item));
  if (index < 0) {
    if (to === undefined) return value;
    return [...list, setAt(rest.length > 0 ? segment : undefined, rest, to)];
  }
  const next = setAt(list[index], rest, to);
  if (next === undefined) return list.filter((_, at) => at !== index);
  return list.map((item, at) => (at === index ? next : item));
}

/** As documents and people write it: `spec.template.spec.containers[name=app].image`; odd keys in `["…"]`. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment !== 'string') {
      const pairs = Object.entries(segment).map(([key, value]) => `${key}=${value}`);
      text += `[${pairs.join(',')}]`;
    } else if (/^[A-Za-z_$][\w$-]*$/.test(segment)) text += text ? `.${segment}` : segment;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}

/**
 * Reads what `formatPath` writes; `data.upstreams\.yaml` (an escaped dot) is understood too, as kubectl's
 * jsonpath has it. Throws MisfortuneError `bad-path`; a list index is refused, because lists are changed by key.
 */
export function parsePath(text: string): FieldPath {
  const path: FieldPath = [];
  let rest = text;
  const bad = (why: string) =>
    new MisfortuneError('bad-path', `Expected a field path, got "${text}": ${why}`, {
      todo: 'Write it as spec.template.spec.containers[name=app].image or data["upstreams.yaml"].',
    });
  while (rest !== '') {
    const quoted = /^\.?\[("(?:[^"\\]|\\.)*"|'[^']*')\]/.exec(rest);
    const selector = /^\.?\[([A-Za-z_][\w-]*=[^\],]+(?:,[A-Za-z_][\w-]*=[^\],]+)*)\]/.exec(rest);
    const key = /^\.?((?:[^.[\]\\]|\\.)+)/.exec(rest);
    if (quoted) {
      const literal = quoted[1]!;
      path.push(literal.startsWith("'") ? literal.slice(1, -1) : (JSON.parse(literal) as string));
      rest = rest.slice(quoted[0].length);
    } else if (selector) {
      path.push(Object.fromEntries(selector[1]!.split(',').map(selectorPair)));
      rest = rest.slice(selector[0].length);
    } else if (rest.startsWith('[')) {
      throw bad(
        /^\[\d+\]/.test(rest) ? 'a list is changed by key, not by index' : 'a bracket is not understood',
      );
    } else if (key) {
      path.push(key[1]!.replace(/\\(.)/g, '$1'));
      rest = rest.slice(key[0].length);
    } else throw bad(`"${rest}" is not understood`);
  }
  if (path.length === 0) throw bad('it is empty');
  return path;
}

function selectorPair(pair: string): [string, string | number] {
  const at = pair.indexOf('=');
  const value = pair.slice(at + 1);
  return [pair.slice(0, at), /^\d+$/.test(value) ? Number(value) : value];
}

function selects(selector: Record<string, unknown>, item: unknown): boolean {
  return isRecord(item) && Object.entries(selector).every(([key, value]) => item[key] === value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
