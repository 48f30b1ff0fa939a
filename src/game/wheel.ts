import type { Random } from '../clock.ts';

/** What the wheel has to know of a scenario. Only the title is shown: it is a symptom. */
export interface WheelScenario {
  name: string;
  title: string;
  difficulty: number;
  tags: string[];
}

/** What it has to know of a game of the past. `at` is wall ms since epoch. */
export interface WheelGame {
  scenario: string;
  player: string;
  at: number;
  played: boolean;
}

export interface WheelEntry extends WheelScenario {
  /** Share of the wheel, 0 to 1; all together 1. */
  weight: number;
  /** Wall ms since epoch; undefined: never. */
  lastPlayed: number | undefined;
  /** How often this player has had it. */
  practised: number;
}

/**
 * How likely each scenario is: more if it was not played lately (by anybody), more if this player has practised it
 * least, more if it carries one of the wanted tags. Nothing is ever impossible.
 */
export function weighWheel(
  scenarios: readonly WheelScenario[],
  games: readonly WheelGame[],
  options: { player: string; now: number; tags?: readonly string[] },
): WheelEntry[] {
  const entries = scenarios.map((scenario) => {
    const plays = games.filter((game) => game.played && game.scenario === scenario.name);
    const lastPlayed = plays.length > 0 ? Math.max(...plays.map((game) => game.at)) : undefined;
    const practised = plays.filter((game) => game.player === options.player).length;
    const wanted = options.tags?.some((tag) => scenario.tags.includes(tag)) ?? false;
    const weight = staleness(lastPlayed, options.now) * practice(practised) * (wanted ? wantedFactor : 1);
    const { name, title, difficulty, tags } = scenario;
    return { name, title, difficulty, tags, weight, lastPlayed, practised };
  });
  const total = entries.reduce((sum, entry) => sum + entry.weight, 0);
  return entries.map((entry) => ({ ...entry, weight: entry.weight / total }));
}

/** Where the wheel stops. The same seed stops at the same place. */
export function spinWheel(entries: readonly WheelEntry[], random: Random): WheelEntry | undefined {
  let left = random() * entries.reduce((sum, entry) => sum + entry.weight, 0);
  for (const entry of entries) {
    left -= entry.weight;
    if (left < 0) return entry;
  }
  return entries.at(-1);
}

/** Games are fortnightly: after that long a scenario has regained most of its weight. */
const fortnight = 14 * 24 * 60 * 60 * 1000;
/** What one played a moment ago still weighs. */
const freshest = 0.05;
const wantedFactor = 4;

function staleness(lastPlayed: number | undefined, now: number): number {
  if (lastPlayed === undefined) return 1;
  const age = Math.max(0, now - lastPlayed);
  return freshest + (1 - freshest) * (1 - Math.exp(-age / fortnight));
}

function practice(times: number): number {
  return 1 / (1 + times);
}
