import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeError, exitCodes, MisfortuneError } from '../../errors.ts';
import { assertNoGame } from '../../game/api/current.ts';
import { findGame, type LoadedLibrary, loadLibrary } from '../../game/library/library.ts';
import type { GameSources } from '../../game/start/documents.ts';
import { isSandbox, type PlaceOptions, placeOf } from '../../game/start/place.ts';
import { findSandbox, type SandboxAccess } from '../../game/start/sandbox-link.ts';
import { startSandbox, stopSandbox } from '../../game/start/sandbox-process.ts';
import type { CaseResult, ValidationReport } from '../../game/validate/result.ts';
import { resume } from '../../game/validate/resume.ts';
import { selectCases, shardOf } from '../../game/validate/select.ts';
import { type SideBySideOptions, usualJobs, validateSideBySide } from '../../game/validate/side-by-side.ts';
import {
  junitXml,
  summaryLine,
  validationProblems,
  validationRows,
} from '../../game/validate/texts/format.ts';
import { markdownReport } from '../../game/validate/texts/markdown.ts';
import {
  readCases,
  type ScenarioCases,
  validate as validateScenarios,
} from '../../game/validate/validate.ts';
import { stateHome } from '../../paths.ts';
import { clean } from '../../words/clean.ts';
import { plural } from '../../words/number.ts';
import { table } from '../../words/width.ts';
import { interruptSignal, print } from '../output.ts';
import { paramsOf } from '../params.ts';
import { validateProgress } from '../validate-progress.ts';
import { speedOf } from './sandbox.ts';

export interface ValidateCommandOptions extends PlaceOptions {
  speed: string;
  all?: boolean;
  jobs?: string;
  shard?: string;
  only?: string;
  case?: string[];
  list?: boolean;
  param?: string[];
  resume?: string;
  junit?: string;
  markdown?: string;
  announce?: boolean;
  record?: boolean;
  json?: boolean;
}

/** Proves scenarios without a person; the sandbox is started for it where none runs. */
export async function validate(names: string[], options: ValidateCommandOptions): Promise<void> {
  const loaded = await loadLibrary(options);
  const params = paramsOf(options.param ?? []);
  const sources = sourcesOf(names, loaded, options);
  if (names.length === 0)
    for (const { why } of loaded.leftOut) process.stderr.write(`left out: ${describeError(why)}\n`);
  const wanted = selectCases(readCases(sources, params), {
    kinds: options.only?.split(',').map((word) => word.trim()),
    names: options.case,
    quiet: names.length === 0,
  });
  for (const file of [options.junit, options.markdown, options.resume]) if (file) assertWritable(file);
  const cluster = placeOf(options, loaded.config);
  if (!isSandbox(cluster) && options.speed !== '1') throw realTimeOnly();
  const speed = isSandbox(cluster) ? speedHere(options) : 1;
  const resumed = options.resume
    ? resume(options.resume, {
        todo: wanted,
        speed,
        params,
        ...('name' in cluster && { cluster: cluster.name }),
      })
    : undefined;
  const todo = resumed?.todo ?? wanted;
  if (options.list) return list(todo, options);
  const interrupt = interruptSignal();
  const { signal } = interrupt;
  const progress = validateProgress(todo.flatMap(({ cases }) => cases).length, process.stderr);
  let started: SandboxAccess | undefined;
  try {
    const { start: onStart, phase: onPhase } = progress;
    const { record } = options;
    const onResult = (result: CaseResult) => {
      progress.result(result);
      resumed?.keep(result);
    };
    const what = { stateHome: stateHome(), todo, params, signal, record, onStart, onPhase, onResult };
    const jobs = jobsOf(options, todo.length, isSandbox(cluster));
    const prove = async () => {
      if (jobs > 1) return await sideBySide({ ...what, jobs, speed: speedOf(options.speed) });
      if (isSandbox(cluster)) started = await sandboxFor(options, signal);
      return await validateScenarios({ ...what, cluster, announce: options.announce });
    };
    const played = todo.length > 0 ? await prove() : undefined;
    progress.close();
    const report = resumed?.whole(played) ?? (played as ValidationReport);
    if (options.junit) writeFileSync(options.junit, junitXml(report));
    if (options.markdown) writeFileSync(options.markdown, markdownReport(report));
    print(report, options, () =>
      [...table(validationRows(report)), ...validationProblems(report), summaryLine(report)].map(clean),
    );
    if (report.untold)
      process.stderr.write(`The channel could not be notified of the end: ${report.untold}\n`);
    process.exitCode = exitCodeOf(report);
    // What waits for `misfortune recover` is not thrown away with the sandbox.
    if (report.unrestored !== undefined) started = undefined;
  } catch (error) {
    // Called off while the sandbox came up: nothing was touched.
    if (!signal.aborted) throw error;
    process.exitCode = exitCodes.interrupted;
  } finally {
    progress.close();
    if (started) await stopSandbox(started);
    interrupt.release();
  }
}

