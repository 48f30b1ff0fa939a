import { formatPath, parseReadPath } from '../cluster/fields/path.ts';
import { tryParseRef } from '../cluster/ref.ts';
import type { Action, KubeRequest } from '../recorder/action.ts';
import type { KubeMatch, Match } from './schema.ts';

/**
 * Whether an action is what a step (or a harmful entry) describes. By effect, never by the words of a command:
 * `rollout undo`, `apply` of the old manifest and `set image` all patch or update the same paths. A write that
 * was refused, or was a dry run, is no write.
 */
export function matchesStep(match: Match, action: Action): boolean {
  if (match.all && !match.all.every((each) => matchesStep(each, action))) return false;
  if (match.any && !match.any.some((each) => matchesStep(each, action))) return false;
  if (match.not && matchesStep(match.not, action)) return false;
  if (match.kube && !action.requests.some((request) => matchesRequest(match.kube!, request))) return false;
  if (match.promql && !match.promql.metric.some((name) => action.promql?.metrics.includes(name)))
    return false;
  if (match.dashboard && !match.dashboard.includes(action.dashboard?.uid ?? '')) return false;
  if (match.panel && !match.panel.includes(action.dashboard?.panel ?? '')) return false;
  if (match.alert && !match.alert.some((name) => looksAtAlert(name, action))) return false;
  // Declarations are events of the log, not actions: matchesDeclaration.
  return match.declared === undefined;
}

/** Whether a declaration (`misfortune note`, `diagnose` …) is what a step describes. */
export function matchesDeclaration(match: Match, declared: 'ack' | 'note' | 'diagnose' | 'resolve'): boolean {
  if (match.declared) return match.declared.includes(declared);
  if (match.any) return match.any.some((each) => matchesDeclaration(each, declared));
  return match.all?.every((each) => matchesDeclaration(each, declared)) ?? false;
}

const reads = ['get', 'list', 'watch'];
const writes = ['create', 'update', 'patch', 'delete'];

function matchesRequest(match: KubeMatch, request: KubeRequest): boolean {
  if (request.aside) return false;
  if (match.verb && !match.verb.some((verb) => verbFits(verb, request))) return false;
  if (match.resource && !match.resource.some((word) => kindFits(word, request))) return false;
  if (match.ref && !match.ref.some((ref) => refFits(ref, request))) return false;
  if (match.namespace && !match.namespace.includes(request.namespace ?? '')) return false;
  if (match.name && !match.name.includes(request.name ?? '')) return false;
  if (match.subresource && !match.subresource.includes(request.subresource ?? '')) return false;
  if (match.allNamespaces !== undefined && match.allNamespaces !== (request.allNamespaces ?? false))
    return false;
  if (match.paths && !match.paths.some((path) => touches(path, request.paths ?? []))) return false;
  return movesAsAsked(match, request);
}

/** `sets`, `raises` and `lowers`: where the values of a write are not known (an old log), its paths have to do. */
function movesAsAsked({ sets, raises, lowers }: KubeMatch, { changes, paths = [] }: KubeRequest): boolean {
  if (!sets && !raises && !lowers) return true;
  if (!changes) return touches(Object.keys(sets ?? {})[0] ?? raises?.[0] ?? lowers?.[0] ?? '', paths);
  const moved = (path: string) => changes.find((change) => change.path === path);
  const isSet = ([path, value]: [string, unknown]) => {
    const change = moved(path);
    return change !== undefined && String(change.to ?? null) === String(value);
  };
  return (
    Object.entries(sets ?? {}).every(isSet) &&
    (!raises || raises.some((path) => number(moved(path)?.to) > number(moved(path)?.from))) &&
    (!lowers || lowers.some((path) => number(moved(path)?.to) < number(moved(path)?.from)))
  );
}

/** Replicas, parallelism and the like are one where nobody says otherwise. */
function number(value: unknown): number {
  return value === undefined ? 1 : typeof value === 'number' ? value : Number.NaN;
}

