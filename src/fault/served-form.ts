import type { ClusterObject } from '../cluster/cluster.ts';
import { isRecord } from './field-path.ts';
import type { FieldChange } from './operation.ts';

/**
 * A manifest as an API server gives it back where it takes one field and keeps another: the text of a Secret's
 * `stringData` is in `data`, base64, and wins over what is there.
 */
export function servedForm(object: ClusterObject): ClusterObject {
  if (object.kind !== 'Secret' || !isRecord(object.stringData)) return object;
  const { stringData, data, ...rest } = object;
  const written = Object.entries(stringData as Record<string, unknown>).map(([key, text]) => {
    return [key, encoded(text)];
  });
  return { ...rest, data: { ...(data as object | undefined), ...Object.fromEntries(written) } };
}

/** The same for one field. */
export function servedChange(change: FieldChange, { kind }: Pick<ClusterObject, 'kind'>): FieldChange {
  const [first, key] = change.path;
  if (kind !== 'Secret' || first !== 'stringData' || !('to' in change)) return change;
  if (key !== undefined) return { path: ['data', key], to: encoded(change.to) };
  const { data } = servedForm({ ...noSecret, stringData: change.to });
  return { path: ['data'], to: data };
}

const noSecret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: '' } };

function encoded(text: unknown): string {
  return Buffer.from(String(text ?? '')).toString('base64');
}
