import type { KubeRequest, ValueChange } from '../recorder/action.ts';
import { type KubectlCommand, kubectlCommands } from './kubectl-command.ts';
import { kindFits } from './match.ts';

type Scalar = string | number | boolean | null;

/** What a command of kubectl writes, as far as its words tell. */
export interface CommandEffect {
  verb: 'delete' | 'restart' | 'write';
  /** As it is written: job, job.batch, deploy. */
  kind: string;
  /** Undefined: by a label selector. */
  name?: string;
  namespace?: string;
  labelSelector?: string;
  /** What the fields are to be, by their paths; `[name=*]` stands for every element. null: taken away. */
  values: Map<string, Scalar>;
}

/** What a line of a playbook or a scenario writes; undefined for what only reads, or is no kubectl, or is not understood. */
export function commandEffect(line: string): CommandEffect | undefined {
  const [first] = kubectlCommands(line);
  return first && effectOf(first);
}

/** What one command writes; undefined for what only reads, or is not understood. */
export function effectOf({
  command,
  kind,
  names,
  others,
  options,
}: KubectlCommand): CommandEffect | undefined {
  const read = commands[command];
  if (!read || kind === '') return undefined;
  const effect = read(others, options, kind);
  if (!effect) return undefined;
  const namespace = options.get('-n') ?? options.get('--namespace');
  const labelSelector = options.get('-l') ?? options.get('--selector');
  return {
    ...effect,
    kind,
    ...(names[0] !== undefined && { name: names[0] }),
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
  };
}

/** How well a write is what a command writes: the same values, or the same direction of numbers; undefined: it is not. */
export function likeness(effect: CommandEffect, request: KubeRequest): 'same' | 'direction' | undefined {
  if (!isAbout(effect, request)) return undefined;
  const verb = request.verb === 'deletecollection' ? 'delete' : request.verb;
  if (effect.verb === 'delete') return verb === 'delete' ? 'same' : undefined;
  if (verb !== 'patch' && verb !== 'update') return undefined;
  if (effect.verb === 'restart')
    return request.paths?.some((path) => path.includes('restartedAt')) ? 'same' : undefined;
  if (effect.values.size === 0) return undefined;
  const degrees = [...effect.values].map(([path, value]) => {
    const change = request.changes?.find((one) => pathFits(path, one.path));
    if (!change) return undefined;
    if (isSame(change.to, value)) return 'same';
    return directionOf(change) !== 0 && directionOf(change) === directionOf({ ...change, to: value })
      ? 'direction'
      : undefined;
  });
  if (degrees.some((degree) => degree === undefined)) return undefined;
  return degrees.every((degree) => degree === 'same') ? 'same' : 'direction';
}

/** Whether a write moves a field that a command would set the other way: replicas up instead of down, false instead of true. */
export function isContrary(effect: CommandEffect, request: KubeRequest): boolean {
  if (!isAbout(effect, request) || effect.verb !== 'write') return false;
  return [...effect.values].some(([path, value]) => {
    const change = request.changes?.find((one) => pathFits(path, one.path));
    if (!change || isSame(change.to, value)) return false;
    if (typeof value === 'boolean') return (change.to ?? false) !== value;
    const wanted = directionOf({ ...change, to: value });
    return typeof value === 'number' && directionOf(change) !== 0 && directionOf(change) !== wanted;
  });
}

/** 1: a number rises, -1: it falls, 0: it is none, or stays. */
export function directionOf({ from, to }: Pick<ValueChange, 'from' | 'to'>): number {
  return typeof from === 'number' && typeof to === 'number' ? Math.sign(to - from) : 0;
}

function isAbout(effect: CommandEffect, request: KubeRequest): boolean {
  if (!kindFits(effect.kind, request)) return false;
  if (effect.namespace !== undefined && effect.namespace !== request.namespace) return false;
  if (effect.name !== undefined) return effect.name === request.name;
  return effect.labelSelector !== undefined && effect.labelSelector === request.labelSelector;
}

