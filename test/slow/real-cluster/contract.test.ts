/** The cases of the contract on a cluster that is not the sandbox: so the replayer itself is proven. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Case, topics } from '../../sandbox/contract/cases.ts';
import { needsPods } from '../../sandbox/contract/needs-pods.ts';
import { differsOn, lackedBy, laterFields, minorOf } from '../../sandbox/contract/older-server.ts';
import { plainTopics } from '../../sandbox/contract/own/index.ts';
import { quotas } from '../../sandbox/contract/own/policies.ts';
import { replayCase } from '../../sandbox/contract/replay.ts';
import { getJson, type Target, targetOf } from '../../sandbox/contract/target.ts';

const kubeconfig = process.env.MISFORTUNE_CLUSTER_KUBECONFIG;
if (!kubeconfig)
  console.warn('SKIPPED: the contract on a real cluster: MISFORTUNE_CLUSTER_KUBECONFIG is not set');

/** About the API server: what Pods do and kubectl prints changes more from version to version. */
const apiTopics = ['defaulting', 'discovery', 'errors', 'list-watch', 'patches'];

/** A real cluster on a small machine does not do more at once in time. */
const AT_ONCE = 6;
const PATIENCE_SECONDS = 20;
/** An API server that went down has so long to come back. */
const BACK_WITHIN_MS = 120_000;

describe.skipIf(!kubeconfig)('what was recorded and what we wrote down, on a real cluster', () => {
  it.each([...topics().filter(({ topic }) => apiTopics.includes(topic)), ...plainTopics, quotas])(
    '$topic: every case that this version knows is answered alike, or listed with its reason',
    { timeout: 1_800_000 },
    async ({ topic, cases }) => {
      const plain = targetOf(kubeconfig!, PATIENCE_SECONDS);
      const minor = await minorOf(plain);
      const target: Target = { ...plain, laterFields };
      const listed = differsOn[minor]?.[topic] ?? {};
      const notThere: string[] = [];
      const different: string[] = [];
      const failures: { name: string; failure: string }[] = [];
      let passed = 0;
      const waiting = cases.filter(({ name }) => !needsPods[topic]?.includes(name));
      const work = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const { name } = next;
          const lacks = await patiently(target, () => lackedBy(target, next!));
          if (lacks.length > 0) {
            notThere.push(name);
            continue;
          }
          const failure = await patiently(target, () => outcome(target, next!));
          if (failure && listed[name]) different.push(name);
          else if (failure) failures.push({ name, failure });
          else if (listed[name]) failures.push({ name, failure: 'it passes: take it off the list' });
          else passed += 1;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      console.log(
        `${topic} on 1.${minor}: ${passed} passed, ${notThere.length} not there, ${different.length} different, ${failures.length} failed`,
      );
      expect(failures).toEqual([]);
    },
  );
});

async function outcome(target: Target, testCase: Case): Promise<string | undefined> {
  return (await replayCase(target, testCase)).failure;
}

/** Once more after the API server was gone for a while: a case is not to blame for that. */
async function patiently<T>(target: Target, attempt: () => Promise<T>): Promise<T> {
  for (let until = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (!isAway(error)) throw error;
      until ||= performance.now() + BACK_WITHIN_MS;
      if (performance.now() > until) throw error;
      await sleep(2000);
      await getJson(target, '/version').catch(() => undefined);
    }
  }
}

const isAway = (error: unknown) =>
  ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(String((error as { code?: unknown }).code));
