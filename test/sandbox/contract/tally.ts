/** Replays a topic and counts: passed, failed, not claimed. */
import type { Case, Topic } from './cases.ts';
import { notClaimed } from './not-claimed.ts';
import { type Result, replayCase } from './replay.ts';
import type { Target } from './target.ts';

export interface Tally {
  topic: string;
  passed: number;
  failures: Result[];
  notClaimed: number;
}

/** `atOnce` cases run side by side: each has namespaces of its own. */
export async function replayTopic(
  target: Target,
  { topic, cases }: Topic,
  { atOnce = 1, skip = [] }: { atOnce?: number; skip?: string[] } = {},
): Promise<Tally> {
  const reasons = notClaimed[topic] ?? {};
  const claimed = cases.filter(({ name }) => !(name in reasons) && !skip.includes(name));
  const tally: Tally = {
    topic,
    passed: 0,
    failures: [],
    notClaimed: cases.filter(({ name }) => name in reasons).length,
  };
  const waiting = [...claimed];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const result = await attempt(target, next);
      if (result.failure) tally.failures.push(result);
      else tally.passed += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return tally;
}

async function attempt(target: Target, testCase: Case): Promise<Result> {
  try {
    return await replayCase(target, testCase);
  } catch (error) {
    return { name: testCase.name, failure: String((error as Error).stack) };
  }
}

export function tallyText({ topic, passed, failures, notClaimed: left }: Tally): string {
  return `${topic}: ${passed} passed, ${failures.length} failed, ${left} not claimed`;
}
