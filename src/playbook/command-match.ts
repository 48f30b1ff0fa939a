import { effectOf } from './command-effect.ts';
import { type KubectlCommand, kubectlCommands } from './kubectl-command.ts';
import type { KubeMatch, Match, Playbook } from './schema.ts';

/**
 * What the recorder would see of a line with kubectl or oc, as a matcher: verb and object, the fields that a write touches.
 * Names that are left open (`<pod>`) are not asked for. Of several commands in a line the first that writes counts, else
 * the first. Undefined: there is no such command, or it asks nothing of the API server that could tell it from others
 * (`apply -f`, `version`).
 */
export function matchOf(line: string, roles: Playbook['roles'] = {}): Match | undefined {
  const found = kubectlCommands(line).flatMap((command) => {
    const kube = kubeOf(command, roles);
    return kube ? [{ kube, writes: !kube.verb?.every((verb) => reads.has(verb)) }] : [];
  });
  const kube = (found.find(({ writes }) => writes) ?? found[0])?.kube;
  return kube && { kube };
}

const reads = new Set(['get', 'list', 'watch', 'connect']);

/** A word that its reader fills in. */
export function isLeftOpen(word: string): boolean {
  return /<[^<>]*>/.test(word);
}

/** What a line leaves to whoever types it, `<pod>`; a shell would read it as files. */
export function placeholderIn(line: string): string | undefined {
  return /<[a-z][a-z0-9-]*>/.exec(line)?.[0];
}

function kubeOf(command: KubectlCommand, roles: Playbook['roles']): KubeMatch | undefined {
  const effect = effectOf(command);
  if (effect) {
    const target = targetOf(command, roles);
    if (effect.verb === 'delete') return target && { verb: ['delete'], ...target };
    const fields = effect.verb === 'restart' ? { paths: ['spec.template'] } : fieldsOf(effect.values);
    return target && fields && { verb: ['patch', 'update'], ...target, ...fields };
  }
  const read = others[command.command];
  return read?.(command, () => targetOf(command, roles));
}

type Fields = Pick<KubeMatch, 'paths' | 'sets'>;

/** Values that are known are asked for; of others only that they were set. */
function fieldsOf(values: ReadonlyMap<string, string | number | boolean | null>): Fields | undefined {
  const known = [...values].filter(
    ([path, value]) => !path.includes('*') && !isLeftOpen(`${path} ${value}`) && isPlain(value),
  );
  if (values.size === 0) return undefined;
  // More or fewer replicas than the text says do the step as well; none is something else.
  const isCount = (path: string, value: unknown) => path === 'spec.replicas' && value !== 0;
  if (known.length === values.size && !known.some(([path, value]) => isCount(path, value)))
    return { sets: Object.fromEntries(known) };
  return { paths: [...new Set([...values.keys()].map(withoutWildcard))] };
}

function isPlain(value: string | number | boolean | null): boolean {
  return typeof value !== 'number' || Number.isFinite(value);
}

/** `spec.template.spec.containers[name=*].env` → `spec.template.spec.containers` */
function withoutWildcard(path: string): string {
  return isLeftOpen(path) || path.includes('*') ? path.split(/\[name=(?:\*|<)|\.?<|\*/)[0]! : path;
}

/** Undefined: not even its kind is known. */
function targetOf({ kind, names, options }: KubectlCommand, roles: Playbook['roles']): KubeMatch | undefined {
  const ref = [kind, ...names].find((word) => roles[roleIn(word) ?? ''] === 'ref');
  if (ref !== undefined) return { ref: [ref] };
  if (kind === '' || isLeftOpen(kind) || kind.includes('$')) return undefined;
  const resource = kind === 'all' ? ['pods'] : kind.split(',').filter(Boolean);
  const namespace = options.get('-n') ?? options.get('--namespace');
  const isKnown = names.length > 0 && names.every((name) => name !== '' && !isLeftOpen(name));
  return {
    resource,
    ...(namespace && !isLeftOpen(namespace) && { namespace: [namespace] }),
    ...(isKnown && { name: names }),
  };
}

/** `${culprit}` → culprit; undefined for anything else. */
function roleIn(word: string): string | undefined {
  return /^\$\{([A-Za-z][\w-]*)\}$/.exec(word)?.[1];
}

type Target = () => KubeMatch | undefined;
type Read = (command: KubectlCommand, target: Target) => KubeMatch | undefined;

/** One object is read, or all of a kind. */
const look: Read = ({ names, options }, target) => {
  const found = target();
  if (!found) return undefined;
  const isOne = names.length > 0 || found.ref !== undefined;
  const all = options.has('-A') || options.has('--all-namespaces');
  const watches = options.has('-w') || options.has('--watch');
  return {
    verb: [...(isOne ? ['get'] : ['list']), ...(watches ? ['watch'] : [])],
    ...found,
    ...(all && { allNamespaces: true }),
  };
};

/** Through which a pod is looked into: of the pod its namespace is known, its name changes with every rollout. */
const into =
  (verb: string, subresource: string): Read =>
  ({ options }) => {
    const namespace = options.get('-n') ?? options.get('--namespace');
    return {
      verb: [verb],
      resource: ['pods'],
      subresource: [subresource],
      ...(namespace && !isLeftOpen(namespace) && { namespace: [namespace] }),
    };
  };

const made =
  (resource: string): Read =>
  () => ({ verb: ['create'], resource: [resource] });

const changed =
  (fields: Fields): Read =>
  (_, target) => {
    const found = target();
    return found && { verb: ['patch', 'update'], ...found, ...fields };
  };

/** What is no write with values of its own (those are in `effectOf`). */
const others: Readonly<Record<string, Read>> = {
  get: look,
  describe: look,
  wait: look,
  events: ({ options }) => ({
    verb: ['list'],
    resource: ['events'],
    ...((options.has('-A') || options.has('--all-namespaces')) && { allNamespaces: true }),
  }),
  logs: into('get', 'log'),
  exec: into('connect', 'exec'),
  rsh: into('connect', 'exec'),
  cp: into('connect', 'exec'),
  attach: into('connect', 'attach'),
  'port-forward': into('connect', 'portforward'),
  top: ({ kind, options }) => {
    if (kind === '') return undefined;
    const namespace = options.get('-n') ?? options.get('--namespace');
    const resource = /^no(des?)?$/.test(kind) ? 'nodes.metrics.k8s.io' : 'pods.metrics.k8s.io';
    return {
      verb: ['get', 'list'],
      resource: [resource],
      ...(namespace && !isLeftOpen(namespace) && { namespace: [namespace] }),
    };
  },
  'rollout status': (_, target) => ({ verb: ['get', 'list', 'watch'], ...target() }),
  'rollout history': (_, target) => ({ verb: ['get', 'list'], ...target() }),
  'rollout undo': changed({ paths: ['spec.template'] }),
  'rollout pause': changed({ sets: { 'spec.paused': true } }),
  'rollout resume': changed({ paths: ['spec.paused'] }),
  edit: changed({}),
  taint: changed({ paths: ['spec.taints'] }),
  drain: ({ names }) => ({
    verb: ['patch', 'update'],
    resource: ['nodes'],
    ...(names[0] && !isLeftOpen(names[0]) && { name: [names[0]] }),
    sets: { 'spec.unschedulable': true },
  }),
  create: ({ kind }) => (kind && !isLeftOpen(kind) ? { verb: ['create'], resource: [kind] } : undefined),
  run: made('pods'),
  debug: made('pods'),
  autoscale: made('horizontalpodautoscalers'),
  expose: made('services'),
};
