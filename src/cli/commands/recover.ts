import { exitCodes, MisfortuneError } from '../../errors.ts';
import {
  type RecoverOptions,
  type RecoverResult,
  recoverCluster,
  recoverFolders,
  restorers,
} from '../../game/recover.ts';
import { plural } from '../../words/number.ts';
import { interruptSignal, print } from '../output.ts';

export interface RecoverCommandOptions extends RecoverOptions {
  json?: boolean;
}

/**
 * Restores what crashed games left: the named one, all that are known on this machine to have left something, or with a
 * context what the cluster itself knows of.
 */
export async function recover(name: string | undefined, options: RecoverCommandOptions): Promise<void> {
  const interrupt = interruptSignal();
  const { signal } = interrupt;
  const isByCluster = options.context !== undefined || options.kubeconfig !== undefined;
  const results = await (isByCluster ? recoverCluster : recoverFolders)(name, options, signal)
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
      throw new MisfortuneError('interrupted', 'Interrupted: what was restored so far stays restored.', {
        todo: 'Run the same command again to continue.',
        exitCode: exitCodes.interrupted,
      });
    })
    .finally(() => interrupt.release());
  for (const { untold } of results)
    if (untold !== undefined) process.stderr.write(`The channel could not be notified: ${untold}\n`);
  print(results, options, () =>
    results.length === 0
      ? ['There is nothing to restore: every game has restored its cluster.']
      : results.flatMap(describe),
  );
  if (results.some(({ differences, conflicts }) => differences.length + conflicts.length > 0))
    process.exitCode = exitCodes.leftover;
}

function describe(result: RecoverResult): string[] {
  const { game, differences, conflicts, already, fromBaseline } = result;
  if (result.sandboxGone) return [`${game}: its sandbox no longer exists; there is nothing to restore.`];
  const left = differences.length + conflicts.length;
  const words =
    left === 0
      ? [`${game}: ${already ? nothingLeft(result) : 'restored, verified: 0 differences.'}`]
      : [
          `${game}: not everything could be restored.`,
          ...differences.map((line) => `  differs: ${line}`),
          ...conflicts.map((line) => `  conflict: ${line}`),
        ];
  words.push(...(result.left ?? []).map((line) => `  ${line}`));
  if (result.byCopy) words.push(`  by the copy of its ledger in the cluster: ${result.byCopy}`);
  if (conflicts.length > 0) {
    words.push(
      '  Decide about these: --ours restores the values from before the game, --theirs keeps the present ones.',
    );
  }
  if (differences.length > 0)
    words.push(
      '  Remove what blocks the restore and run the command again, or keep the present values with --theirs.',
    );
  if (fromBaseline) {
    words.push(
      `  against the baseline taken before the game: ${plural(fromBaseline.length, 'difference')}`,
      ...fromBaseline.map((line) => `    ${line}`),
    );
  }
  return words;
}

function nothingLeft({ by }: RecoverResult): string {
  return by ? `nothing was left to restore: ${restorers[by]} had done it.` : 'nothing was left.';
}
