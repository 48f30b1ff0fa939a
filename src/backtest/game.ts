import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describeError, exitCodes, MisfortuneError } from '../errors.ts';
import { loadGame } from '../grade/load.ts';
import { type Moments, momentsOf } from '../grade/moments.ts';
import type { EarlierGame } from '../log/events.ts';
import { type GameFolder, gameFolder, readJson } from '../log/folder.ts';
import { PromqlError } from '../promql/error.ts';
import { parse } from '../promql/syntax/parse.ts';
import type { RuleDefinition, RuleGroupDefinition } from '../rules/rule.ts';
import type { ExpectedAlert } from '../scenario/schema.ts';
import { type RawRecording, readRaw } from '../signal/raw/recording.ts';
import type { AlertRule, RecordingRule, Rules } from '../signal/series.ts';

/** A game, as far as rules are evaluated over it again. */
export interface RecordedGame {
  readonly id: string;
  readonly scenario: string;
  readonly moments: Moments;
  /** Times in which somebody else's game was on: no quiet. */
  readonly earlier: readonly EarlierGame[];
  readonly expected: readonly ExpectedAlert[];
  readonly acceptable: readonly string[];
  readonly recording: RawRecording;
  /** What Prometheus evaluated that day, its durations those of the game's speed. */
  readonly rules: readonly RuleGroupDefinition[];
  /** By a group's name: how often it was evaluated, and a time of it; ms. */
  readonly evaluated: ReadonlyMap<string, { intervalMs: number; at: number }>;
}

/** A folder that was left out, and why. */
export interface LeftOut {
  readonly id: string;
  readonly why: string;
}

/** Folders within folders that are looked into for games: sandboxes side by side have state of their own. */
const deepest = 4;

/**
 * The games in a folder and below, by their paths in it, which are their ids; the folder itself if it is one.
 * @throws MisfortuneError `no-games`
 */
export function gamesIn(path: string): GameFolder[] {
  const within = (folder: string, depth: number): string[] => {
    if (existsSync(join(folder, 'log.jsonl'))) return [folder];
    if (depth === 0 || !existsSync(folder)) return [];
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return below.flatMap(({ name }) => within(join(folder, name), depth - 1)).sort();
  };
  const found = within(path, deepest).map((folder) => {
    const game = gameFolder(folder);
    return { ...game, id: relative(path, folder) || game.id };
  });
  if (found.length > 0) return found;
  throw new MisfortuneError(
    'no-games',
    `Expected a folder with games, found no log.jsonl in ${path} or below.`,
    {
      todo: 'Copy folders of games there: `misfortune games --json` tells where they are.',
      exitCode: exitCodes.usage,
    },
  );
}

/** Reads a game; why not, of one that was never played or has no samples. */
export async function loadRecordedGame(folder: GameFolder): Promise<RecordedGame | LeftOut> {
  const { id } = folder;
  try {
    const { state, scenario } = await loadGame(folder);
    if (state.injectedAt === undefined) return { id, why: 'nothing was broken in it' };
    const rules = readJson(folder.rules) as Partial<Rules> | undefined;
    const { groups, evaluated } = groupsOf({ alerting: [], recording: [], ...rules });
    const { expected, acceptable } = scenario.alerts;
    return {
      ...{ id, scenario: scenario.name, moments: momentsOf(state), earlier: state.earlierGames },
      ...{ expected, acceptable, recording: readRaw(folder.series), rules: groups, evaluated },
    };
  } catch (error) {
    if (error instanceof MisfortuneError) return { id, why: describeError(error).replaceAll('\n ', '') };
    throw error;
  }
}

export function isLeftOut(game: RecordedGame | LeftOut): game is LeftOut {
  return 'why' in game;
}

/** Rules of a group are told apart by kind, not in their order: what records comes first. */
function groupsOf({ alerting, recording }: Rules): Pick<RecordedGame, 'evaluated'> & {
  groups: RuleGroupDefinition[];
} {
  const groups = new Map<
    string,
    { name: string; file: string; intervalMs: number; rules: RuleDefinition[] }
  >();
  const evaluated = new Map<string, { intervalMs: number; at: number }>();
  const add = (rule: AlertRule | RecordingRule, definition: RuleDefinition | undefined) => {
    if (!definition) return;
    const intervalMs = Math.round((rule.interval ?? 0) * 1000);
    const key = `${rule.group} ${intervalMs}`;
    const file = 'file' in rule ? rule.file : '';
    const group = groups.get(key) ?? { name: rule.group, file, intervalMs, rules: [] };
    group.rules.push(definition);
    groups.set(key, group);
    if (intervalMs > 0) evaluated.set(rule.group, { intervalMs, at: rule.lastEvaluation ?? 0 });
  };
  for (const rule of recording)
    add(rule, definitionOf(rule, { kind: 'recording', labels: rule.labels ?? {} }));
  for (const rule of alerting.filter(({ notPromql }) => !notPromql)) {
    const { labels, annotations } = rule;
    const timing = { forMs: rule.for * 1000, keepFiringForMs: rule.keepFiringFor * 1000 };
    add(rule, definitionOf(rule, { kind: 'alerting', labels, annotations, ...timing }));
  }
  return {
    evaluated,
    groups: [...groups.values()].map((group) => ({ ...group, queryOffsetMs: 0, limit: 0 })),
  };
}

/** Undefined for a rule that this engine cannot read: Prometheus may be newer. */
function definitionOf(
  { name, query }: { name: string; query: string },
  more: Pick<RuleDefinition, 'kind' | 'labels'> & Partial<RuleDefinition>,
): RuleDefinition | undefined {
  try {
    return { name, expr: parse(query), forMs: 0, keepFiringForMs: 0, annotations: {}, ...more };
  } catch (error) {
    if (error instanceof PromqlError) return undefined;
    throw error;
  }
}
