import { formatRef, kubectlWords, tryParseRef } from '../cluster/ref.ts';
import { suggest } from '../words/nearest.ts';
import { limits, sizeOf } from './limits.ts';
import { describeValue } from './validate.ts';

/**
 * `${name}`, `${name.namespace}` (a part of a reference); `$${` stands for a literal `${`. The length is bounded, as each
 * `${` of a text without an end would otherwise be searched to the end of it.
 */
const placeholder = /\$\$\{|\$\{([^}]{0,200})\}/g;
const whole = /^\$\{([^}]{0,200})\}$/;
const word = /^([A-Za-z][\w-]*)(?:\.(name|namespace|kind))?$/;

/** A `${…}` that was not filled in. */
export interface UnknownName {
  /** What stood between the braces. */
  name: string;
  path: PropertyKey[];
  code: 'unknown-param' | 'param-in-key' | 'document-too-large';
  message: string;
  todo?: string;
}

/**
 * Fills `${x}` in every text of a value. `${x}` alone keeps the type of x; inside a text it is interpolated.
 * In a `run:` line a reference becomes kubectl's words. What cannot be filled is reported and left as it is; so is what
 * would make the value longer than `limits.filled`: params that hold params grow by powers.
 */
export function substitute(
  value: unknown,
  values: Record<string, unknown>,
): { value: unknown; unknown: UnknownName[] } {
  const unknown: UnknownName[] = [];
  let room: number = limits.filled;
  const walk = (part: unknown, path: PropertyKey[]): unknown => {
    if (typeof part === 'string') return fillText(part, path);
    if (Array.isArray(part)) return part.map((item, index) => walk(item, [...path, index]));
    if (part === null || typeof part !== 'object') return part;
    for (const key of Object.keys(part)) refuseIn(key, [...path, key]);
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  const refuseIn = (key: string, path: PropertyKey[]): void => {
    for (const [, name] of key.matchAll(placeholder))
      if (name !== undefined) {
        const message = `\${${name}} stands in a key, where nothing is filled in.`;
        unknown.push({ name, path, code: 'param-in-key', message, todo: 'Write the key as it is to be.' });
      }
  };
  const fillText = (text: string, path: PropertyKey[]): unknown => {
    const inRun = path.includes('run');
    const alone = whole.exec(text);
    if (alone && !inRun) return lookUp(alone[1]!, text, path);
    return text.replace(placeholder, (match, name: string | undefined) => {
      if (name === undefined) return '${';
      const found = lookUp(name, match, path);
      return inRun ? runWords(found) : textOf(found);
    });
  };
  const lookUp = (name: string, otherwise: string, path: PropertyKey[]): unknown => {
    if (room < 0) return otherwise;
    const found = resolveName(name, values);
    if ('value' in found) {
      room -= sizeOf(found.value);
      if (room >= 0) return found.value;
      const message = `Expected at most ${limits.filled} characters with all \${…} filled in, got more.`;
      unknown.push({
        name,
        path,
        code: 'document-too-large',
        message,
        todo: 'Params that hold params multiply: use fewer, or shorter ones.',
      });
      return otherwise;
    }
    unknown.push({ name, path, code: 'unknown-param', message: found.message, todo: found.todo });
    return otherwise;
  };
  return { value: walk(value, []), unknown };
}

/** The names that a value uses as `${name}`, each once. */
export function namesIn(value: unknown): string[] {
  const names = new Set<string>();
  const walk = (part: unknown): void => {
    if (typeof part === 'string') {
      for (const [, name] of part.matchAll(placeholder)) {
        const base = name === undefined ? undefined : word.exec(name)?.[1];
        if (base !== undefined) names.add(base);
      }
    } else if (part !== null && typeof part === 'object') {
      Object.values(part).forEach(walk);
    }
  };
  walk(value);
  return [...names];
}

function resolveName(
  name: string,
  values: Record<string, unknown>,
): { value: unknown } | { message: string; todo?: string } {
  const match = word.exec(name);
  const base = match?.[1] ?? name;
  if (!match || !Object.hasOwn(values, base)) {
    return {
      message: `Nothing is known by the name \${${name}}.`,
      todo: suggest(base, Object.keys(values)) ?? 'Add it to params (scenario) or roles (playbook).',
    };
  }
  const value = values[base];
  const part = match[2] as 'name' | 'namespace' | 'kind' | undefined;
  if (part === undefined) return { value };
  const ref = typeof value === 'string' ? tryParseRef(value) : undefined;
  if (!ref)
    return { message: `Expected a reference in \${${name}}, but ${base} is ${describeValue(value)}.` };
  return { value: ref[part] ?? '' };
}

function runWords(value: unknown): string {
  const ref = typeof value === 'string' ? tryParseRef(value) : undefined;
  return ref && formatRef(ref) === value ? kubectlWords(ref) : textOf(value);
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
