import type { KnownRule } from '../grade/grade.ts';
import { readJson } from '../log/folder.ts';
import { pastGames } from '../log/past-games.ts';
import type { Rules } from './folder-copies.ts';
import type { Play } from './play.ts';

/**
 * What expected alerts said that have no rule now, as the last game on this cluster saw them: a rule that was renamed is
 * known by its expression.
 */
export function knownRules({ setup, scenario, folder, state }: Play, rules: Rules): KnownRule[] {
  const loaded = new Set(rules.alerting.map(({ name }) => name));
  const missing = scenario.alerts.expected
    .flatMap(({ name, or }) => [name, ...or])
    .filter((name) => !loaded.has(name));
  if (missing.length === 0) return [];
  const { games } = pastGames(setup.stateHome);
  const before = games.filter((one) => one.cluster === state().game?.cluster && one.id !== folder.id);
  return missing.flatMap((name) => {
    for (const game of before.toReversed()) {
      const seen = readJson(game.folder.rules) as Rules | undefined;
      const rule = [...(seen?.alerting ?? []), ...(seen?.known ?? [])].find((one) => one.name === name);
      if (rule) return [{ name, query: rule.query }];
    }
    return [];
  });
}
