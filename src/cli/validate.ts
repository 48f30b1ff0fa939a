import { writeFileSync } from 'node:fs';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { findSandbox, startSandbox, stopSandbox } from '../game/sandbox-link.ts';
import { junitXml, validationProblems, validationRows } from '../game/validate/format.ts';
import { type CaseKind, caseKinds } from '../game/validate/result.ts';
import { validate as validateScenarios } from '../game/validate/validate.ts';
import { stateHome } from '../paths.ts';
import { GameMaster } from './game-master.ts';
import { loadLibrary } from './library.ts';
import { interruptSignal, print, table } from './output.ts';
import { paramsOf } from './params.ts';
import { isSandbox, type PlaceOptions, placeOf } from './place.ts';
import { speedOf } from './sandbox.ts';

export interface ValidateCommandOptions extends PlaceOptions {
  speed: string;
  only?: string;
  param?: string[];
  junit?: string;
  json?: boolean;
}

/** Proves scenarios without a person; the sandbox is started for it where none runs. */
export async function validate(names: string[], options: ValidateCommandOptions): Promise<void> {
  const home = stateHome();
  const loaded = await loadLibrary({ config: options.config });
  const wanted = names.length > 0 ? names : loaded.playable.map(({ scenario }) => scenario.name);
  const master = new GameMaster({
    place: options,
    player: 'validate',
    tags: [],
    seed: 1,
    speed: 1,
    keep: true,
  });
  master.adopt(loaded);
  const files = wanted
    .map((name) => master.gameOptions(name))
    .map(({ scenarioFile, playbookFile }) => ({ scenario: scenarioFile, playbook: playbookFile }));
  const only = kindsOf(options.only);
  const params = paramsOf(options.param ?? []);
  const cluster = placeOf(options, loaded.config);
  const interrupt = interruptSignal();
  const running = findSandbox({ stateHome: home });
  const started =
    isSandbox(cluster) && !running
      ? await startSandbox({
          stateHome: home,
          speed: speedOf(options.speed),
          signal: interrupt.signal,
          onProgress: (step) => process.stderr.write(`${step.component} ${step.done}/${step.total}\n`),
        })
      : undefined;
  if (running && isSandbox(cluster)) speedMatches(running.speed, options.speed);
  try {
    const report = await validateScenarios({
      stateHome: home,
      files,
      cluster,
      params,
      only,
      signal: interrupt.signal,
      onStart: (kind, name, scenario) => process.stderr.write(`${scenario}: ${kind} ${name} …\n`),
      onResult: ({ outcome, seconds }) => process.stderr.write(`  ${outcome} after ${seconds} s\n`),
    });
    if (options.junit) writeFileSync(options.junit, junitXml(report));
    print(report, options, () => [...table(validationRows(report)), ...validationProblems(report)]);
    if (!report.passed) process.exitCode = exitCodes.failed;
  } finally {
    if (started) await stopSandbox(started);
    interrupt.release();
  }
}

function speedMatches(running: number, asked: string): void {
  if (asked === '1' || speedOf(asked) === running) return;
  throw new MisfortuneError('sandbox-speed', `A sandbox of speed ${running} runs, expected ${asked}.`, {
    todo: 'Stop it with `misfortune sandbox stop`, or leave --speed out.',
    exitCode: exitCodes.refused,
  });
}

function kindsOf(text: string | undefined): CaseKind[] | undefined {
  if (text === undefined) return undefined;
  const words = text.split(',').map((word) => word.trim());
  const strange = words.filter((word) => !caseKinds.includes(word as CaseKind));
  if (strange.length === 0) return words as CaseKind[];
  throw new MisfortuneError(
    'unknown-case',
    `Expected cases of ${caseKinds.join(', ')}, got ${strange.join(', ')}.`,
    { exitCode: exitCodes.usage },
  );
}
