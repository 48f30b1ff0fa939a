import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { ClusterObject } from '../cluster.ts';
import type { FieldChange } from './changes.ts';
import { keeps } from './covers.ts';
import { fieldAt, formatPath, isRecord } from './path.ts';

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

/**
 * Throws MisfortuneError `unknown-field` for a change that the API server takes and then drops. What is empty may be
 * dropped: a field that is absent says the same.
 */
export function assertServed(after: ClusterObject, changes: readonly FieldChange[]): void {
  const dropped = changes.filter((said) => {
    const change = servedChange(said, after);
    return !keeps(fieldAt(after, change.path), 'to' in change ? change.to : undefined);
  });
  if (dropped.length === 0) return;
  const fields = dropped.map(({ path }) => formatPath(path)).join(', ');
  throw new MisfortuneError(
    'unknown-field',
    `The API server does not keep ${fields} of a ${after.kind} as it is set.`,
    {
      todo: 'Is there such a field? `kubectl explain` tells. A webhook may have changed it, too.',
      exitCode: exitCodes.refused,
    },
  );
}

const noSecret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: '' } };

function encoded(text: unknown): string {
  return Buffer.from(String(text ?? '')).toString('base64');
}
