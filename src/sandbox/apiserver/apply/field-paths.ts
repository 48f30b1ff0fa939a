/**
 * The fields of an object as paths, as managedFields lists them (structured-merge-diff fieldpath): `f:` a field,
 * `k:` an item of a list by its keys, `v:` a member of a set.
 */
import { fieldOf, isRecord, same } from '../json.ts';
import { atomic, listTypes } from '../kinds/fields.ts';
import { type Shape, shapeOf } from '../schema/models.ts';
import type { Structure } from './structure.ts';

/** Defaults of keys, for elements of lists that leave them out. */
const keyDefaults: Record<string, unknown> = { protocol: 'TCP' };

export type Path = readonly string[];

/** Paths by their text. */
export type PathSet = Map<string, Path>;

/** Two lists items with the same keys, or a field that the schema lacks. */
export class FieldPathError extends Error {}

export const textOf = (path: Path) => path.join('\u0000');

const leaf: Structure = { is: 'leaf' };

/** The structure of a model, e.g. V1Deployment. */
export function structureOf(model: string): Structure {
  return fromShape(shapeOf(model), '');
}

function fromShape(shape: Shape, place: string): Structure {
  if (atomic.has(place)) return leaf;
  if (shape.is === 'model') {
    if (atomic.has(shape.name)) return leaf;
    const { model, name } = shape;
    return {
      is: 'fields',
      child(key) {
        const field = Object.hasOwn(model.fields, key) ? model.fields[key] : undefined;
        return field ? fromShape(shapeOf(field.type), `${name}.${key}`) : leaf;
      },
    };
  }
  if (shape.is === 'map') {
    const item = fromShape(shapeOf(shape.of), '');
    return { is: 'fields', child: () => item };
  }
  if (shape.is !== 'list') return leaf;
  const { set, keys } = listTypes.get(place) ?? {};
  if (set) return { is: 'set' };
  return keys ? { is: 'keyed', keys, item: fromShape(shapeOf(shape.of), '') } : leaf;
}

export function keyElement(item: unknown, keys: string[]): string {
  const record = isRecord(item) ? item : {};
  const id = Object.fromEntries(
    [...keys].sort().map((key) => [key, record[key] ?? keyDefaults[key] ?? null]),
  );
  return `k:${JSON.stringify(id)}`;
}

/** Fields of the metadata that the server alone sets, or that say which object it is: nobody owns them. */
const serverFields = new Set([
  ...[
    'f:name',
    'f:namespace',
    'f:uid',
    'f:resourceVersion',
    'f:generation',
    'f:creationTimestamp',
    'f:selfLink',
  ],
  ...['f:managedFields', 'f:generateName', 'f:deletionTimestamp', 'f:deletionGracePeriodSeconds'],
]);

function isOwned([first, second]: Path): boolean {
  if (first === 'f:apiVersion' || first === 'f:kind') return false;
  return first !== 'f:metadata' || (second !== undefined && !serverFields.has(second));
}

/** Every owned path of a value that is applied. Throws FieldPathError where two items have the same key. */
export function pathsOf(value: unknown, structure: Structure): PathSet {
  return owned(value, structure, true);
}

/** Every owned path of an object as it is: items that share a key are one. */
export function livePathsOf(value: unknown, structure: Structure): PathSet {
  return owned(value, structure, false);
}

function owned(value: unknown, structure: Structure, isStrict: boolean): PathSet {
  const found: PathSet = new Map();
  collect(value, structure, [], found, isStrict);
  for (const [text, path] of found) if (!isOwned(path)) found.delete(text);
  return found;
}

function collect(value: unknown, structure: Structure, path: Path, found: PathSet, isStrict: boolean): void {
  if (structure.is === 'fields' && isRecord(value)) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    if (entries.length === 0 && path.length > 0) found.set(textOf(path), path);
    for (const [key, inner] of entries)
      collect(inner, structure.child(key), [...path, `f:${key}`], found, isStrict);
  } else if (structure.is === 'keyed' && Array.isArray(value)) {
    const seen = new Set<string>();
    for (const item of value) {
      const element = keyElement(item, structure.keys);
      if (isStrict && seen.has(element)) {
        throw new FieldPathError(`${pathText(path)}: duplicate entries for key ${elementText(element)}`);
      }
      seen.add(element);
      found.set(textOf([...path, element]), [...path, element]);
      collect(item, structure.item, [...path, element], found, isStrict);
    }
  } else if (structure.is === 'set' && Array.isArray(value)) {
    for (const item of value) {
      const inner = [...path, `v:${JSON.stringify(item)}`];
      found.set(textOf(inner), inner);
    }
  } else found.set(textOf(path), path);
}

/** The value at a path; undefined if there is none. */
export function valueAt(value: unknown, structure: Structure, path: Path): unknown {
  let current = value;
  let shape = structure;
  for (const element of path) {
    const name = element.slice(2);
    if (shape.is === 'fields' && isRecord(current)) {
      current = fieldOf(current, name);
      shape = shape.child(name);
    } else if (shape.is === 'keyed' && Array.isArray(current)) {
      const { keys, item } = shape;
      current = current.find((candidate) => keyElement(candidate, keys) === element);
      shape = item;
    } else if (shape.is === 'set' && Array.isArray(current)) {
      return current.find((member) => same(member, JSON.parse(name)));
    } else return undefined;
  }
  return current;
}

/** A path as people read it: `.spec.containers[name="app"].image`. */
export function pathText(path: Path): string {
  return path
    .map((element) => (element.startsWith('f:') ? `.${element.slice(2)}` : elementText(element)))
    .join('');
}

function elementText(element: string): string {
  if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
  const id = JSON.parse(element.slice(2)) as Record<string, unknown>;
  const parts = Object.entries(id).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `[${parts.join(',')}]`;
}
