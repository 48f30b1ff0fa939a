import type { ClusterObject } from '../cluster.ts';
import { type FieldPath, fieldAt } from './path.ts';

/** A field manager, as `metadata.managedFields` tells of it. */
export interface FieldOwner {
  manager: string;
  /** When it last wrote one of its fields; RFC 3339. */
  time?: string;
}

/** Who last wrote a field, as far as the API server keeps account of it. */
export function ownerOf(object: ClusterObject | undefined, path: FieldPath): FieldOwner | undefined {
  const keys = path.map((key) => (typeof key === 'string' ? `f:${key}` : undefined));
  if (keys.includes(undefined)) return undefined;
  const entries = (object?.metadata.managedFields ?? []) as {
    manager?: string;
    time?: string;
    fieldsV1?: unknown;
  }[];
  const owners = entries.filter(({ fieldsV1 }) => fieldAt(fieldsV1, keys as string[]) !== undefined);
  const last = owners.sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0];
  return last?.manager === undefined
    ? undefined
    : { manager: last.manager, ...(last.time !== undefined && { time: last.time }) };
}
