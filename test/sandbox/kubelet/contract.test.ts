/** What the kubelet does over time, held against recordings of a real one. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program } from '../../../src/paths.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start.ts';
import { type Case, type Step, topics } from '../contract/cases.ts';
import { replayCase } from '../contract/replay.ts';
import { type Target, targetOf } from '../contract/target.ts';

/** The cases that are about pods and their containers; the others are the API server's and the controllers'. */
const CASES: Record<string, RegExp> = {
  workloads:
    /^(a Pod (from its|whose container|past)|a container that|an image that|a command that|a ConfigMap key|a volume whose|init containers|an init container|a liveness)/,
  subresources: /^(the log of|what a container sees|an ephemeral container)/,
};

let sandbox: Sandbox;
let target: Target;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'contract-'));
  sandbox = await startSandbox({
    folder,
    dist: dirname(program('sandbox.js')),
    // Back-offs are shortened; their nominal lengths are what the recordings show.
    speed: 10,
    stack: 'none',
    signal: new AbortController().signal,
  });
  target = targetOf(sandbox.state.kubeconfig, 20);
});
afterAll(() => sandbox.close());

/** A case without what is not the kubelet's: tables and the deprecated Endpoints. */
function aboutPods(recorded: Case): Case {
  const others = ({ request }: Step): boolean =>
    request?.headers?.Accept?.includes('as=Table') || request?.path.includes('/endpoints/') || false;
  return { ...recorded, steps: recorded.steps.filter((step) => !others(step)) };
}
const cases = topics().flatMap(({ topic, cases: all }) =>
  all.filter(({ name }) => CASES[topic]?.test(name)).map(aboutPods),
);

test.concurrent.each(cases)('$name', { timeout: 60_000 }, async (recorded) => {
  expect((await replayCase(target, recorded)).failure).toBeUndefined();
});
