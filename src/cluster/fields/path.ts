import { MisfortuneError } from '../../errors.ts';

/** A step into an object: a key, or the item of a list whose fields equal these (never an index). */
export type PathSegment = string | { [field: string]: string | number | boolean };

/** From the object's root, e.g. `['spec', 'template', 'spec', 'containers', { name: 'app' }, 'image']`. */
export type FieldPath = PathSegment[];

/** A path by which something is only read: it may name the item of a list by its index. */
export type ReadPath = (PathSegment | number)[];

/** The value at a path; undefined if any step of it is not there. */
export function fieldAt(value: unknown, path: FieldPath): unknown {
  let at = value;
  for (const segment of path) {
    if (typeof segment === 'string') at = isRecord(at) ? at[segment] : undefined;
    else at = itemOf(at, segment);
    if (at === undefined) return undefined;
  }
  return at;
}

/**
 * The value at a path as people write it, or undefined. A key that has dots itself (`data.upstreams.yaml`, an annotation)
 * is found unquoted too: where no key fits, the following words are tried joined by dots.
 */
export function readField(object: unknown, text: string): unknown {
  const path = parseReadPath(text);
  return path && follow(object, path);
}

function follow(value: unknown, [segment, ...rest]: ReadPath): unknown {
  if (segment === undefined) return value;
  if (value === null || typeof value !== 'object') return undefined;
  if (typeof segment !== 'string') return follow(itemOf(value, segment), rest);
  if (Object.hasOwn(value, segment)) return follow((value as Record<string, unknown>)[segment], rest);
  const [next, ...others] = rest;
  return typeof next === 'string' ? follow(value, [`${segment}.${next}`, ...others]) : undefined;
}

function itemOf(list: unknown, segment: Exclude<ReadPath[number], string>): unknown {
  if (!Array.isArray(list)) return undefined;
  return typeof segment === 'number' ? list[segment] : list.find((item) => selects(segment, item));
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

/** As documents and people write it: `spec.template.spec.containers[name=app].image`, `data["upstreams.yaml"]`. */
export function formatPath(path: ReadPath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (typeof segment !== 'string')
      for (const [field, value] of Object.entries(segment)) text += `[${field}=${value}]`;
    else if (/^[^.[\]"]+$/.test(segment)) text += text ? `.${segment}` : segment;
    else text += `["${segment.replace(/["\\]/g, '\\$&')}"]`;
  }
  return text;
}

/** Reads what `formatPath` writes; undefined if it is not well-formed. */
export function parseReadPath(text: string): ReadPath | undefined {
  const path: ReadPath = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[([^=[\]"]+)=([^[\]]*)\]/y;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (!match) return undefined;
    const [, key, index, quoted, field, equals] = match;
    if (key !== undefined) path.push(key);
    else if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) path.push(quoted.replace(/\\(.)/g, '$1'));
    else path.push({ [field!]: selectorValue(field!, equals!) });
  }
  return path.length > 0 ? path : undefined;
}

/** As `parseReadPath`, for what is changed. Throws MisfortuneError `bad-path`; a list index is refused. */
export function parsePath(text: string): FieldPath {
  const bad = (why: string) =>
    new MisfortuneError('bad-path', `Expected a field path, got "${text}": ${why}.`, {
      todo: 'Write it as spec.template.spec.containers[name=app].image or data["upstreams.yaml"].',
    });
  const path = parseReadPath(text);
  if (!path) throw bad('it is not understood');
  return path.map((segment) => {
    if (typeof segment === 'number') throw bad('a list is changed by key, never by index');
    return segment;
  });
}

/** An item that is added gets the selector's value: ports are numbers, all other keys of lists are text. */
function selectorValue(key: string, text: string): string | number {
  return /port$/i.test(key) && /^(0|[1-9]\d*)$/.test(text) ? Number(text) : text;
}

function selects(selector: Record<string, unknown>, item: unknown): boolean {
  return (
    isRecord(item) && Object.entries(selector).every(([key, value]) => String(item[key]) === String(value))
  );
}

/** A field's value for people: at most 80 characters of JSON, or `absent`. */
export function formatValue(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
