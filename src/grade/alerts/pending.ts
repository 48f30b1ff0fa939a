import { type AlertEpisode, alertClockSlack } from '../../log/alert-episodes.ts';
import type { AlertRule } from '../../signal/series.ts';
import { formatDuration } from '../../words/duration.ts';
import { plural } from '../../words/number.ts';
import { duration } from '../../words/time.ts';
import type { Moments } from '../moments.ts';

/**
 * Of an alert that was pending only: for how long at most, and why that was not enough where its `for` alone does not tell.
 * `replayedMs`: its longest time without a break by the recording. The end of a sentence that begins with its name.
 */
export function pendingText(
  rule: AlertRule,
  episodes: readonly AlertEpisode[],
  replayedMs: number,
  moments: Moments,
): string {
  const runs = episodes.map((one) => runOf(one, moments));
  const longest = Math.max(replayedMs, ...runs.map(({ from, until }) => until - from));
  const forMs = rule.for * 1000;
  const written = formatDuration(forMs * moments.speed);
  const atSpeed = moments.speed === 1 ? '' : ` (${duration(forMs)} at speed ${moments.speed})`;
  return `was pending for at most ${duration(longest)}; \`for\` is ${written}${atSpeed}${because(rule, runs, moments)}`;
}

/** One label set, from when its expression was true until it was not. Wall ms. */
interface Run {
  labels: Record<string, string>;
  from: number;
  until: number;
}

function because(rule: AlertRule, runs: readonly Run[], { injected, faultEnd }: Moments): string {
  const forMs = rule.for * 1000;
  const chain = longestChain(runs, rule.interval * 1000 + alertClockSlack);
  const chainMs = chain.until - chain.from;
  if (chainMs >= forMs && chain.sets.length > 1) {
    const sets = chain.sets.map(({ labels }) => labels);
    const changed = [...new Set(sets.flatMap((one) => Object.keys(one)))].filter(
      (label) => new Set(sets.map((one) => one[label])).size > 1,
    );
    return (
      `. Its expression was true for ${duration(chainMs)} with ${plural(sets.length, 'label set')} that followed each other ` +
      `(${changed.join(', ')} changed), and each begins \`for\` anew`
    );
  }
  const lasted = faultEnd - injected;
  return lasted < forMs ? `, and the failure lasted ${duration(lasted)}: it could not fire in this game` : '';
}

/** The longest time in which one run or another was on, whatever its labels; runs closer than `gap` follow each other. */
function longestChain(
  runs: readonly Run[],
  gap: number,
): { from: number; until: number; sets: readonly Run[] } {
  let best: { from: number; until: number; sets: Run[] } = { from: 0, until: 0, sets: [] };
  let current: typeof best | undefined;
  for (const run of [...runs].sort((a, b) => a.from - b.from)) {
    if (current && run.from <= current.until + gap) {
      current.until = Math.max(current.until, run.until);
      current.sets.push(run);
    } else {
      current = { from: run.from, until: run.until, sets: [run] };
    }
    if (current.until - current.from > best.until - best.from) best = current;
  }
  return best;
}

function runOf({ labels, activeAt, pendingAt, inactiveAt }: AlertEpisode, { end }: Moments): Run {
  const from = pendingAt ?? activeAt;
  return { labels, from, until: Math.max(from, inactiveAt ?? end) };
}
