/** The cases of the contract on a cluster that is not the sandbox: so the replayer itself is proven. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Case, type Topic, topics } from '../../sandbox/contract/cases.ts';
import { atTimes, differsOn, lackedBy, laterFields, minorOf } from '../../sandbox/contract/older-server.ts';
import { clusterTopics, kubectlTopics, plainTopics } from '../../sandbox/contract/own/index.ts';
import { replayCase } from '../../sandbox/contract/replay.ts';
import { getJson, send, type Target, targetOf } from '../../sandbox/contract/target.ts';

const kubeconfig = process.env.MISFORTUNE_CLUSTER_KUBECONFIG;
if (!kubeconfig)
  console.warn(
    'SKIPPED: the contract on a real cluster: not given one (npm run test:contract -- --kubeconfig FILE)',
  );

/** A real cluster on a small machine does not do more at once in time. */
const AT_ONCE = 6;
const PATIENCE_SECONDS = 60;
/** An API server that went down has so long to come back. */
const BACK_WITHIN_MS = 120_000;

/** What comes of a case: skipped ones with the reason. */
interface Tally {
  passed: number;
  skipped: Map<string, number>;
  failures: { name: string; failure: string }[];
}

describe.skipIf(!kubeconfig)('what was recorded and what we wrote down, on a real cluster', () => {
  it.each([...topics().map(refusedAnyhow), ...plainTopics, ...clusterTopics, ...kubectlTopics])(
    '$topic: every case that this version knows is answered alike, or skipped for a reason',
    { timeout: 3_600_000 },
    async (topic) => {
      const plain = targetOf(kubeconfig!, PATIENCE_SECONDS);
      const minor = await minorOf(plain);
      const tally = await replayOn({ ...plain, laterFields, makesTokenSecrets: minor < 24 }, minor, topic);
      console.log(text(topic, minor, tally));
      expect(tally.failures).toEqual([]);
    },
  );
});

/**
 * Which of the Pods that were refused a condition tells of is the last one by then: a controller that is slower than the
 * recorded one makes another between two looks.
 */
function refusedAnyhow(topic: Topic): Topic {
  return JSON.parse(JSON.stringify(topic).replaceAll(/<suffix:[a-z0-9]{5}>/g, '<suffix:any>')) as Topic;
}

async function replayOn(target: Target, minor: number, { topic, cases }: Topic): Promise<Tally> {
  const tally: Tally = { passed: 0, skipped: new Map(), failures: [] };
  const listed = differsOn[minor]?.[topic] ?? {};
  const skip = (reason: string) => tally.skipped.set(reason, (tally.skipped.get(reason) ?? 0) + 1);
  const waiting = [...cases];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const testCase = next;
      const { name } = testCase;
      const lacks = await patiently(target, testCase, () => notAskable(target, testCase));
      if (lacks) {
        skip(lacks);
        continue;
      }
      const { failure } = await patiently(target, testCase, () => replayCase(target, testCase));
      const reason = listed[name];
      if (failure && reason) skip(reason);
      else if (failure) tally.failures.push({ name, failure });
      else if (reason && !atTimes.has(reason))
        tally.failures.push({ name, failure: 'it passes: take it off the list' });
      else tally.passed += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return tally;
}

/** Why a case cannot be asked of this server at all. */
async function notAskable(target: Target, testCase: Case): Promise<string | undefined> {
  if (testCase.steps.some(({ kubectl }) => kubectl))
    return 'kubectl’s words: it speaks with servers one minor version older or newer, and each version words them anew';
  const lacks = await lackedBy(target, testCase);
  return lacks.length > 0 ? `the server has no ${lacks.join(', ')}` : undefined;
}

function text({ topic, cases }: Topic, minor: number, { passed, skipped, failures }: Tally): string {
  const count = cases.length - passed - failures.length;
  return [
    `${topic} on 1.${minor}: ${passed} passed, ${failures.length} failed, ${count} skipped`,
    ...[...skipped].map(([reason, times]) => `  ${times} × ${reason}`),
  ].join('\n');
}

/** Once more, from the start, after the API server was gone for a while: a case is not to blame for that. */
async function patiently<T>(target: Target, { namespaces }: Case, attempt: () => Promise<T>): Promise<T> {
  for (let until = 0; ; ) {
    try {
      if (until > 0) await clear(target, namespaces);
      return await attempt();
    } catch (error) {
      if (!isAway(error)) throw error;
      until ||= performance.now() + BACK_WITHIN_MS;
      if (performance.now() > until) throw error;
      await sleep(2000);
    }
  }
}

/** What the attempt before left behind. */
async function clear(target: Target, namespaces: readonly string[]): Promise<void> {
  for (const name of namespaces) {
    const path = `/api/v1/namespaces/${name}`;
    await send(target, { method: 'DELETE', path });
    await expect
      .poll(async () => (await getJson(target, path)).status, { timeout: BACK_WITHIN_MS })
      .toBe(404);
  }
}

const isAway = (error: unknown) =>
  ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(String((error as { code?: unknown }).code));
