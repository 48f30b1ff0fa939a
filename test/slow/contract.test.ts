import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { kubectlVersions, runKubectl } from '../kubectl.ts';
import { type Topic, topics } from '../sandbox/contract/cases.ts';
import { rewordingsOf } from '../sandbox/contract/kubectl-rewordings.ts';
import { clusterTopics, kubectlTopics, plainTopics } from '../sandbox/contract/own/index.ts';
import { replayTopic, tallyText } from '../sandbox/contract/tally.ts';
import { type Target, targetOf } from '../sandbox/contract/target.ts';

/** Cases side by side: most of them wait most of the time. */
const AT_ONCE = 8;

/** Pods run, controllers work: minutes, so not part of npm test. One node, as the recorded cluster had. */
let sandbox: Sandbox;
let target: Target;

beforeAll(async () => {
  sandbox = await startSandbox({
    folder: join(mkdtempSync(join(tmpdir(), 'contract-')), 'sandbox'),
    dist: fileURLToPath(new URL('../../dist', import.meta.url)),
    speed: 1,
    stack: 'none',
    nodeCount: 1,
    signal: new AbortController().signal,
  });
  target = targetOf(sandbox.state.kubeconfig, 60);
  // The recorded cluster had no StorageClass.
  await runKubectl(['delete', 'storageclass', 'standard'], { kubeconfig: sandbox.state.kubeconfig });
}, 60_000);
afterAll(() => sandbox.close());

const hasCommands = ({ cases }: Topic) => cases.some(({ steps }) => steps.some(({ kubectl }) => kubectl));

describe('what a real cluster answers, on the whole sandbox', () => {
  it.each([...topics().filter((topic) => !hasCommands(topic)), ...plainTopics, ...clusterTopics])(
    '$topic: every claimed case answers alike',
    { timeout: 1_800_000 },
    async (topic) => {
      const tally = await replayTopic(target, topic, { atOnce: AT_ONCE });
      console.log(tallyText(tally));
      expect(tally.failures).toEqual([]);
    },
  );
});

/** The machine's and the packaged one; a version that nobody has compared with the recordings is left out. */
const kubectls = kubectlVersions().filter((kubectl) => rewordingsOf(kubectl));

describe.each(kubectls)('kubectl $name against the whole sandbox', (kubectl) => {
  it.each([...topics().filter(hasCommands), ...kubectlTopics])(
    '$topic: every claimed command prints alike',
    { timeout: 1_800_000 },
    async (topic) => {
      const tally = await replayTopic({ ...target, kubectl }, topic, { atOnce: AT_ONCE });
      console.log(`kubectl ${kubectl.name}, ${tallyText(tally)}`);
      expect(tally.failures).toEqual([]);
    },
  );
});
