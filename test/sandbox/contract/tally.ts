/** Replays a topic and counts: passed, failed, not claimed. */
import type { Case, Topic } from './cases.ts';
import { notClaimed, notClaimedSteps, type SkippedSteps } from './not-claimed.ts';
import { type Result, replayCase } from './replay.ts';
import type { Target } from './target.ts';

export interface Tally {
  topic: string;
  passed: number;
  failures: Result[];
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
  const steps = notClaimedSteps[topic] ?? {};
  const waiting = cases.filter(({ name }) => !(name in reasons) && !skip.includes(name));
  const tally: Tally = {
    topic,
    passed: 0,
    failures: [],
    notClaimed: cases.filter(({ name }) => name in reasons).length,
    notClaimedSteps: waiting.reduce((sum, { name }) => sum + Object.keys(steps[name] ?? {}).length, 0),
  };
  const count = (result: Result) => {
    if (result.failure) tally.failures.push(result);
    else tally.passed += 1;
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
  return `${topic}: ${passed} passed, ${failures.length} failed, ${tally.notClaimed} not claimed${steps}`;
}
