import { askedOf } from '../signal/matchers.ts';
import { ratesOf } from '../signal/selectors.ts';
import type { Finding } from './lint-finding.ts';
import type { ParsedScenario } from './parse.ts';
import { queriesIn } from './references.ts';

/**
 * Rates in the checks of a scenario for the sandbox's own stack. The sandbox shortens the windows of rules and dashboards by its
 * speed, but nobody shortens that of a query in a scenario: at speed 10 a `[1m]` looks back over ten minutes of the game, and
 * goes on seeing a failure that is over. Recorded series have the right window at every speed. On a team's own cluster there is
 * one speed only; and an `abort` may look back as long as it likes.
 */
export function lintRanges(parsed: ParsedScenario, metrics: readonly string[] = []): Finding[] {
  if (parsed.scenario?.stack.name !== 'shop') return [];
  const recorded = metrics.filter((name) => name.includes(':'));
  return queriesIn(parsed)
    .filter(({ path }) => path[0] !== 'abort')
    .flatMap(({ query, path }) =>
      ratesOf(query).map((selector): Finding => {
        const near = nearestRecorded(selector, recorded);
        return {
          path,
          code: 'range-in-real-time',
          message: `The range over ${selector} is real time at every speed of the sandbox.`,
          todo: near
            ? `Ask a recorded series: ${near.join(' or ')}.`
            : 'Ask a recorded series: its window follows the speed.',
        };
      }),
    );
}

/** The one or two recorded series whose names have most words in common with a selector; undefined if none has any. */
function nearestRecorded(selector: string, recorded: readonly string[]): string[] | undefined {
  const words = new Set(
    askedOf(selector).flatMap(({ metric, matchers }) =>
      wordsOf([metric, ...matchers.map(({ value }) => value)]),
    ),
  );
  const rated = recorded
    .map((name) => ({ name, common: wordsOf([name]).filter((word) => words.has(word)).length }))
    .filter(({ common }) => common > 0)
    .sort((a, b) => b.common - a.common || (a.name < b.name ? -1 : 1));
  const best = rated.filter(({ common }) => common === rated[0]?.common).slice(0, 2);
  return best.length > 0 ? best.map(({ name }) => name) : undefined;
}

function wordsOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.toLowerCase().match(/[a-z]+/g) ?? []);
}
