/** metadata.managedFields: which manager set which fields. */
import type { KubeObject } from '../../api.ts';
import { fieldOf, isRecord, same, setField } from '../json.ts';
import { timestamp } from '../names.ts';
import { livePathsOf, type Path, type PathSet, textOf, valueAt } from './field-paths.ts';
import type { Structure } from './structure.ts';

export interface Manager {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string;
  time?: string;
  paths: PathSet;
}

interface Entry extends Omit<Manager, 'paths'> {
  fieldsType: string;
  fieldsV1: Record<string, unknown>;
}

export function readManagers(object: KubeObject): Manager[] {
  return ((object.metadata.managedFields ?? []) as Entry[]).map(({ fieldsV1, fieldsType: _, ...entry }) => ({
    ...entry,
    paths: fromTree(fieldsV1 ?? {}),
  }));
}

export function writeManagers(object: KubeObject, managers: Manager[]): void {
  const entries = managers
    .filter(({ paths }) => paths.size > 0)
    .map(({ paths, ...entry }) => ({ ...entry, fieldsType: 'FieldsV1', fieldsV1: toTree(paths) }));
  if (entries.length > 0) object.metadata.managedFields = entries;
  else delete object.metadata.managedFields;
}

function toTree(paths: PathSet): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  const all = [...paths.values()];
  for (const path of all) {
    let node = tree;
    for (const element of path) {
      if (!Object.hasOwn(node, element)) setField(node, element, {});
      node = fieldOf(node, element) as Record<string, unknown>;
    }
  }
  // An item that is owned itself, beside its fields, is marked with a dot.
  for (const path of all) {
    const node = path.reduce((at, element) => fieldOf(at, element) as Record<string, unknown>, tree);
    if (Object.keys(node).length > 0) node['.'] = {};
  }
  return tree;
}

function fromTree(tree: Record<string, unknown>, path: Path = [], found: PathSet = new Map()): PathSet {
  const children = Object.entries(tree).filter(([element]) => element !== '.');
  if (path.length > 0 && (children.length === 0 || Object.hasOwn(tree, '.'))) found.set(textOf(path), path);
  for (const [element, inner] of children) if (isRecord(inner)) fromTree(inner, [...path, element], found);
  return found;
}

export interface Update {
  manager: string;
  apiVersion: string;
  subresource?: string;
  /** Wall time, ms. */
  now: number;
}

/** Who owns what after a plain write: what it changed is its own, and nobody else's any more. */
export function trackUpdate(
  object: KubeObject,
  old: KubeObject | undefined,
  structure: Structure,
  by: Update,
): void {
  const now = livePathsOf(object, structure);
  const before: PathSet = old ? livePathsOf(old, structure) : new Map();
  const managers = old ? readManagers(old) : [];
  const changed: PathSet = new Map();
  for (const [text, path] of now) {
    const isNew = !before.has(text);
    if (isNew || !same(valueAt(object, structure, path), valueAt(old, structure, path))) {
      if (isNew || !path[path.length - 1]!.startsWith('k:')) changed.set(text, path);
    }
  }
  for (const { paths } of managers) {
    for (const text of [...paths.keys()]) if (changed.has(text) || !now.has(text)) paths.delete(text);
  }
  if (changed.size > 0) {
    const own = managers.find(
      ({ manager, operation, subresource }) =>
        manager === by.manager && operation === 'Update' && subresource === by.subresource,
    );
    const time = timestamp(by.now);
    if (own) {
      own.time = time;
      for (const [text, path] of changed) own.paths.set(text, path);
    } else {
      const { manager, apiVersion, subresource } = by;
      managers.push({
        manager,
        operation: 'Update',
        apiVersion,
        ...(subresource ? { subresource } : {}),
        time,
        paths: changed,
      });
    }
  }
  writeManagers(object, managers);
}
