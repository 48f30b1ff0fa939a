import { describeError, exitCodes } from '../../errors.ts';
import { currentGame } from '../../game/api/current.ts';
import { type LoadedLibrary, loadLibrary } from '../../game/library/library.ts';
import type { PlaceOptions } from '../../game/start/place.ts';
import { stateHome } from '../../paths.ts';
import { print } from '../output.ts';
import { clusterFindings } from './doctor/cluster.ts';
import { type Finding, ok, warning } from './doctor/finding.ts';
import { machineFindings } from './doctor/machine.ts';

/** Checks what a first game needs, without changing anything. */
export async function doctor(options: PlaceOptions & { json?: boolean }): Promise<void> {
  const findings = await examine(options);
  print(findings, options, () =>
    findings.flatMap(({ what, state, seen, todo }) => [
      `${marks[state]} ${what}: ${seen}`,
      ...(todo ? [`    ${todo}`] : []),
    ]),
  );
  if (findings.some(({ state }) => state === 'missing')) process.exitCode = exitCodes.failed;
}

/** Everything that was looked at, in the order in which one would mend it. */
export async function examine(options: PlaceOptions): Promise<Finding[]> {
  const loaded = await loadLibrary(options);
  return [
    ...(await machineFindings()),
    ...documentFindings(loaded),
    ...(await unlessPlayed(() => clusterFindings(options, loaded))),
  ];
}

/** What is found in a cluster names what a game has broken in it, and whoever responds may ask, too. */
async function unlessPlayed(look: () => Promise<Finding[]>): Promise<Finding[]> {
  const game = currentGame(stateHome());
  if (!game) return look();
  return [warning('cluster', `not checked while game ${game.folder.id} runs`)];
}

const marks: Record<Finding['state'], string> = { ok: '✓', missing: '✗', warning: '!' };

/** Scenarios and playbooks: how many can be played here, and why not the others. */
export function documentFindings({
  problems,
  playable,
  leftOut,
  library,
}: Pick<LoadedLibrary, 'problems' | 'playable' | 'leftOut' | 'library'>): Finding[] {
  const seen = `${playable.length} of ${library.scenarios.length} scenarios can be played, ${library.playbooks.length} playbooks`;
  return [
    problems.length > 0 ? warning('documents', seen) : ok('documents', seen),
    ...leftOut.map(({ why }) => warning('left out', describeError(why))),
    ...problems.map((problem) => warning('document', describeError(problem))),
  ];
}
