/** Replays recorded cases against any API server and says where its answers differ. */
import type { Case, Request, Response, Step, Until } from './cases.ts';
import { difference } from './compare.ts';
import { reached } from './condition.ts';
import { compareEvents } from './event-list.ts';
import { kubectlDifference } from './kubectl-step.ts';
import type { SkippedSteps } from './not-claimed.ts';
import { compareStates, isAlike, type Observed, observe, type State } from './observe.ts';
import { readPath } from './paths.ts';
import { type Bindings, substitute } from './placeholders.ts';
import { type Answer, getJson, parse, send, type Target } from './target.ts';
import { startWatch } from './watching.ts';

export interface Result {
  name: string;
  /** undefined: passed. */
  failure?: string;
}

interface Run {
  target: Target;
  bindings: Bindings;
  /** False only where a case is about metadata.managedFields itself. */
  cut: boolean;
  /** Version from which the next `observe` looks back, by path. */
  before: Map<string, string>;
}

/**
 * Creates the case's namespaces, runs its steps in order and stops at the first difference. `skippedSteps`
 * are left out.
 */
export async function replayCase(
  target: Target,
  testCase: Case,
  skippedSteps: SkippedSteps = {},
): Promise<Result> {
  const run: Run = {
    target,
    bindings: new Map(),
    cut: !JSON.stringify(testCase.steps.map(({ response }) => response)).includes('managedFields":'),
    before: new Map(),
  };
  await bindNode(run, JSON.stringify(testCase.steps.map(({ request, kubectl }) => [request, kubectl])));
  await createNamespaces(target, testCase.namespaces);
  const node = run.bindings.get('<node>');
  try {
    for (const [index, step] of testCase.steps.entries()) {
      if (skippedSteps[index + 1]) continue;
      await rememberVersion(run, testCase.steps, index);
      const failure = await runStep(run, step);
      if (failure)
        return { name: testCase.name, failure: `step ${index + 1} (${describeStep(step)}): ${failure}` };
    }
    const failure = skippedSteps.versions ? undefined : orderFailure(testCase, run.bindings);
    return { name: testCase.name, failure };
  } finally {
    if (JSON.stringify(testCase.steps).includes(finalizer))
      for (const name of testCase.namespaces) await letGo(target, name);
    await removeNamespaces(target, testCase.namespaces);
    if (node) await releaseNode(target, `/api/v1/nodes/${node}`);
  }
}

/** A node that requests name: any will do. Elsewhere the first answer decides which one is meant. */
async function bindNode({ target, bindings }: Run, requests: string): Promise<void> {
  if (!requests.includes('<node>')) return;
  const items = readPath((await getJson(target, '/api/v1/nodes')).body, 'items') as {
    metadata: { name: string };
  }[];
  if (items?.[0]) bindings.set('<node>', items[0].metadata.name);
}

/** A case that ends half-way must not leave the node closed to all others. */
async function releaseNode(target: Target, path: string): Promise<void> {
  const headers = { 'Content-Type': 'application/merge-patch+json' };
  await send(target, {
    method: 'PATCH',
    path,
    headers,
    body: { spec: { unschedulable: null, taints: null } },
  });
}

async function createNamespaces(target: Target, names: string[]): Promise<void> {
  for (const name of names) {
    const request = {
      method: 'POST',
      path: '/api/v1/namespaces',
      headers: { 'Content-Type': 'application/json' },
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    };
    // That of an earlier run may still be on its way out.
    await poll(target.patience, async () => (await send(target, request)).status === 201);
    if (target.makesTokenSecrets) {
      // It refuses Pods until the ServiceAccount has its token, a Secret.
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await poll(
        target.patience,
        async () => readPath((await getJson(target, account)).body, 'secrets') !== undefined,
      );
    }
    for (const needed of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt']) {
      await poll(target.patience, async () => {
        return (await getJson(target, `/api/v1/namespaces/${name}/${needed}`)).status === 200;
      });
    }
  }
}

/** What the cases hold ConfigMaps with: nobody takes it away, and a namespace would stay Terminating for good. */
const finalizer = 'example.com/hold';

