/** Steps of our own cases, in the format of the recorded ones: what is asked, and what matters of the answer. */
import type { Case, Condition, Request, Step, Topic } from '../cases.ts';

type Json = Record<string, unknown>;

const json = 'application/json';
const headers = { Accept: json, 'Content-Type': json };

/** A body of which only this is compared. */
export const like = (subset: Json, ...absent: string[]): Json => ({
  $subset: subset,
  ...(absent.length > 0 && { $absent: absent }),
});

function call(request: Request, status: number, body: Json = like({})): Step {
  return { request: { headers, ...request }, response: { status, contentType: json, body } };
}

export const get = (path: string, body: Json, query?: Request['query']): Step =>
  call({ method: 'GET', path, query }, 200, body);
export const gone = (path: string): Step => call({ method: 'GET', path }, 404);
export const create = (path: string, object: Json, body?: Json, query?: Request['query']): Step =>
  call({ method: 'POST', path, body: object, query }, 201, body);
export const put = (path: string, object: Json, body?: Json): Step =>
  call({ method: 'PUT', path, body: object }, 200, body);
export const remove = (path: string, options?: Json, body?: Json): Step =>
  call({ method: 'DELETE', path, body: options }, 200, body);

const patchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

export function patch(
  path: string,
  change: unknown,
  body?: Json,
  { type = 'merge', query }: { type?: keyof typeof patchTypes; query?: Request['query'] } = {},
): Step {
  const contentType = { Accept: json, 'Content-Type': patchTypes[type] };
  const request = { method: 'PATCH', path, query, headers: contentType, body: change };
  return call(request, 200, body);
}

/** The same step, answered with a Status. */
export function refused(step: Step, code: number, reason: string, status: Json): Step {
  const body = like({ kind: 'Status', status: 'Failure', reason, code, ...status });
  return { ...step, response: { status: code, contentType: json, body } };
}

export const until = (path: string, ...conditions: Condition[]): Step => ({
  wait: { path, until: conditions },
});

/** What a watch shows of `during`, in order; each as its type and what matters of the object. */
export function watch(
  path: string,
  query: Record<string, string>,
  during: Step[],
  events: [type: string, object: Json][],
): Step {
  return {
    request: { method: 'GET', path, query: { watch: 'true', ...query }, headers: { Accept: json } },
    response: { status: 200, contentType: json },
    during,
    events: events.map(([type, object]) => ({ type, object: like(object) })),
  };
}

export const ready: Condition = { path: 'status.conditions[type=Ready].status', equals: 'True' };

/** A command in a namespace, and what it prints. Words are separated by single spaces. */
export function kubectl(
  namespace: string,
  command: string | string[],
  stdout: string,
  { exitCode = 0, stderr = '' }: { exitCode?: number; stderr?: string } = {},
): Step {
  const words = typeof command === 'string' ? command.split(' ') : command;
  return { kubectl: { args: ['-n', namespace, ...words] }, exitCode, stdout, stderr };
}

let number = 0;

/** A case with a namespace of its own, whose name `steps` is given. */
export function scene(name: string, steps: (namespace: string) => Step[]): Case {
  number += 1;
  const namespace = `own-${String(number).padStart(2, '0')}`;
  return { name, namespaces: [namespace], managedFieldsRemoved: true, steps: steps(namespace) };
}

export const topic = (name: string, about: string, cases: Case[]): Topic => ({
  topic: name,
  about,
  server: 'ours: what play needs',
  cases,
});

export const core = (namespace: string, kind: string): string => `/api/v1/namespaces/${namespace}/${kind}`;
export const apps = (namespace: string, kind: string): string =>
  `/apis/apps/v1/namespaces/${namespace}/${kind}`;

export const configMap = (name: string, data: Json = { a: '1' }, metadata: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

const container = {
  name: 'app',
  image: 'localhost/busybox:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['sleep', '3600'],
};

/** Runs `sleep`, and ends a second after it is told to. */
export function podSpec(more: Json = {}, ofContainer: Json = {}): Json {
  return { terminationGracePeriodSeconds: 1, containers: [{ ...container, ...ofContainer }], ...more };
}

/** Runs a command in place of `sleep`. */
export const running = (command: string[], more: Json = {}): Json => podSpec(more, { command });

/** Stays Pending for ever: nobody but the client changes it. */
export const unscheduled = (name: string, ofContainer: Json = {}, metadata: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: podSpec({ schedulerName: 'nobody' }, ofContainer),
});

export const pod = (name: string, spec: Json = podSpec(), labels: Json = { app: name }): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec,
});

export const deployment = (
  name: string,
  replicas: number,
  spec: Json = podSpec(),
  more: Json = {},
): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec },
    ...more,
  },
});

export const service = (name: string, more: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }], ...more },
});
