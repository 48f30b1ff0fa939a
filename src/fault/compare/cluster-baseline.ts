import { gunzipSync, gzipSync } from 'node:zlib';
import type { Cluster } from '../../cluster/cluster.ts';
import { labelsOf, selectorOf } from '../ledger/cluster-ledger-read.ts';
import type { Baseline } from './compare.ts';

/** What a Secret takes, base64; it is stored as bytes. */
const partBytes = 700 * 1024;

/** Keeps the baseline of a game beside the copy of its ledger, so that anybody can verify a restore. Throws ClusterError. */
export async function keepBaseline(
  cluster: Cluster,
  { namespace, id }: { namespace: string; id: string },
  baseline: Baseline,
  signal?: AbortSignal,
): Promise<void> {
  const packed = gzipSync(JSON.stringify(baseline));
  for (let part = 0; part * partBytes < packed.length; part += 1) {
    const piece = packed.subarray(part * partBytes, (part + 1) * partBytes);
    await cluster.create(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'Opaque',
        metadata: { name: `maintenance-${id}-state-${part}`, namespace, labels: labelsOf('state', id) },
        data: { content: piece.toString('base64') },
      },
      {},
      signal,
    );
  }
}

/** The baseline of a game; undefined if there is none, or not all of it. Throws ClusterError. */
export async function readClusterBaseline(
  cluster: Cluster,
  { namespace, id }: { namespace: string; id: string },
  signal?: AbortSignal,
): Promise<Baseline | undefined> {
  const labelSelector = selectorOf({ component: 'state', id });
  const parts = await cluster.list({ kind: 'secret' }, { namespace, labelSelector }, signal);
  const numberOf = (name: string) => Number(name.split('-').at(-1));
  parts.sort((a, b) => numberOf(a.metadata.name) - numberOf(b.metadata.name));
  const pieces = parts.map(({ data }) => Buffer.from((data as { content: string }).content, 'base64'));
  try {
    return JSON.parse(gunzipSync(Buffer.concat(pieces)).toString('utf8')) as Baseline;
  } catch {
    return undefined;
  }
}
