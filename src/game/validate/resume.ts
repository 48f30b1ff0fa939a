import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { packageVersion } from '../../paths.ts';
import { type CaseResult, caseKinds, type ValidationReport } from './result.ts';
import { type ScenarioCases, skippedCase } from './validate.ts';

/** What all results of a file have in common besides the two documents; others than these are played again. */
export interface SameConditions {
  speed: number;
  params: Record<string, unknown>;
  /** Its name in misfortune.yaml; undefined for the sandbox. */
  cluster?: string;
}

/** A validation that goes on where earlier ones ended. */
export interface Resumed {
  /** What has not passed yet. */
  todo: ScenarioCases[];
  /** Appends a result to the file. */
  keep(result: CaseResult): void;
  /** The report of all cases, from what a run found out of `todo`; undefined: there was nothing to run. */
  whole(report: ValidationReport | undefined): ValidationReport;
}

const resultSchema = z.object({
  scenario: z.string(),
  kind: z.enum(caseKinds),
  name: z.string(),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  problems: z.array(z.string()),
  evidence: z.array(z.string()),
  seconds: z.number(),
  folder: z.string().optional(),
  alerts: z
    .array(z.object({ name: z.string(), is: z.enum(['expected', 'acceptable', 'unexpected']) }))
    .optional(),
  giveaways: z.number().optional(),
});

/** `of`: a hash of all that the result depends on and that is known here. */
const lineSchema = z.object({ of: z.string(), result: resultSchema });
type Line = z.infer<typeof lineSchema>;

/**
 * Takes the results of earlier runs from a file of JSON lines, which need not be there yet. A case that passed in it, under the same
 * conditions and with the same documents and version of this program, is not played again. Files of several shards may be appended
 * to one another. @throws MisfortuneError `not-results` for a file with other lines
 */
export function resume(
  file: string,
  { todo, ...conditions }: SameConditions & { todo: readonly ScenarioCases[] },
): Resumed {
  const hashes = new Map(todo.map(({ scenario, sources }) => [scenario, hashOf(sources, conditions)]));
  const earlier = new Map<string, CaseResult[]>();
  const add = (result: CaseResult) => {
    const key = keyOf(result);
    const tries = earlier.get(key) ?? [];
    // Skipped is no try: it was not played.
    if (result.outcome !== 'skipped') earlier.set(key, [...tries, result]);
  };
  for (const { of, result } of readLines(file)) if (hashes.get(result.scenario) === of) add(result);
  const passed = (scenario: string, { kind, name }: { kind: CaseResult['kind']; name: string }) => {
    const tries = earlier.get(keyOf({ scenario, kind, name })) ?? [];
    const index = tries.findIndex(({ outcome }) => outcome === 'passed');
    const found = tries[index];
    return found && { ...found, ...(index > 0 && { tries: index + 1 }) };
  };
  const left = todo
    .map((one) => ({ ...one, cases: one.cases.filter((each) => !passed(one.scenario, each)) }))
    .filter(({ cases }) => cases.some((one) => !('skip' in one)));
  const kept = todo.flatMap(({ scenario, cases }) => cases.filter((one) => passed(scenario, one))).length;
  return {
    todo: left,
    keep(result) {
      add(result);
      const line: Line = { of: hashes.get(result.scenario) ?? '', result: resultSchema.parse(result) };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    },
    whole(report = { passed: true, speed: conditions.speed, seconds: 0, results: [], interrupted: false }) {
      const now = new Map(report.results.map((result) => [keyOf(result), result]));
      const results = todo.flatMap(({ scenario, cases }) =>
        cases.flatMap((one) => {
          const known = passed(scenario, one) ?? now.get(keyOf({ scenario, ...one }));
          return known ?? ('skip' in one ? skippedCase(scenario, one, one.skip) : []);
        }),
      );
      return { ...report, results, earlier: kept };
    },
  };
}

function keyOf({ scenario, kind, name }: Pick<CaseResult, 'scenario' | 'kind' | 'name'>): string {
  return JSON.stringify([scenario, kind, name]);
}

function hashOf({ scenario, playbook }: ScenarioCases['sources'], conditions: SameConditions): string {
  const { speed, params, cluster = null } = conditions;
  const all = [packageVersion(), scenario.hash, playbook.hash, speed, Object.entries(params).sort(), cluster];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
}

function readLines(file: string): Line[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw notResults(`Expected a file with results, ${file} cannot be read: ${(error as Error).message}`);
  }
  const lines = text.split('\n');
  // A run that was killed while it wrote: that case is played again, and the next line begins on its own.
  const cut = lines.pop() ?? '';
  const results = lines.map((line, index) => {
    const parsed = lineSchema.safeParse(json(line));
    if (parsed.success) return parsed.data;
    throw notResults(
      `Expected results of \`misfortune validate --resume\` in ${file}:${index + 1}, saw other text.`,
    );
  });
  if (cut !== '') {
    if (results.length === 0) throw notResults(`Expected results in ${file}, saw other text.`);
    writeFileSync(file, text.slice(0, text.length - cut.length));
  }
  return results;
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function notResults(message: string): MisfortuneError {
  return new MisfortuneError('not-results', message, {
    todo: 'Name a file that is not there yet, or one that an earlier run wrote.',
    exitCode: exitCodes.usage,
  });
}
