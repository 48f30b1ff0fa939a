import { exitCodes, MisfortuneError } from '../../errors.ts';
import { assertNoGame } from '../../game/api/current.ts';
import { findGame, loadLibrary } from '../../game/library/library.ts';
import { isSandbox, type PlaceOptions, placeOf } from '../../game/start/place.ts';
import { findSandbox, type SandboxAccess } from '../../game/start/sandbox-link.ts';
import { startSandbox, stopSandbox } from '../../game/start/sandbox-process.ts';
import { type Rehearsal, rehearse } from '../../game/validate/rehearse.ts';
import { stateHome } from '../../paths.ts';
import { clean } from '../../words/clean.ts';
import { parseDuration } from '../../words/duration.ts';
import { duration } from '../../words/time.ts';
import { interruptSignal, print } from '../output.ts';
import { paramsOf } from '../params.ts';
import { speedOf } from './sandbox.ts';

export interface TryOptions extends PlaceOptions {
  speed?: string;
  for?: string;
  param?: string[];
  json?: boolean;
}

/** Injects a scenario, watches what it does, restores. The sandbox is started for it where none runs. */
export async function tryScenario(name: string, options: TryOptions): Promise<void> {
  const loaded = await loadLibrary(options);
  const { sources } = findGame(loaded, name);
  const cluster = placeOf(options, loaded.config);
  const watchFor = options.for === undefined ? undefined : durationOf(options.for);
  const interrupt = interruptSignal();
  const { signal } = interrupt;
  let started: SandboxAccess | undefined;
  try {
    if (isSandbox(cluster)) started = await sandboxFor(options, signal);
    const rehearsal = await rehearse({
      stateHome: stateHome(),
      sources,
      cluster,
      params: paramsOf(options.param ?? []),
      watchFor,
      signal,
      onLine: ({ at, text }) =>
        process.stderr.write(`${at === undefined ? '' : `+${duration(at)}  `}${clean(text)}\n`),
    });
    print(rehearsal, options, () => summary(rehearsal).map(clean));
    process.exitCode = exitCodeOf(rehearsal, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = exitCodes.interrupted;
  } finally {
    if (started) await stopSandbox(started);
    interrupt.release();
  }
}

function summary({ scenario, speed, alerts, oracle, problems, differences, folder }: Rehearsal): string[] {
  const red = oracle.filter(({ holds, gap }) => !holds && !gap).map(({ id }) => id);
  return [
    `${scenario}, at speed ${speed}; times as at speed 1.`,
    `Alerts that fired: ${alerts.map(({ name, is }) => `${name} (${is})`).join(', ') || 'none'}.`,
    `Red in the oracle: ${red.join(', ') || 'nothing'}.`,
    differences.length === 0
      ? 'Restored: the cluster is as before.'
      : `Not as before: ${differences.join('; ')}.`,
    ...problems.map((problem) => `! ${problem}`),
    ...(folder === undefined ? [] : [`The game: ${folder}`]),
  ];
}

function exitCodeOf({ problems, differences }: Rehearsal, signal: AbortSignal): number {
  if (differences.length > 0) return exitCodes.leftover;
  if (signal.aborted) return exitCodes.interrupted;
  return problems.length > 0 ? exitCodes.failed : exitCodes.ok;
}

/** Undefined where one runs, which is used as it is. */
async function sandboxFor({ speed }: TryOptions, signal: AbortSignal): Promise<SandboxAccess | undefined> {
  const home = stateHome();
  assertNoGame(home);
  if (findSandbox({ stateHome: home })) return undefined;
  process.stderr.write('starts a sandbox\n');
  return await startSandbox({ stateHome: home, speed: speedOf(speed ?? '10'), signal });
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new MisfortuneError('bad-duration', `Expected a duration like 90s or 5m for --for, got "${text}".`, {
    exitCode: exitCodes.usage,
  });
}
