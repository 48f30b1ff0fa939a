import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { SourceDocument } from '../document/document.ts';
import { readDocument } from '../document/read.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { type GameFolder, readJson, writeWhole } from '../log/folder.ts';
import { readLog } from '../log/log.ts';
import { reduceAll } from '../log/state.ts';
import { bindPlaybook } from '../playbook/bind.ts';
import { parsePlaybook } from '../playbook/parse.ts';
import type { RuleFile } from '../rule-files.ts';
import { parseScenario } from '../scenario/parse.ts';
import { type FaultSchemas, type Scenario, stepKeys } from '../scenario/schema.ts';
import { readSeries } from '../signal/recorded-series.ts';
import type { Dashboard } from '../signal/series.ts';
import { shippedRuleFiles, shippedRules } from './alerts/shipped-rules.ts';
import { gradeGame } from './grade.ts';
import type { GradeInput } from './input.ts';

/**
 * Reads what a grade is made of from the folder of a game. Rules, dashboards and series may be missing: the scorecard
 * says so. `ruleFiles`: those that fixes are diffs of, instead of the stack's. @throws MisfortuneError if log, scenario or playbook cannot be read
 */
export async function loadGradeInput(folder: GameFolder, ruleFiles?: RuleFile[]): Promise<GradeInput> {
  const { state, scenario } = await loadGame(folder);
  const { playbook, problems } = parsePlaybook(await open(folder.playbook));
  if (!playbook) throw problems[0];
  const file = join(folder.series, 'series.json.gz');
  return {
    state,
    scenario,
    playbook: bindPlaybook(playbook, scenario.playbook.with),
    rules: withKnown(readJson(folder.rules) as GradeInput['rules'], scenario),
    ruleFiles: ruleFiles ?? shippedRuleFiles(scenario.stack.name),
    dashboards: dashboardsIn(folder.dashboards),
    ...(existsSync(file) && { series: readSeries(file) }),
  };
}

/**
 * What happened in a game, and its scenario with the params that it was played with. @throws MisfortuneError if log or
 * scenario cannot be read
 */
export async function loadGame(folder: GameFolder): Promise<Pick<GradeInput, 'state' | 'scenario'>> {
  const { events } = readLog(folder.log);
  const scenario = scenarioOf(await open(folder.scenario), readJson(folder.params));
  return { state: reduceAll(events), scenario };
}

/** An expected alert without a rule may have been renamed: what it said is known of the stack that we ship. */
function withKnown(rules: GradeInput['rules'], { stack, alerts }: Scenario): GradeInput['rules'] {
  const has = (name: string) =>
    [...(rules?.alerting ?? []), ...(rules?.known ?? [])].some((rule) => rule.name === name);
  const missing = alerts.expected.flatMap(({ name, or }) => [name, ...or]).filter((name) => !has(name));
  if (!rules || missing.length === 0) return rules;
  const shipped = shippedRules(stack.name).filter(({ name }) => missing.includes(name));
  return { ...rules, known: [...(rules.known ?? []), ...shipped] };
}

/** Grades a game from its folder and keeps the scorecard there; returns the name of the file in it. */
export async function writeScorecard(folder: GameFolder): Promise<string> {
  const scorecard = gradeGame(await loadGradeInput(folder));
  writeWhole(folder.scorecard, `${JSON.stringify(scorecard, undefined, 1)}\n`);
  return basename(folder.scorecard);
}

/** Without the schemas of the fault types: a game is graded the same after a type was changed or taken out. */
function scenarioOf(document: SourceDocument, params: unknown): Scenario {
  const { faults, decoys } = document.value as { faults?: unknown; decoys?: unknown };
  const steps = [faults, decoys].flatMap((list) => (Array.isArray(list) ? list : []));
  const keys = steps.flatMap((step) => Object.keys(step as object));
  const faultSchemas: FaultSchemas = Object.fromEntries(
    keys.filter((key) => !stepKeys.includes(key)).map((type) => [type, z.unknown()]),
  );
  const given = params as Record<string, unknown> | undefined;
  const { scenario, problems } = parseScenario(document, { faultSchemas, params: given ?? {} });
  if (!scenario) throw problems[0];
  return scenario;
}

async function open(file: string): Promise<SourceDocument> {
  const { document, problems } = await readDocument(file);
  if (document) return document;
  throw (
    problems[0] ??
    new MisfortuneError('unreadable-document', `${file} cannot be read.`, { exitCode: exitCodes.usage })
  );
}

function dashboardsIn(folder: string): Dashboard[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => (readJson(join(folder, name)) as Dashboard | undefined) ?? []);
}
