/** JSON Patch, RFC 6902, with the refusals of the library that the real server uses (evanphx/json-patch). */
import { clone, fieldOf, isRecord, same, setField } from '../json.ts';

/** An operation that cannot be done. `kind` tells a failed test and a missing path from bad input. */
export class JsonPatchError extends Error {}

interface Operation {
  op?: string | null;
  path?: string | null;
  from?: string | null;
  value?: unknown;
}

/** All or nothing. Returns a new value. */
export function jsonPatch(document: unknown, operations: Operation[]): unknown {
  let result: unknown = clone(document);
  for (const operation of operations) result = applyOne(result, operation);
  return result;
}

function applyOne(document: unknown, { op, value, ...places }: Operation): unknown {
  const path = places.path ?? '';
  const from = places.from ?? '';
  switch (op) {
    case 'add':
      return add(document, segments(path), clone(value), path);
    case 'remove':
      return remove(document, segments(path), path, 'remove');
    case 'replace':
      return replace(document, segments(path), clone(value), path);
    case 'move': {
      const moved = read(document, segments(from), from, 'move');
      return add(remove(document, segments(from), from, 'move'), segments(path), moved, path);
    }
    case 'copy':
      return add(document, segments(path), clone(read(document, segments(from), from, 'copy')), path);
    case 'test':
      if (!same(readOrUndefined(document, segments(path)) ?? null, value ?? null)) {
        throw new JsonPatchError(`testing path ${path} failed`);
      }
      return document;
    default:
      throw new JsonPatchError(`Unexpected kind: ${op}`);
  }
}

function segments(path: string): string[] {
  if (path === '') return [];
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** NaN for what is no index, also for an empty text. */
const indexOf = (part: string) => (/^\d+$/.test(part) ? Number(part) : Number.NaN);

function readOrUndefined(document: unknown, path: string[]): unknown {
  let value = document;
  for (const part of path) {
    if (Array.isArray(value)) value = value[indexOf(part)];
    else if (isRecord(value)) value = fieldOf(value, part);
    else return undefined;
  }
  return value;
}

function read(document: unknown, path: string[], text: string, op: string): unknown {
  const value = readOrUndefined(document, path);
  if (value === undefined) throw missing(op, text);
  return value;
}

const missing = (op: string, path: string) =>
  new JsonPatchError(`${op} operation does not apply: doc is missing key: ${path}: missing value`);

function parentOf(document: unknown, path: string[], text: string, op: string): unknown {
  const parent = readOrUndefined(document, path.slice(0, -1));
  if (isRecord(parent) || Array.isArray(parent)) return parent;
  throw new JsonPatchError(
    `${op} operation does not apply: doc is missing path: ${JSON.stringify(text)}: missing value`,
  );
}

function add(document: unknown, path: string[], value: unknown, text: string): unknown {
  if (path.length === 0) return value;
  const parent = parentOf(document, path, text, 'add');
  const last = path[path.length - 1]!;
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : indexOf(last);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) throw outOfBounds('add', text, last);
    parent.splice(index, 0, value);
  } else if (isRecord(parent)) setField(parent, last, value);
  return document;
}

/** A member that is missing is added: the library that the real server uses is as lenient. */
function replace(document: unknown, path: string[], value: unknown, text: string): unknown {
  if (path.length === 0) return value;
  const parent = parentOf(document, path, text, 'replace');
  const last = path[path.length - 1]!;
  if (Array.isArray(parent)) {
    if (!(indexOf(last) in parent)) throw outOfBounds('replace', text, last);
    parent[indexOf(last)] = value;
  } else if (isRecord(parent)) setField(parent, last, value);
  return document;
}

function remove(document: unknown, path: string[], text: string, op: string): unknown {
  const parent = parentOf(document, path, text, op);
  const last = path[path.length - 1] ?? '';
  if (Array.isArray(parent)) {
    if (!(indexOf(last) in parent)) throw outOfBounds(op, text, last);
    parent.splice(indexOf(last), 1);
  } else if (isRecord(parent)) {
    if (!Object.hasOwn(parent, last)) {
      throw new JsonPatchError(`${op} operation does not apply: doc is missing key: ${text}: missing value`);
    }
    delete parent[last];
  }
  return document;
}

function outOfBounds(op: string, path: string, index: string): JsonPatchError {
  return new JsonPatchError(
    `${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: Unable to access invalid index: ${index}: invalid index referenced`,
  );
}
