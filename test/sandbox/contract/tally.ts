/** Replays a topic and counts: passed, failed as known, failed, not claimed. */
import type { Case, Topic } from './cases.ts';
import { knownGaps } from './known-gaps.ts';
import { notClaimed, notClaimedSteps, type SkippedSteps } from './not-claimed.ts';
import { type Result, replayCase } from './replay.ts';
import type { Target } from './target.ts';

export interface Tally {
  topic: string;
  passed: number;
  /** Cases that fail though nobody said so, and listed gaps that are none any more. */
  failures: Result[];
  knownGaps: number;
  notClaimed: number;
  /** Single steps of claimed cases. */
  notClaimedSteps: number;
}

/** `atOnce` cases run side by side: each has namespaces of its own. */
export async function replayTopic(
  target: Target,
  { topic, cases }: Topic,
  { atOnce = 1, skip = [] }: { atOnce?: number; skip?: string[] } = {},
): Promise<Tally> {
  const reasons = notClaimed[topic] ?? {};
  const gaps = knownGaps[topic] ?? {};
  const steps = notClaimedSteps[topic] ?? {};
  const waiting = cases.filter(({ name }) => !(name in reasons) && !skip.includes(name));
  const tally: Tally = {
    topic,
    passed: 0,
    failures: [],
    knownGaps: 0,
    notClaimed: cases.filter(({ name }) => name in reasons).length,
    notClaimedSteps: waiting.reduce((sum, { name }) => sum + Object.keys(steps[name] ?? {}).length, 0),
  };
  const count = (result: Result) => {
    const isKnown = result.name in gaps;
    if (result.failure && isKnown) tally.knownGaps += 1;
    else if (result.failure) tally.failures.push(result);
    else if (isKnown) {
      tally.failures.push({ ...result, failure: 'it passes: take it off the list in known-gaps.ts' });
    } else tally.passed += 1;
  };
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      count(await attempt(target, next, steps[next.name]));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return tally;
}

async function attempt(target: Target, testCase: Case, steps?: SkippedSteps): Promise<Result> {
  try {
    return await replayCase(target, testCase, steps);
  } catch (error) {
    return { name: testCase.name, failure: String((error as Error).stack) };
  }
}

export function tallyText(tally: Tally): string {
  const { topic, passed, failures } = tally;
  const steps = tally.notClaimedSteps > 0 ? ` (and ${tally.notClaimedSteps} steps)` : '';
  return `${topic}: ${passed} passed, ${tally.knownGaps} known gaps, ${failures.length} failed, ${tally.notClaimed} not claimed${steps}`;
}
