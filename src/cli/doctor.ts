import { describeError, exitCodes } from '../errors.ts';
import { clusterFindings } from './doctor/cluster.ts';
import { type Finding, ok, warning } from './doctor/finding.ts';
import { machineFindings } from './doctor/machine.ts';
import { type LoadedLibrary, loadLibrary } from './library.ts';
import { print } from './output.ts';
import type { PlaceOptions } from './place.ts';

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
    ...(await clusterFindings(options, loaded)),
  ];
}

const marks: Record<Finding['state'], string> = { ok: '✓', missing: '✗', warning: '!' };

function documentFindings({ problems, playable, library }: LoadedLibrary): Finding[] {
  const seen = `${playable.length} of ${library.scenarios.length} scenarios can be played, ${library.playbooks.length} playbooks`;
  return [
    problems.length > 0 ? warning('documents', seen) : ok('documents', seen),
    ...problems.map((problem) => warning('document', describeError(problem))),
  ];
}
