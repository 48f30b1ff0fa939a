import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ClusterObject, Ref } from '../../cluster/cluster.ts';
import { fieldAt, isRecord } from '../../cluster/fields/path.ts';
import { formatRef, parseRef, refOf } from '../../cluster/ref.ts';
import { duration, exactlyOne, refText, slug } from '../../document/fields.ts';
import { plural } from '../../words/number.ts';
import { duration as inWords } from '../../words/time.ts';
import { actIn, type CheckContext, type CheckKind, type Finding, remembered, removeMade } from '../kind.ts';
import { probeNeeds, readNeed } from '../needs.ts';
import { probe } from '../probe.ts';

interface Spec {
  /** Run now, as `kubectl create job --from` does. It has to complete. */
  cronjob?: string;
  request?: Request;
  /** Milliseconds that a Job may take, or a request; default 1 min. */
  within: number;
  /** Milliseconds from one time to the next; default 30 s. */
  every: number;
}

interface Request {
  /** As a pod of the namespace `from` has it: `http://checkout.shop:8080/quote`. */
  url: string;
  from: string;
  method: string;
  body?: string;
  /** How often it is sent, one after the other; default 1. */
  times: number;
  /** The status that each has to get; default 200. */
  status: number;
}

/** The last time. */
interface Played {
  /** Monotonic ms. */
  at: number;
  /** While it runs. */
  job?: Ref;
  finding?: Finding;
}

const program = `
(async () => {
  const { url, method, body, times } = input.request;
  const statuses = [];
  for (let each = 0; each < times; each++) statuses.push((await fetch(url, { method, body })).status);
  say({ statuses });
})().catch((error) => say({ error: error.cause?.code ?? error.cause?.message ?? error.message }));`;

const requestSchema = z.strictObject({
  url: z.string().regex(/^http:\/\/[^\s/]+(\/\S*)?$/, 'a URL that begins with http://'),
  from: slug,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']).default('GET'),
  body: z.string().max(10_000).optional(),
  times: z.int().min(1).max(100).default(1),
  status: z.int().min(100).max(599).default(200),
});

/**
 * What set off the failure happens once more, and ends well: a run of the CronJob completes, the request is answered as it
 * should be. Again and again, `every` so often, as long as it is looked at.
 */
export const replay: CheckKind<Spec> = {
  schema: z
    .strictObject({
      cronjob: refText.optional(),
      request: requestSchema.optional(),
      within: duration.prefault('1m'),
      every: duration.prefault('30s'),
    })
    .superRefine((value, context) => exactlyOne(value, ['cronjob', 'request'], 'cause', context)),
  evaluate: (spec, context) =>
    remembered<Played>(`replay ${JSON.stringify(spec)}`, context, (last) => look(spec, last, context)),
  acts: true,
  permissions({ cronjob, request }) {
    if (request) return probeNeeds(request.from);
    const { namespace } = parseRef(cronjob!);
    return [
      readNeed(cronjob!),
      { kind: 'jobs', group: 'batch', namespace, verbs: ['create', 'get', 'delete'] },
    ];
  },
  references: ({ cronjob }) => (cronjob === undefined ? [] : [{ object: cronjob, path: ['cronjob'] }]),
};

async function look(
  spec: Spec,
  last: Played | undefined,
  context: CheckContext,
): Promise<[Finding, Played?]> {
  const namespace = spec.request?.from ?? parseRef(spec.cronjob!).namespace;
  const { clock } = actIn(namespace, context);
  if (last?.job) return await lookAtJob({ ...last, job: last.job }, spec.within, context);
  if (last?.finding && clock.mono() - last.at < spec.every) return [last.finding, last];
  const at = clock.mono();
  if (spec.request) {
    const finding = await send(spec.request, spec.within, context);
    return [finding, { at, finding }];
  }
  const job = await runNow(parseRef(spec.cronjob!), spec.within, context);
  const unknown: Finding = { holds: false, gap: true, seen: `${formatRef(job)} was started just now` };
  // What the last run showed stands until this one has ended: else nothing could hold for longer than `every`.
  return [last?.finding ?? unknown, { ...last, at, job }];
}

async function send(request: Request, timeout: number, context: CheckContext): Promise<Finding> {
  const { url, from, method, status, times } = request;
  const { error, statuses = [] } = await probe<{ error?: string; statuses?: number[] }>(
    from,
    program,
    { timeout, request },
    context,
  );
  const what = `${method} ${url} from ${from}`;
  if (error !== undefined) return { holds: false, seen: `${what} was not answered: ${error}` };
  const wrong = statuses.filter((one) => one !== status);
  if (wrong.length === 0)
    return { holds: true, seen: `${what} was answered with ${status}, ${plural(times, 'time')}` };
  const seen = `${what} was answered with ${[...new Set(wrong)].join(', ')}, ${wrong.length} of ${plural(times, 'time')} (expected ${status})`;
  return { holds: false, value: wrong.length, seen };
}

/** A Job of the CronJob's template. It ends and goes by itself should this process be killed. */
async function runNow(ref: Ref, within: number, context: CheckContext): Promise<Ref> {
  const { cluster, signal } = context;
  const { made } = actIn(ref.namespace, context);
  const cronJob = await cluster.get(ref, signal);
  const template = fieldAt(cronJob, ['spec', 'jobTemplate']);
  if (!isRecord(template) || !isRecord(template.spec)) throw new Error(`${formatRef(ref)} does not exist`);
  const { labels, annotations } = (template.metadata ?? {}) as ClusterObject['metadata'];
  const job: ClusterObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${ref.name.slice(0, 50)}-${randomBytes(3).toString('hex')}`,
      namespace: ref.namespace,
      labels,
      annotations: { ...annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
    },
    spec: { ...template.spec, activeDeadlineSeconds: Math.ceil(within / 1000), ttlSecondsAfterFinished: 60 },
  };
  made.set(formatRef(refOf(job)), refOf(job));
  return refOf(await cluster.create(job, {}, signal));
}

async function lookAtJob(
  { at, job, finding: before }: Played & { job: Ref },
  within: number,
  context: CheckContext,
): Promise<[Finding, Played?]> {
  const { cluster, signal } = context;
  const { clock, made } = actIn(job.namespace, context);
  const passed = clock.mono() - at;
  const state = jobState(await cluster.get(job, signal));
  const about = `${formatRef(job)}, started ${inWords(passed)} ago`;
  // Its deadline is the kubelet's clock's: a little more, and it counts as not done.
  if (state === 'running' && passed < within + 5000) {
    const unknown: Finding = { holds: false, gap: true, seen: `${about}, runs` };
    return [before ?? unknown, { at, job, finding: before }];
  }
  await removeMade({ made }, formatRef(job), cluster);
  const finding: Finding =
    state === 'complete'
      ? { holds: true, seen: `${formatRef(job)} completed within ${inWords(passed)}` }
      : { holds: false, seen: `${about}, ${state === 'running' ? 'did not end' : state}` };
  return [finding, { at, finding }];
}

function jobState(job: ClusterObject | undefined): string {
  if (!job) return 'was deleted by somebody';
  const conditions = fieldAt(job, ['status', 'conditions']);
  const ended = (Array.isArray(conditions) ? conditions : []).find(
    (each) =>
      isRecord(each) && each.status === 'True' && (each.type === 'Complete' || each.type === 'Failed'),
  ) as { type: string; reason?: string; message?: string } | undefined;
  if (!ended) return 'running';
  return ended.type === 'Complete'
    ? 'complete'
    : `failed: ${ended.message ?? ended.reason ?? 'no reason given'}`;
}