function isSame(seen: ValueChange['to'], wanted: Scalar): boolean {
  return wanted === null ? seen === undefined || seen === null : String(seen) === String(wanted);
}

function pathFits(wanted: string, path: string): boolean {
  if (wanted === path) return true;
  if (!wanted.includes('*')) return false;
  const [before = '', after = ''] = wanted.split('*');
  return path.startsWith(before) && path.endsWith(after);
}

type Read = (
  others: readonly string[],
  options: ReadonlyMap<string, string>,
  kind: string,
) => Pick<CommandEffect, 'verb' | 'values'> | undefined;

const writes = (values: [string, Scalar][]) => ({ verb: 'write' as const, values: new Map(values) });

const commands: Record<string, Read> = {
  delete: () => ({ verb: 'delete', values: new Map() }),
  'rollout restart': () => ({ verb: 'restart', values: new Map() }),
  scale: (_, options) => {
    const replicas = options.get('--replicas');
    return replicas === undefined ? undefined : writes([['spec.replicas', Number(replicas)]]);
  },
  patch: (_, options) => patched(options.get('-p') ?? options.get('--patch') ?? ''),
  'set image': (others) =>
    writes(
      pairsOf(others).map(([name, image]) => [`spec.template.spec.containers[name=${name}].image`, image]),
    ),
  'set env': (others) =>
    writes(
      pairsOf(others).map(([name, value]) => [
        `spec.template.spec.containers[name=*].env[name=${name}].value`,
        value,
      ]),
    ),
  'set resources': (_, options) =>
    writes(
      (['limits', 'requests'] as const).flatMap((which) =>
        pairsOf((options.get(`--${which}`) ?? '').split(',')).map(([name, amount]): [string, Scalar] => [
          `spec.template.spec.containers[name=*].resources.${which}.${name}`,
          amount,
        ]),
      ),
    ),
  label: (others) => writes(labels('metadata.labels', others)),
  annotate: (others) => writes(labels('metadata.annotations', others)),
  cordon: () => writes([['spec.unschedulable', true]]),
  uncordon: () => writes([['spec.unschedulable', null]]),
};

function pairsOf(words: readonly string[]): [string, string][] {
  return words.flatMap((word): [string, string][] => {
    const at = word.indexOf('=');
    return at > 0 ? [[word.slice(0, at), word.slice(at + 1)]] : [];
  });
}

function labels(path: string, words: readonly string[]): [string, Scalar][] {
  const keyed = (key: string) => (/[.[\]]/.test(key) ? `${path}["${key}"]` : `${path}.${key}`);
  const gone = words.filter((word) => word.endsWith('-') && !word.includes('='));
  return [
    ...pairsOf(words).map(([key, value]): [string, Scalar] => [keyed(key), value]),
    ...gone.map((word): [string, Scalar] => [keyed(word.slice(0, -1)), null]),
  ];
}

function patched(text: string): Pick<CommandEffect, 'verb' | 'values'> | undefined {
  try {
    const body = JSON.parse(text) as unknown;
    if (!Array.isArray(body)) return writes(leaves('', body));
    return writes(
      (body as { op: string; path: string; value?: unknown }[]).flatMap(({ op, path, value }) => {
        const dotted = path
          .split('/')
          .slice(1)
          .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
          .reduce(join, '');
        return op === 'remove' ? [[dotted, null] as [string, Scalar]] : leaves(dotted, value);
      }),
    );
  } catch {
    return undefined;
  }
}

function leaves(path: string, value: unknown): [string, Scalar][] {
  if (typeof value !== 'object' || value === null) return [[path, value as Scalar]];
  if (!Array.isArray(value))
    return Object.entries(value).flatMap(([key, inner]) => leaves(join(path, key), inner));
  return value.flatMap((inner) => {
    const { name, ...rest } = (inner ?? {}) as Record<string, unknown>;
    return name === undefined ? [] : leaves(`${path}[name=${String(name)}]`, rest);
  });
}

function join(path: string, key: string): string {
  if (/[.[\]]/.test(key)) return `${path}["${key}"]`;
  return path ? `${path}.${key}` : key;
}
