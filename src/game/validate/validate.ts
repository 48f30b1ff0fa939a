import { join } from 'node:path';
import { type Clock, realClock } from '../../clock.ts';
import { compare, takeBaseline } from '../../fault/compare.ts';
import { validateHome } from '../../log/folder.ts';
import { readPlaybook, readScenario } from '../documents.ts';
import { planScenario } from '../inject.ts';
import { type GameOptions, setUpGame } from '../options.ts';
import { casesOf } from './cases.ts';
import { type CaseKind, type CaseResult, caseKinds, type ValidationReport } from './result.ts';
import { runCase } from './run-case.ts';

export interface ValidateOptions {
  stateHome: string;
  /** Scenarios with their playbooks, as files. */
  files: { scenario: string; playbook: string }[];
  cluster: GameOptions['cluster'];
  params?: Record<string, unknown>;
  /** Default: all. */
  only?: readonly CaseKind[];
  seed?: number;
  signal: AbortSignal;
  onStart?(kind: CaseKind, name: string, scenario: string): void;
  onResult?(result: CaseResult): void;
  clock?: Clock;
}

/**
 * Proves scenarios without a person, one case after the other, each in a game of its own. @throws MisfortuneError for
 * documents and clusters that cannot be used; the signal's reason when it fires, after restoring
 */
export async function validate(options: ValidateOptions): Promise<ValidationReport> {
  const { signal, stateHome, clock = realClock, only = caseKinds } = options;
  const begun = clock.mono();
  const results: CaseResult[] = [];
  let speed = 1;
  for (const files of options.files) {
    const setup = await setUpGame(
      {
        stateHome: validateHome(stateHome),
        scenarioFile: files.scenario,
        playbookFile: files.playbook,
        params: options.params,
        cluster:
          'name' in options.cluster
            ? options.cluster
            : { sandbox: options.cluster.sandbox ?? join(stateHome, 'sandbox') },
        player: 'validate',
        seed: options.seed ?? 1,
        undoResponders: true,
        autoStart: true,
      },
      clock,
    );
    try {
      speed = setup.speed;
      const scenario = readScenario(setup.scenario, setup.params);
      const plan = await planScenario(scenario, setup);
      const before = await takeBaseline(setup.cluster, setup.namespaces, { clock, signal });
      for (const one of casesOf(scenario, readPlaybook(setup.playbook, scenario), plan, only)) {
        options.onStart?.(one.kind, one.name, scenario.name);
        const result = await runCase(one, setup, signal);
        const now = await takeBaseline(setup.cluster, setup.namespaces, { clock, signal });
        const changed = result.outcome === 'skipped' ? [] : compare(before, now);
        if (changed.length > 0) {
          result.outcome = 'failed';
          result.problems.push(...changed.map((line) => `not as before: ${line}`));
        }
        results.push(result);
        options.onResult?.(result);
      }
    } finally {
      setup.cluster.close();
    }
  }
  const passed = results.every(({ outcome }) => outcome !== 'failed');
  return { passed, speed, seconds: Math.round((clock.mono() - begun) / 1000), results };
}
