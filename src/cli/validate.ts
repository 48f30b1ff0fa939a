import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { findSandbox, type SandboxAccess, startSandbox, stopSandbox } from '../game/sandbox-link.ts';
import { junitXml, summaryLine, validationProblems, validationRows } from '../game/validate/format.ts';
import type { ValidationReport } from '../game/validate/result.ts';
import { selectCases } from '../game/validate/select.ts';
import { readCases, type ScenarioCases, validate as validateScenarios } from '../game/validate/validate.ts';
import { stateHome } from '../paths.ts';
import { clean } from '../tui/text.ts';
import { GameMaster } from './game-master.ts';
import { type LoadedLibrary, loadLibrary } from './library.ts';
import { interruptSignal, print, table } from './output.ts';
import { paramsOf } from './params.ts';
import { isSandbox, type PlaceOptions, placeOf } from './place.ts';
import { speedOf } from './sandbox.ts';
import { validateProgress } from './validate-progress.ts';

export interface ValidateCommandOptions extends PlaceOptions {
  speed: string;
  only?: string;
  case?: string[];
  list?: boolean;
  param?: string[];
  junit?: string;
  announce?: boolean;
  json?: boolean;
}

/** Proves scenarios without a person; the sandbox is started for it where none runs. */
export async function validate(names: string[], options: ValidateCommandOptions): Promise<void> {
  const loaded = await loadLibrary(options);
  const params = paramsOf(options.param ?? []);
  const todo = selectCases(await readCases(filesOf(names, loaded, options), params), {
    kinds: options.only?.split(',').map((word) => word.trim()),
    names: options.case,
  });
  if (options.list) return list(todo, options);
  if (options.junit) assertWritable(options.junit);
  const cluster = placeOf(options, loaded.config);
  if (!isSandbox(cluster) && options.speed !== '1') throw realTimeOnly();
  const interrupt = interruptSignal();
  const { signal } = interrupt;
  const progress = validateProgress(todo.flatMap(({ cases }) => cases).length, process.stderr);
  let started: SandboxAccess | undefined;
  try {
    if (isSandbox(cluster)) started = await sandboxFor(options, signal);
    const report = await validateScenarios({
      stateHome: stateHome(),
      todo,
      cluster,
      params,
      announce: options.announce,
      signal,
      onStart: progress.start,
      onPhase: progress.phase,
      onResult: progress.result,
    });
    progress.close();
    if (options.junit) writeFileSync(options.junit, junitXml(report));
    print(report, options, () =>
      [...table(validationRows(report)), ...validationProblems(report), summaryLine(report)].map(clean),
    );
    if (report.untold) process.stderr.write(`The channel was not told of the end: ${report.untold}\n`);
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

function filesOf(names: string[], loaded: LoadedLibrary, options: ValidateCommandOptions) {
  const master = new GameMaster({
    place: options,
    player: 'validate',
    tags: [],
    seed: 1,
    speed: 1,
    keep: true,
  });
  master.adopt(loaded);
  const wanted = names.length > 0 ? names : loaded.playable.map(({ scenario }) => scenario.name);
  return wanted
    .map((name) => master.gameOptions(name))
    .map(({ scenarioFile, playbookFile }) => ({ scenario: scenarioFile, playbook: playbookFile }));
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
    'Only the sandbox has a speed; a cluster is played on in real time.',
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
