import { type FieldStep, formatFieldPath, parseFieldPath } from '../cluster/field-path.ts';
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

/** As documents and people write it: `spec.template.spec.containers[name=app].image`, `data["upstreams.yaml"]`. */
export function formatPath(path: FieldPath): string {
  return formatFieldPath(
    path.flatMap((segment): FieldStep[] =>
      typeof segment === 'string'
        ? [{ key: segment }]
        : Object.entries(segment).map(([where, value]) => ({ where, equals: String(value) })),
    ),
  );
}

/** Reads what `formatPath` writes. Throws MisfortuneError `bad-path`; a list index is refused. */
export function parsePath(text: string): FieldPath {
  const bad = (why: string) =>
    new MisfortuneError('bad-path', `Expected a field path, got "${text}": ${why}.`, {
      todo: 'Write it as spec.template.spec.containers[name=app].image or data["upstreams.yaml"].',
    });
  const steps = parseFieldPath(text);
  if (!steps) throw bad('it is not understood');
  return steps.map((step) => {
    if ('index' in step) throw bad('a list is changed by key, never by index');
    return 'key' in step ? step.key : { [step.where]: selectorValue(step.where, step.equals) };
  });
}

/** An item that is added gets the selector's value: ports are numbers, all other keys of lists are text. */
function selectorValue(key: string, text: string): string | number {
  return /port$/i.test(key) && /^\d+$/.test(text) ? Number(text) : text;
}

function selects(selector: Record<string, unknown>, item: unknown): boolean {
  return (
    isRecord(item) && Object.entries(selector).every(([key, value]) => String(item[key]) === String(value))
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
