import type { KnownRule } from '../../grade/input.ts';
import { readJson } from '../../log/folder.ts';
import { pastGames } from '../../log/past-games.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { AlertRule, RecordingRule } from '../../signal/series.ts';
import type { Play } from '../play.ts';

/** As they are kept in a game's folder. */
export interface Rules {
  alerting: AlertRule[];
  recording: RecordingRule[];
  /** What rules of expected alerts said in an earlier game, where there is none now. */
  known?: KnownRule[];
  /** Other evaluators that did not tell theirs. */
  silent?: string[];
}

/**
 * What expected alerts said that have no rule now, as the last game on this cluster saw them: a rule that was renamed is
 * known by its expression.
 */
export function knownRules({ setup, folder }: Play, { alerts }: Scenario, rules: Rules): KnownRule[] {
  const loaded = new Set(rules.alerting.map(({ name }) => name));
  const missing = alerts.expected
    .flatMap(({ name, or }) => [name, ...or])
    .filter((name) => !loaded.has(name));
  if (missing.length === 0) return [];
  const { games } = pastGames(setup.stateHome);
  const before = games.filter((one) => one.cluster === setup.cluster.context && one.id !== folder.id);
  return missing.flatMap((name) => {
    for (const game of before.toReversed()) {
      const seen = readJson(game.folder.rules) as Rules | undefined;
      const rule = [...(seen?.alerting ?? []), ...(seen?.known ?? [])].find((one) => one.name === name);
      if (rule) return [{ name, query: rule.query }];
    }
    return [];
  });
}