async function letGo(target: Target, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const items = readPath((await getJson(target, path)).body, 'items') as {
    metadata: { name: string; finalizers?: string[] };
  }[];
  const headers = { 'Content-Type': 'application/merge-patch+json' };
  for (const { metadata } of items ?? [])
    if (metadata.finalizers?.includes(finalizer))
      await send(target, {
        method: 'PATCH',
        path: `${path}/${metadata.name}`,
        headers,
        body: { metadata: { finalizers: null } },
      });
}

async function removeNamespaces(target: Target, names: string[]): Promise<void> {
  for (const name of names) await send(target, { method: 'DELETE', path: `/api/v1/namespaces/${name}` });
}

/** An `observe` shows states since before the last write: the version is taken before each write. */
async function rememberVersion(run: Run, steps: Step[], index: number): Promise<void> {
  const step = steps[index]!;
  const isWrite = step.kubectl || (step.request && step.request.method !== 'GET');
  const coming = steps.slice(index + 1).flatMap(({ observe: o }) => (o ? [o.path] : []));
  if (!isWrite || coming.length === 0) return;
  for (const path of new Set(coming)) {
    const { body } = await getJson(run.target, path, { limit: '1' });
    run.before.set(path, String(readPath(body, 'metadata.resourceVersion')));
  }
}

function describeStep({ request, wait, observe: o, kubectl, settle, events }: Step): string {
  if (request) return `${request.method} ${request.path} ${JSON.stringify(request.query ?? {})}`;
  if (kubectl) return `kubectl ${kubectl.args.join(' ')}`;
  if (wait) return `wait for ${wait.path}`;
  if (o) return `observe ${o.path}`;
  return settle ? `settle ${settle.path}` : events ? 'events' : 'pause';
}

async function runStep(run: Run, step: Step): Promise<string | undefined> {
  if (step.pause !== undefined) return void (await sleep(step.pause * 1000));
  if (step.kubectl) return kubectlDifference(run.target, step, run.bindings);
  if (step.wait) return waitFor(run, step.wait.path, step.wait.until);
  if (step.settle) return settle(run, step.settle.path);
  if (step.observe) return observeStep(run, step);
  if (step.events && !Array.isArray(step.events)) return eventsStep(run, step.events.path, step.list ?? []);
  const request = substitute(step.request!, run.bindings);
  if (step.events) return watchStep(run, request, step);
  if (isWatch(request) && !step.response!.body) return undefined;
  return responseDifference(run, step.response!, await answerOf(run, request));
}

const isWatch = (request: Request) => request.query?.watch === 'true';

async function answerOf(run: Run, request: Request): Promise<Answer> {
  return send(run.target, request);
}

function responseDifference(run: Run, expected: Response, answer: Answer): string | undefined {
  const { bindings } = run;
  if (answer.status !== expected.status)
    return `expected status ${expected.status}, got ${answer.status}: ${answer.text.slice(0, 600)}`;
  if (answer.contentType !== (expected.contentType ?? '')) {
    return `expected content type ${expected.contentType}, got ${answer.contentType}`;
  }
  const warnings = difference(expected.warnings ?? [], answer.warnings, bindings, 'warnings');
  if (warnings) return warnings;
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const found = difference(value, answer.headers[name.toLowerCase()], bindings, `header ${name}`);
    if (found) return found;
  }
  if (expected.bodyText !== undefined) {
    return difference(expected.bodyText, cutText(answer.text), bindings, 'body');
  }
  if (expected.body === undefined) return undefined;
  return difference(known(run, expected.body), cleaned(run, parse(answer.text)), bindings);
}

function cleaned(run: Run, value: unknown): unknown {
  return known(run, run.cut ? cut(value) : value);
}

/** Without the fields that the server is too old for, at any depth. */
function known<T>({ target: { laterFields } }: Run, value: T): T {
  if (!laterFields) return value;
  const isLater = (key: string) => laterFields.has(key.split('.').at(-1)!) || laterFields.has(key);
  const without = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(without);
    if (typeof part !== 'object' || part === null) return part;
    const entries = Object.entries(part).filter(([key]) => !isLater(key));
    return Object.fromEntries(entries.map(([key, item]) => [key, without(item)]));
  };
  return without(value) as T;
}