function sourcesOf(
  names: string[],
  loaded: LoadedLibrary,
  { all, shard }: ValidateCommandOptions,
): GameSources[] {
  if (all && names.length > 0)
    throw new MisfortuneError('all-and-some', `Expected --all or names of scenarios, got both.`, {
      exitCode: exitCodes.usage,
    });
  const wanted = names.length > 0 ? names : loaded.playable.map(({ scenario }) => scenario.name);
  const part = shard === undefined ? wanted : shardOf(wanted, shard);
  return part.map((name) => findGame(loaded, name).sources);
}

/** One where a sandbox runs already, or a cluster is named: there is only that. */
function jobsOf({ jobs }: ValidateCommandOptions, scenarios: number, inSandbox: boolean): number {
  if (jobs === undefined) {
    return inSandbox && !findSandbox({ stateHome: stateHome() }) ? usualJobs(scenarios) : 1;
  }
  const number = Number(jobs);
  if (!Number.isInteger(number) || number < 1 || number > 32)
    throw new MisfortuneError('bad-jobs', `Expected --jobs from 1 to 32, got "${jobs}".`, {
      exitCode: exitCodes.usage,
    });
  if (!inSandbox && number > 1)
    throw new MisfortuneError('bad-jobs', 'On a cluster games are played one after the other.', {
      todo: 'Leave --jobs out.',
      exitCode: exitCodes.usage,
    });
  return Math.min(number, scenarios);
}

/** Of the sandbox that runs, or of the one that will be started. */
function speedHere({ speed }: ValidateCommandOptions): number {
  return findSandbox({ stateHome: stateHome() })?.speed ?? speedOf(speed);
}

function sideBySide(options: SideBySideOptions): Promise<ValidationReport> {
  const { jobs, todo, speed } = options;
  process.stderr.write(`${plural(todo.length, 'scenario')} in ${jobs} sandboxes at speed ${speed}\n`);
  const onProblem = (text: string) => process.stderr.write(`A sandbox did not start: ${text}\n`);
  return validateSideBySide({ ...options, onProblem });
}

function list(todo: ScenarioCases[], options: { json?: boolean }): void {
  const cases = todo.flatMap(({ scenario, cases: all }) =>
    all.map((one) => ({
      scenario,
      kind: one.kind,
      name: one.name,
      ...('skip' in one && { skipped: one.skip }),
    })),
  );
  print(cases, options, () =>
    table([
      ['SCENARIO', 'CASE', 'NAME'],
      ...cases.map(({ scenario, kind, name, skipped }) => [
        scenario,
        kind,
        skipped ? `${name} (skipped: ${skipped})` : name,
      ]),
    ]),
  );
}

/** The one that runs, or a new one, which is given back to be stopped. */
async function sandboxFor(
  { speed }: ValidateCommandOptions,
  signal: AbortSignal,
): Promise<SandboxAccess | undefined> {
  const home = stateHome();
  assertNoGame(home);
  const running = findSandbox({ stateHome: home });
  if (!running) {
    const onProgress = (step: { component: string; done: number; total: number }) =>
      process.stderr.write(`${step.component} ${step.done}/${step.total}\n`);
    return startSandbox({ stateHome: home, speed: speedOf(speed), signal, onProgress });
  }
  if (speed === '1' || speedOf(speed) === running.speed) return undefined;
  throw new MisfortuneError('sandbox-speed', `A sandbox of speed ${running.speed} runs, expected ${speed}.`, {
    todo: 'Stop it with `misfortune sandbox stop`, or leave --speed out.',
    exitCode: exitCodes.refused,
  });
}

function realTimeOnly(): MisfortuneError {
  return new MisfortuneError(
    'sandbox-speed',
    'Only the sandbox has a speed; a game on a cluster runs in real time.',
    {
      todo: 'Leave --speed out.',
      exitCode: exitCodes.usage,
    },
  );
}

function exitCodeOf({ passed, interrupted, unrestored }: ValidationReport): number {
  if (unrestored !== undefined) return exitCodes.leftover;
  if (interrupted) return exitCodes.interrupted;
  return passed ? exitCodes.ok : exitCodes.failed;
}

/** Found out before anything is played, not after. */
function assertWritable(file: string): void {
  const folder = dirname(resolve(file));
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new MisfortuneError(
      'no-junit-folder',
      `Expected a folder for ${file} that can be written to: ${(cause as Error).message}`,
      {
        exitCode: exitCodes.usage,
        cause,
      },
    );
  }
}
