import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { sandboxPaths } from '../start/sandbox-link.ts';
import { startSandbox, stopSandbox } from '../start/sandbox-process.ts';
import { watchOnce } from './quiet.ts';
import type { CaseResult, ValidationReport } from './result.ts';
import { notReached, type ValidateOptions, validate } from './validate.ts';

export interface SideBySideOptions extends Omit<ValidateOptions, 'cluster' | 'announce'> {
  /** Sandboxes at the same time. */
  jobs: number;
  /** Of each sandbox. */
  speed: number;
  /** A sandbox that could not be started: its share is left to the others. */
  onProblem?(text: string): void;
}

/** Bytes that a sandbox with the whole shop takes. */
const sandboxBytes = 2 ** 30;

/**
 * Sandboxes that this machine carries at once: one a core, for cases mostly wait but each begins and ends with a burst, and
 * no more than fit into half of its memory.
 */
export function usualJobs(scenarios: number): number {
  const fit = Math.floor(totalmem() / 2 / sandboxBytes);
  return Math.max(1, Math.min(scenarios, availableParallelism(), fit));
}

/**
 * Proves scenarios in several sandboxes, each scenario whole in one of them; who is done takes the next. A sandbox in
 * which a game left something is replaced: the case has failed for it.
 * @throws what validate throws; the error of the first sandbox, if none could be started
 */
export async function validateSideBySide(options: SideBySideOptions): Promise<ValidationReport> {
  const { todo, signal, jobs, healthy = watchOnce(), onProblem = () => undefined } = options;
  const begun = performance.now();
  const waiting = [...todo];
  const reports: ValidationReport[] = [];
  const take = () => (signal.aborted ? undefined : waiting.shift());
  const sides = await Promise.allSettled(
    Array.from({ length: Math.min(jobs, todo.length) }, (_, index) =>
      proveSide(
        { ...options, healthy, stateHome: join(options.stateHome, `side-${index + 1}`) },
        take,
        reports,
      ),
    ),
  );
  const failures = sides.flatMap((side) => (side.status === 'rejected' ? [side.reason as Error] : []));
  if (!signal.aborted && failures.length === sides.length) throw failures[0];
  if (!signal.aborted) for (const { message } of failures) onProblem(message);
  return merged(options, reports, Math.round((performance.now() - begun) / 1000));
}

/** One sandbox at a time, with what it takes. */
async function proveSide(
  options: SideBySideOptions,
  take: () => ValidateOptions['todo'][number] | undefined,
  reports: ValidationReport[],
): Promise<void> {
  const { stateHome, speed, signal } = options;
  const cluster = { sandbox: sandboxPaths({ stateHome }).folder };
  const start = () => startSandbox({ stateHome, speed, signal });
  let sandbox = await start();
  try {
    for (let next = take(); next; next = take()) {
      const { unrestored, ...report } = await validate({ ...options, todo: [next], cluster });
      reports.push(report);
      if (unrestored === undefined) continue;
      // What a game left in it goes with it.
      await stopSandbox(sandbox);
      sandbox = await start();
    }
  } finally {
    await stopSandbox(sandbox);
  }
}

function merged(
  { todo, speed, signal }: SideBySideOptions,
  reports: readonly ValidationReport[],
  seconds: number,
): ValidationReport {
  const results = reports.flatMap((report) => report.results);
  const why = signal.aborted ? 'interrupted' : 'no sandbox was left to play it in';
  const all = [...results, ...notReached(todo, results, why)];
  const place = ({ scenario }: CaseResult) => todo.findIndex((one) => one.scenario === scenario);
  const isProven = all.every(({ outcome }) => outcome === 'passed' || outcome === 'skipped');
  return {
    passed: !signal.aborted && isProven,
    speed,
    seconds,
    results: all.sort((one, other) => place(one) - place(other)),
    interrupted: signal.aborted,
  };
}