/** Without metadata.managedFields, at any depth. */
function cut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cut);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'managedFields');
  return Object.fromEntries(entries.map(([key, item]) => [key, cut(item)]));
}

/** As cut, for an object in YAML. */
const cutText = (text: string) => text.replace(/^ {2}managedFields:\n(?: {4}.*\n| {2}-.*\n)*/m, '');

async function watchStep(run: Run, request: Request, step: Step): Promise<string | undefined> {
  const expected = step.events as { type: string; object: unknown }[];
  const watching = await startWatch(run.target, request);
  try {
    if (watching.head.status !== step.response!.status) {
      return `expected status ${step.response!.status}, got ${watching.head.status}`;
    }
    for (const inner of step.during ?? []) {
      const failure = await runStep(run, inner);
      if (failure) return `during the watch: ${failure}`;
    }
    await watching.until(() => watching.events.length >= expected.length, step.closedByServer ? 8 : 3);
    if (step.closedByServer && !(await watching.ended(8))) return 'expected the server to end the watch';
    return difference(known(run, expected), cleaned(run, watching.events), run.bindings, 'events');
  } finally {
    watching.stop();
  }
}

async function waitFor(run: Run, rawPath: string, until: Until): Promise<string | undefined> {
  const path = substitute(rawPath, run.bindings);
  let last = '';
  const met = await poll(run.target.patience, async () => {
    const answer = await getJson(run.target, path);
    last = answer.text;
    return reached(until, answer.body, answer.status, run.bindings);
  });
  return met ? undefined : `waited for ${JSON.stringify(until)}, last saw ${last.slice(0, 600)}`;
}

async function settle(run: Run, rawPath: string): Promise<string | undefined> {
  const path = substitute(rawPath, run.bindings);
  let version: unknown;
  let since = Date.now();
  await poll(run.target.patience, async () => {
    const seen = readPath((await getJson(run.target, path)).body, 'metadata.resourceVersion');
    if (seen !== version) since = Date.now();
    version = seen;
    return Date.now() - since >= 1000;
  });
  return undefined;
}

async function observeStep(run: Run, step: Step): Promise<string | undefined> {
  const { path, name, fields, until } = substitute(step.observe!, run.bindings);
  const from = run.before.get(step.observe!.path);
  const done = (object: unknown, status: number) => reached(until, object, status, run.bindings);
  const states = known(run, step.states ?? []);
  const final = states.at(-1);
  const last = (state: State) => !final || isAlike(final, known(run, state), new Map(run.bindings));
  const seen: Observed = await observe(run.target, { path, name, fields, from, done, last });
  if (!seen.met) return `expected ${JSON.stringify(until)}, last saw ${JSON.stringify(seen.states.at(-1))}`;
  return compareStates(states, known(run, seen.states), run.bindings);
}

async function eventsStep(
  run: Run,
  rawPath: string,
  expected: Record<string, unknown>[],
): Promise<string | undefined> {
  const path = substitute(rawPath, run.bindings);
  let failure: string | undefined;
  // Events come a little after what they tell of, those of tries with back-off later still.
  await poll(Math.min(run.target.patience, 15), async () => {
    const { body } = await getJson(run.target, path);
    failure = compareEvents(expected, (readPath(body, 'items') ?? []) as unknown[], run.bindings);
    return failure === undefined;
  });
  return failure;
}

function orderFailure(testCase: Case, bindings: Bindings): string | undefined {
  const versions = (testCase.resourceVersionsAscending ?? [])
    .filter((name) => bindings.has(name))
    .map((name) => Number(bindings.get(name)));
  const wrong = versions.findIndex((version, index) => index > 0 && version < versions[index - 1]!);
  return wrong < 0 ? undefined : `resource versions do not ascend: ${versions.join(', ')}`;
}

async function poll(seconds: number, check: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await check()) return true;
    if (Date.now() > end) return false;
    await sleep(30);
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
