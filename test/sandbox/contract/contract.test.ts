import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, startTestServer, type TestServer } from '../apiserver/test-server.ts';
import { topics } from './cases.ts';
import { rewordings } from './kubectl-rewordings.ts';
import { needsPods } from './needs-pods.ts';
import { notClaimed, notClaimedSteps } from './not-claimed.ts';
import { kubectlTopics, plainTopics } from './own/index.ts';
import { replayTopic, tallyText } from './tally.ts';
import type { Target } from './target.ts';

/** The topics of the API server alone; kubectl and workloads need the whole sandbox: test/slow/contract. */
const own = ['defaulting', 'discovery', 'errors', 'list-watch', 'patches', 'subresources'];

let server: TestServer;
let target: Target;

beforeAll(async () => {
  server = await startTestServer();
  const { url, caPem, kubeconfig } = server;
  target = { url, caPem, kubeconfig, admin: { token: adminToken }, patience: 5 };
});
afterAll(() => server.close());

describe('what a real API server answers', () => {
  it.each([...topics().filter(({ topic }) => own.includes(topic)), ...plainTopics])(
    '$topic: every claimed case answers alike',
    async (topic) => {
      const tally = await replayTopic(target, topic, { atOnce: 4, skip: needsPods[topic.topic] });
      console.log(tallyText(tally));
      expect(tally.failures).toEqual([]);
      expect(tally.passed).toBeGreaterThan(0);
      expect(server.faults).toEqual([]);
    },
  );

  it('rewords for a later kubectl only what was recorded', () => {
    const recorded = [...topics(), ...kubectlTopics]
      .flatMap(({ cases }) => cases.flatMap(({ steps }) => steps))
      .flatMap(({ stdout, stderr }) => [stdout ?? '', stderr ?? '']);
    for (const { why, recorded: part } of rewordings) {
      expect(
        recorded.some((text) => text.search(part) >= 0),
        why,
      ).toBe(true);
    }
  });

  it('lists only cases that exist', () => {
    for (const { topic, cases } of topics()) {
      const listed = [notClaimed[topic], notClaimedSteps[topic]].flatMap((list) => Object.keys(list ?? {}));
      const names = cases.map(({ name }) => name);
      for (const name of [...listed, ...(needsPods[topic] ?? [])]) expect(names).toContain(name);
    }
  });
});