function verbFits(asked: string, request: KubeRequest): boolean {
  const verb = request.verb === 'deletecollection' ? 'delete' : request.verb;
  // A patch that changed nothing is none.
  const isWrite = writes.includes(verb) && !request.dryRun && request.paths?.length !== 0;
  if (asked === 'write') return isWrite && succeeded(request);
  // Who is told "not found" or "forbidden" has not looked at it.
  const wasRead = reads.includes(verb) && request.status > 0 && request.status < 400;
  if (asked === 'read') return wasRead || (writes.includes(verb) && request.dryRun === true);
  if (asked !== verb) return false;
  if (reads.includes(verb)) return wasRead;
  return !writes.includes(verb) || (isWrite && succeeded(request));
}

function succeeded({ status, outcome }: KubeRequest): boolean {
  return outcome === undefined ? status < 400 : outcome === 'changed';
}

/** Whether a request is about this kind: plural, singular or short, with or without group. */
export function kindFits(
  word: string,
  { resource, group }: Pick<KubeRequest, 'resource' | 'group'>,
): boolean {
  const dot = word.indexOf('.');
  const kind = (dot < 0 ? word : word.slice(0, dot)).toLowerCase();
  const asked = dot < 0 ? undefined : word.slice(dot + 1);
  if (asked !== undefined && asked !== group && !group.startsWith(`${asked}.`)) return false;
  return kind === resource || plurals(kind).includes(resource);
}

/** kubectl's and oc's short names of what playbooks name most. */
const shortNames: Record<string, string> = {
  po: 'pods',
  deploy: 'deployments',
  rs: 'replicasets',
  sts: 'statefulsets',
  ds: 'daemonsets',
  svc: 'services',
  cm: 'configmaps',
  ns: 'namespaces',
  no: 'nodes',
  ev: 'events',
  ep: 'endpoints',
  hpa: 'horizontalpodautoscalers',
  ing: 'ingresses',
  netpol: 'networkpolicies',
  pdb: 'poddisruptionbudgets',
  pv: 'persistentvolumes',
  pvc: 'persistentvolumeclaims',
  quota: 'resourcequotas',
  sa: 'serviceaccounts',
  cj: 'cronjobs',
  rc: 'replicationcontrollers',
  sc: 'storageclasses',
  crd: 'customresourcedefinitions',
  csr: 'certificatesigningrequests',
  limits: 'limitranges',
  // OpenShift's
  co: 'clusteroperators',
  dc: 'deploymentconfigs',
  mcp: 'machineconfigpools',
  mc: 'machineconfigs',
  csv: 'clusterserviceversions',
};

/** The plurals that Kubernetes' kinds take: pods, policies, ingresses, endpoints. */
function plurals(singular: string): string[] {
  const short = shortNames[singular];
  return [`${singular}s`, `${singular}es`, singular.replace(/y$/, 'ies'), ...(short ? [short] : [])];
}

function refFits(text: string, request: KubeRequest): boolean {
  const ref = tryParseRef(text);
  if (!ref) return false;
  const resource = ref.group ? `${ref.kind}.${ref.group}` : ref.kind;
  if (!kindFits(resource, request) || ref.name !== request.name) return false;
  return ref.namespace === undefined || ref.namespace === request.namespace;
}

/** A write touches a path if it set that path, one below it or one above it (a replaced `spec` has it all). */
function touches(asked: string, paths: string[]): boolean {
  const wanted = words(asked);
  return paths.some((path) => {
    const touched = words(path);
    const length = Math.min(wanted.length, touched.length);
    return wanted.slice(0, length).every((word, index) => word === touched[index]);
  });
}

function words(path: string): string[] {
  return (parseReadPath(path) ?? [path]).map((step) =>
    typeof step === 'string' ? step : formatPath([step]),
  );
}

function looksAtAlert(name: string, action: Action): boolean {
  const word = new RegExp(`(^|[^\\w])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}($|[^\\w])`);
  if (action.surface === 'alertmanager') return word.test(action.title);
  const query = action.promql?.query ?? '';
  return action.promql?.metrics.some((metric) => metric.startsWith('ALERTS')) === true && word.test(query);
}
