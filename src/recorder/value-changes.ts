import type { ValueChange } from './action.ts';
import { changesBetween } from './changed-paths.ts';

/** Longer values are cut off: the log is to say what was changed, not to hold files. */
const longest = 120;

/** Names of variables and fields whose values nobody writes down. */
const secret = /pass(word|wd|phrase)?|secret|token|credential|api[-_]?key|private[-_]?key/i;

/** What a write changed, with values that may be shown: none of a Secret, none of a field that is named like one. */
export function valueChanges(resource: string, before: unknown, after: unknown): ValueChange[] {
  return changesBetween(before, after).map(({ path, from, to }) => {
    if (isSecret(resource, path)) return { path };
    return { path, ...worded('from', from), ...worded('to', to) };
  });
}

/** Whether the values of a field are kept out of the log. */
export function isSecret(resource: string, path: string): boolean {
  return resource === 'secrets' || secret.test(path);
}

function worded(key: 'from' | 'to', value: unknown): Partial<ValueChange> {
  if (value === undefined) return {};
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return { [key]: value };
  const text = typeof value === 'string' ? value : hidden(value);
  return { [key]: text.length > longest ? `${text.slice(0, longest - 1)}…` : text };
}

/** JSON of a value without what is in fields, or variables, that are named like secrets. */
export function hidden(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (secret.test(key) && typeof inner !== 'object') return '…';
    const { name, value: text } = (inner ?? {}) as { name?: unknown; value?: unknown };
    if (typeof name === 'string' && text !== undefined && secret.test(name))
      return { ...(inner as object), value: '…' };
    return inner;
  });
}
