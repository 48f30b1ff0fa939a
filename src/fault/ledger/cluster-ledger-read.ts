import { gunzipSync } from 'node:zlib';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { LedgerEntry } from './entry.ts';
import { assertReadable, parseLine } from './line.ts';

/** Of the last entry in a Secret, so that a missing one is missed. */
export const sumAnnotation = 'checksum/content';
/** There is a Secret after this one. */
export const continuesAnnotation = 'checksum/continued';

const instanceLabel = 'app.kubernetes.io/instance';

export function labelsOf(component: 'journal' | 'state', id: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'maintenance',
    'app.kubernetes.io/component': component,
    [instanceLabel]: id,
  };
}

/** Selects the Secrets of all ledgers, of one, or of one component. */
export function selectorOf({ component, id }: { component?: 'journal' | 'state'; id?: string }): string {
  const { 'app.kubernetes.io/name': name } = labelsOf('journal', '');
  return [
    `app.kubernetes.io/name=${name}`,
    ...(component ? [`app.kubernetes.io/component=${component}`] : []),
    ...(id === undefined ? [] : [`${instanceLabel}=${id}`]),
  ].join(',');
}

/** One Secret of a copy. */
export interface Segment {
  number: number;
  /** Entries in it. */
  count: number;
  /** Of all values, base64. */
  bytes: number;
  /** resourceVersion when it was last seen. */
  version: string;
}

export interface ClusterLedgerContents {
  id: string;
  entries: LedgerEntry[];
  /** As they are written. */
  lines: string[];
  sum: string;
  segments: Segment[];
  /** `ledger-damaged` or `ledger-newer`: nothing can be done with it here. */
  problem?: MisfortuneError;
}

/** All ledgers of which there is a copy in the namespace. Throws ClusterError. */
export async function listClusterLedgers(
  cluster: Cluster,
  namespace: string,
  signal?: AbortSignal,
): Promise<ClusterLedgerContents[]> {
  const labelSelector = selectorOf({ component: 'journal' });
  const secrets = await cluster.list({ kind: 'secret' }, { namespace, labelSelector }, signal);
  const byId = new Map<string, ClusterObject[]>();
  for (const secret of secrets) {
    const id = secret.metadata.labels?.[instanceLabel] ?? '';
    byId.set(id, [...(byId.get(id) ?? []), secret]);
  }
  return [...byId].map(([id, segments]) => contentsOf(id, namespace, segments));
}

/** The copy of one ledger; undefined if there is none. */
export async function readClusterLedger(
  cluster: Cluster,
  namespace: string,
  id: string,
  signal?: AbortSignal,
): Promise<ClusterLedgerContents | undefined> {
  const all = await listClusterLedgers(cluster, namespace, signal);
  return all.find((ledger) => ledger.id === id);
}

function contentsOf(id: string, namespace: string, secrets: ClusterObject[]): ClusterLedgerContents {
  const numbered = secrets
    .map((secret) => ({ secret, number: Number(secret.metadata.name.split('-').at(-1)) }))
    .sort((a, b) => a.number - b.number);
  const contents: ClusterLedgerContents = { id, entries: [], lines: [], sum: '', segments: [] };
  const where = `The ledger ${namespace}/maintenance-${id}`;
  try {
    numbered.forEach(({ secret, number }, index) => {
      // What an erased ledger had in later segments may not be gone yet.
      if (contents.entries.at(-1)?.type === 'erased') return;
      if (number !== index) throw damaged(where, `part ${index} is missing`);
      addSegment(contents, secret, number, where);
    });
    const last = numbered.at(-1)?.secret.metadata.annotations;
    const erased = contents.entries.at(-1)?.type === 'erased';
    if (last?.[continuesAnnotation] && !erased) throw damaged(where, 'its last part is missing');
    assertReadable(contents.entries, where);
  } catch (error) {
    if (!(error instanceof MisfortuneError)) throw error;
    contents.problem = error;
  }
  return contents;
}

function addSegment(
  contents: ClusterLedgerContents,
  { data, metadata }: ClusterObject,
  number: number,
  where: string,
): void {
  const values = Object.entries((data ?? {}) as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : 1));
  let bytes = 0;
  for (const [key, value] of values) {
    const line = decode(value);
    const parsed = line === undefined ? undefined : parseLine(line.trimEnd(), contents.sum);
    if (!parsed || line === undefined)
      throw damaged(where, `entry ${Number(key) + 1} does not match its checksum`);
    contents.lines.push(line);
    contents.entries.push(parsed.entry);
    contents.sum = parsed.sum;
    bytes += value.length;
  }
  if (metadata.annotations?.[sumAnnotation] !== contents.sum) throw damaged(where, 'its end is missing');
  contents.segments.push({ number, count: values.length, bytes, version: metadata.resourceVersion ?? '' });
}

function decode(value: string): string | undefined {
  try {
    return gunzipSync(Buffer.from(value, 'base64')).toString('utf8');
  } catch {
    return undefined;
  }
}

function damaged(where: string, what: string): MisfortuneError {
  return new MisfortuneError('ledger-damaged', `${where} in the cluster is damaged: ${what}.`, {
    todo: 'Run `misfortune recover` on the machine that played: its own copy is in the game’s folder.',
    exitCode: exitCodes.leftover,
  });
}
