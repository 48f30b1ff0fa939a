/** Server-side apply: merge, take away what the manager no longer names, refuse what belongs to others. */
import type { KubeObject } from '../../api.ts';
import { ApiError } from '../../api.ts';
import { clone, fieldOf, isRecord, same, setField } from '../json.ts';
import { timestamp } from '../names.ts';
import { keyElement, type Path, type PathSet, pathsOf, pathText, valueAt } from './field-paths.ts';
import { type Manager, readManagers, writeManagers } from './managed-fields.ts';
import type { Structure } from './structure.ts';

export interface Applying {
  manager: string;
  apiVersion: string;
  force: boolean;
  /** Wall time, ms. */
  now: number;
}

/** The object after an apply, with its managers. Throws ApiError 409 and FieldPathError. */
export function applyConfiguration(
  live: KubeObject,
  wanted: KubeObject,
  structure: Structure,
  by: Applying,
): KubeObject {
  const paths = pathsOf(wanted, structure);
  const managers = readManagers(live);
  const own = managers.find(({ manager, operation }) => manager === by.manager && operation === 'Apply');
  const others = managers.filter((manager) => manager !== own);
  const disputed = findConflicts(live, wanted, structure, paths, others);
  if (disputed.length > 0 && !by.force) throw conflictError(disputed);
  for (const { owner, text } of disputed) owner.paths.delete(text);
  const merged = merge(live, wanted, structure) as KubeObject;
  for (const [text, path] of own?.paths ?? []) {
    if (!paths.has(text) && !others.some((other) => other.paths.has(text))) removeAt(merged, structure, path);
  }
  const unchanged =
    own && own.paths.size === paths.size && [...paths.keys()].every((text) => own.paths.has(text));
  const entry: Manager = {
    manager: by.manager,
    operation: 'Apply',
    apiVersion: by.apiVersion,
    time: unchanged ? own.time : timestamp(by.now),
    paths,
  };
  writeManagers(merged, own ? managers.map((one) => (one === own ? entry : one)) : [...managers, entry]);
  return merged;
}

interface Conflict {
  owner: Manager;
  text: string;
  path: Path;
}

function findConflicts(
  live: KubeObject,
  wanted: KubeObject,
  structure: Structure,
  paths: PathSet,
  others: Manager[],
): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const owner of others) {
    for (const [text, path] of paths) {
      const isItem = path[path.length - 1]!.startsWith('k:');
      if (isItem || !owner.paths.has(text)) continue;
      if (!same(valueAt(live, structure, path), valueAt(wanted, structure, path))) {
        conflicts.push({ owner, text, path });
      }
    }
  }
  return conflicts;
}

function conflictError(conflicts: Conflict[]): ApiError {
  const causes = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${nameOf(owner)}`,
    field: pathText(path),
  }));
  return new ApiError(409, 'Conflict', conflictMessage(conflicts), { causes });
}

function conflictMessage(conflicts: Conflict[]): string {
  if (conflicts.length === 1) {
    const { owner, path } = conflicts[0]!;
    return `Apply failed with 1 conflict: conflict with ${nameOf(owner)}: ${pathText(path)}`;
  }
  const lines = [...new Set(conflicts.map(({ owner }) => nameOf(owner)))]
    .sort()
    .flatMap((name) => [
      `conflicts with ${name}:`,
      ...conflicts.filter(({ owner }) => nameOf(owner) === name).map(({ path }) => `- ${pathText(path)}`),
    ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

function nameOf({ manager, operation, subresource, apiVersion }: Manager): string {
  const of = subresource ? ` with subresource ${JSON.stringify(subresource)}` : '';
  return `${JSON.stringify(manager)}${of}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}

function merge(live: unknown, wanted: unknown, structure: Structure): unknown {
  if (structure.is === 'fields' && isRecord(live) && isRecord(wanted)) {
    const result = { ...live };
    for (const [key, value] of Object.entries(wanted))
      setField(result, key, merge(fieldOf(live, key), value, structure.child(key)));
    return result;
  }
  if (structure.is === 'keyed' && Array.isArray(live) && Array.isArray(wanted)) {
    const { keys, item } = structure;
    const result: unknown[] = live.map((current) => {
      const match = wanted.find((candidate) => keyElement(candidate, keys) === keyElement(current, keys));
      return match === undefined ? current : merge(current, match, item);
    });
    const known = new Set(live.map((current) => keyElement(current, keys)));
    return [...result, ...wanted.filter((candidate) => !known.has(keyElement(candidate, keys)))];
  }
  if (structure.is === 'set' && Array.isArray(live) && Array.isArray(wanted))
    return [...new Set([...live, ...wanted])];
  return clone(wanted);
}

/** Takes a field, an item or a member away; containers that become empty go by the next decode. */
function removeAt(root: unknown, structure: Structure, path: Path): void {
  const parent = valueAt(root, structure, path.slice(0, -1));
  const last = path[path.length - 1]!;
  if (isRecord(parent)) delete parent[last.slice(2)];
  if (!Array.isArray(parent)) return;
  const index = parent.findIndex((item) => {
    if (last.startsWith('v:')) return same(item, JSON.parse(last.slice(2)));
    const keys = Object.keys(JSON.parse(last.slice(2)) as object);
    return keyElement(item, keys) === last;
  });
  if (index >= 0) parent.splice(index, 1);
}
