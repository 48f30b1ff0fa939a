import { readFile } from 'node:fs/promises';
import type { Cluster } from '../../cluster/cluster.ts';
import { MisfortuneError } from '../../errors.ts';
import {
  type ClusterLedgerContents,
  listClusterLedgers,
  readClusterLedger,
} from '../ledger/cluster-ledger-read.ts';
import type { LedgerEntry } from '../ledger/entry.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { formatLine, parseLine } from '../ledger/line.ts';
import { ledgerState } from '../ledger/state.ts';

/** Which of the copies in a cluster. */
export interface ClusterCopy {
  namespace: string;
  id: string;
}

/** By what a ledger is found. */
export interface SourceOptions {
  /** The ledger's file, or which of the copies in the cluster. */
  ledger: string | ClusterCopy;
  /** Where a copy of the file is looked for if nothing in it can be read: of this game, in this namespace. */
  copyOf?: { namespace: string; game: string };
  cluster: Cluster;
  signal?: AbortSignal;
}

/** What a recovery goes by: the file, unless it cannot be relied on; and where its copy is. */
export interface LedgerSource {
  file?: Ledger;
  at?: ClusterCopy;
  /** The file that was put aside for its copy, and why. */
  damage?: { path: string; why: string };
}

/**
 * Opens the file, or finds its copy if the file is damaged. Neither: nothing was changed yet.
 * @throws MisfortuneError `ledger-missing`, `ledger-newer`; `ledger-damaged` where there is no copy; ClusterError
 */
export async function openSource(options: SourceOptions): Promise<LedgerSource> {
  const { ledger: path } = options;
  if (typeof path !== 'string') return { at: path };
  const opened = await openLedger(path).catch((error: unknown) => {
    if (error instanceof MisfortuneError && error.code === 'ledger-damaged') return error;
    throw error;
  });
  if (!(opened instanceof MisfortuneError) && opened.entries.length > 0) {
    const at = copyOf(opened.entries[0]);
    return { file: opened, ...(at && { at }) };
  }
  const at = copyOf(await firstEntry(path)) ?? (await findCopy(options));
  const copy = at && (await readClusterLedger(options.cluster, at.namespace, at.id, options.signal));
  if (opened instanceof MisfortuneError) {
    if (!at || !copy || copy.problem) throw withoutCopy(opened, copy);
    return { at, damage: { path, why: opened.message } };
  }
  if (!at || !copy || copy.problem) return { file: opened };
  await opened.close();
  return { at, damage: { path, why: `${path} is empty.` } };
}

/** Why the copy is to be gone by: it knows of a change that the file does not. */
export function lostEnd({ entries }: Ledger, copy: ClusterLedgerContents): string | undefined {
  const changes = (all: readonly LedgerEntry[]) => ledgerState(all).changes.length;
  if (copy.problem || changes(copy.entries) <= changes(entries)) return undefined;
  return 'The file is truncated: its copy in the cluster has more changes.';
}

/** Where the copy of a ledger with this first entry is. */
function copyOf(first: LedgerEntry | undefined): ClusterCopy | undefined {
  if (first?.type !== 'opened' || first.namespace === undefined) return undefined;
  return { namespace: first.namespace, id: formatLine(first, '').sum };
}

/** The first line may be whole where others are not. */
async function firstEntry(path: string): Promise<LedgerEntry | undefined> {
  const [line = ''] = (await readFile(path, 'utf8')).split('\n', 1);
  return parseLine(line, '')?.entry;
}

/** By the game's name, if there is just one of it. */
async function findCopy({
  copyOf: wanted,
  cluster,
  signal,
}: SourceOptions): Promise<ClusterCopy | undefined> {
  if (!wanted) return undefined;
  const { namespace, game } = wanted;
  const found = (await listClusterLedgers(cluster, namespace, signal)).filter(
    ({ entries: [first] }) => first?.type === 'opened' && first.game === game,
  );
  const [only] = found;
  return only && found.length === 1 ? { namespace, id: only.id } : undefined;
}

function withoutCopy(
  { code, message, exitCode }: MisfortuneError,
  copy: ClusterLedgerContents | undefined,
): MisfortuneError {
  const why = copy?.problem?.message ?? 'There is no copy of it in the cluster.';
  return new MisfortuneError(code, `${message} ${why}`, {
    todo: 'Bring the file back from a backup. What the game was about to change is in log.jsonl of its folder, how it was before in baseline.json.',
    exitCode,
  });
}
