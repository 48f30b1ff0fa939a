import { randomInt } from 'node:crypto';
import { formatPermission } from '../../cluster/access/permissions.ts';
import { readOnce } from '../../cluster/read-once.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { neededPermissions, preflight } from '../../fault/plan/preflight.ts';
import { assertNoGame } from '../../game/api/current.ts';
import { GameMaster } from '../../game/game-master.ts';
import { guardOf, planScenario } from '../../game/phases/inject.ts';
import { readScenario } from '../../game/start/documents.ts';
import type { PlaceOptions } from '../../game/start/place.ts';
import { stateHome } from '../../paths.ts';
import type { Backend } from '../../tui/backend.ts';
import { runTui } from '../../tui/run.tsx';
import { clean } from '../../words/clean.ts';
import { backendOf } from '../backend.ts';
import { interruptSignal, print } from '../output.ts';
import { paramsOf } from '../params.ts';
import { playPlain } from '../plain.ts';
import { speedOf } from './sandbox.ts';

export interface PlayOptions extends PlaceOptions {
  dryRun?: boolean;
  master?: boolean;
  player: string;
  tags?: string;
  seed?: string;
  keep?: boolean;
  unguarded?: boolean;
  announce: boolean;
  open?: boolean;
  speed: string;
  param?: string[];
  json?: boolean;
}

/** A game: in the interface where there is a terminal, in plain lines where there is none. */
export async function play(name: string | undefined, options: PlayOptions): Promise<void> {
  if (options.unguarded && options.cluster !== undefined)
    throw new MisfortuneError('guarded', '--unguarded is for the sandbox only.', {
      todo: 'For a cluster, set guardian in misfortune.yaml instead.',
      exitCode: exitCodes.usage,
    });
  if (!options.dryRun) assertNoGame(stateHome());
  const interrupt = interruptSignal();
  const master = new GameMaster({
    place: options,
    player: options.player,
    tags: options.tags?.split(',').filter(Boolean) ?? [],
    seed: seedOf(options.seed),
    speed: speedOf(options.speed),
    keep: options.keep ?? false,
    unguarded: options.unguarded ?? false,
    announce: options.announce,
    open: options.open ?? false,
    params: paramsOf(options.param ?? []),
    ...(name === undefined ? {} : { only: name }),
  });
  try {
    if (options.dryRun) await dryRun(master, name, options, interrupt.signal);
    else if (hasScreens() && !options.json) {
      const backend = backendOf(master);
      await runTui({
        backend,
        stdin: process.stdin,
        stdout: process.stdout,
        env: process.env,
        signal: interrupt.signal,
        master: options.master ?? false,
        ...(options.cluster === undefined ? {} : { cluster: options.cluster }),
        ...firstFrame(),
      });
      await tellEnds(master, backend);
    } else process.exitCode = await playPlain(backendOf(master), options, interrupt.signal);
    if (interrupt.signal.aborted) process.exitCode ||= exitCodes.interrupted;
  } finally {
    await master.close();
    const output = options.json ? process.stderr : process.stdout;
    for (const line of master.lastWords()) output.write(`${line}\n`);
    interrupt.release();
  }
}

/** The screens are gone with what they said: how each game ended, and how the cluster was left, stays to be read. */
async function tellEnds({ ended }: GameMaster, backend: Pick<Backend, 'debrief'>): Promise<void> {
  for (const id of ended) {
    const card = await backend.debrief(id, 100).catch(() => undefined);
    process.stdout.write(`Game ${id}: ${card?.heading ?? 'it was not graded.'}\n`);
    process.stdout.write(`The report, to read in a browser too: npx misfortune report ${id}\n`);
  }
}

/** A dumb terminal cannot place anything on a screen: it gets plain lines. */
function hasScreens(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env.TERM !== 'dumb';
}

/** For the benchmark: says on standard error when the first frame was drawn. */
function firstFrame(): { onFirstFrame?: () => void } {
  return process.env.MISFORTUNE_TIMING
    ? { onFirstFrame: () => process.stderr.write(`first frame after ${Math.round(performance.now())} ms\n`) }
    : {};
}

/** The plan, the permissions, the blast radius and what preflight says; nothing is changed. */
async function dryRun(
  master: GameMaster,
  name: string | undefined,
  options: PlayOptions,
  signal: AbortSignal,
): Promise<void> {
  if (name === undefined) {
    throw new MisfortuneError('no-scenario', 'Expected the name of a scenario with --dry-run.', {
      todo: '`misfortune scenario list --names` lists them.',
      exitCode: exitCodes.usage,
    });
  }
  await master.start(
    (step) => process.stderr.write(`${step.component} ${step.done}/${step.total}\n`),
    signal,
  );
  const game = await master.setUp(name);
  const setup = { ...game, cluster: readOnce(game.cluster) };
  const scenario = readScenario(setup.scenario, setup.params);
  const plan = await planScenario(scenario, setup);
  const guard = guardOf(scenario, setup);
  const { refusals, warnings } = await preflight(plan, guard, setup.cluster, signal);
  const permissions = await neededPermissions(plan, guard, setup.cluster);
  setup.cluster.close();
  const { operations, blastRadius, deadlines } = plan;
  const shown = {
    operations: operations.map(({ id, verb, describe, reverts }) => ({ id, verb, describe, reverts })),
    permissions: permissions.map(formatPermission),
    blastRadius,
    deadlines,
    refusals,
    warnings,
  };
  print(shown, options, () => [
    `${clean(scenario.title)} (${scenario.name})`,
    '',
    'Operations, in this order; they are undone in reverse order:',
    ...shown.operations.map((operation) => {
      const seconds = deadlines.find((deadline) => deadline.operation === operation.id)?.seconds;
      return `  ${operation.id}  ${clean(operation.describe)}  (${operation.reverts}${seconds === undefined ? '' : `, ends by itself after ${seconds} s`})`;
    }),
    '',
    'Required permissions:',
    ...shown.permissions.map((permission) => `  ${permission}`),
    '',
    'Blast radius:',
    ...blastRadius.lines.map((line) => `  ${line}`),
    '',
    ...(refusals.length === 0
      ? ['Preflight passed.']
      : ['Preflight failed:', ...refusals.map(({ message }) => `  ${message}`)]),
    ...warnings.map(({ message }) => `  warning: ${message}`),
    'Nothing was changed.',
  ]);
  if (refusals.length > 0) process.exitCode = exitCodes.refused;
}

function seedOf(text: string | undefined): number {
  if (text === undefined) return randomInt(2 ** 31);
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0) return seed;
  throw new MisfortuneError('bad-seed', `Expected a whole number of 0 or more for --seed, got "${text}".`, {
    exitCode: exitCodes.usage,
  });
}
