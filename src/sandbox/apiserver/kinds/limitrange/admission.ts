/** LimitRanger: default requests and limits, and bounds that must hold (plugin/pkg/admission/limitranger). */

import type { V1Container, V1LimitRangeItem } from '@kubernetes/client-node';
import type { Json } from '../../../../kubernetes.ts';
import { formatQuantity, parseQuantity } from '../../../../quantity.ts';
import type { KubeObject } from '../../../api.ts';
import { parsed, podQuantities, type Quantities } from '../../pod-quantities.ts';
import { forbidden } from '../../status.ts';
import type { HookContext } from '../definition.ts';

type Amounts = Record<string, string>;

type Limit = Json<V1LimitRangeItem>;

const annotation = 'kubernetes.io/limit-ranger';

/** Fills in what containers leave out, and says so in an annotation. */
export function setDefaultResources(pod: KubeObject, context: HookContext): void {
  const limits = limitsOf(pod, context).filter(({ type }) => type === 'Container');
  if (limits.length === 0) return;
  const kinds: [word: string, containers: V1Container[]][] = [
    ['container', pod.spec.containers ?? []],
    ['init container', pod.spec.initContainers ?? []],
  ];
  const said = kinds.flatMap(([word, containers]) =>
    containers.flatMap((container) => {
      container.resources ??= {};
      const { resources } = container;
      const say = (names: string[], kind: string) =>
        names.length > 0 ? [`${names.sort().join(', ')} ${kind} for ${word} ${container.name}`] : [];
      const defaults = (field: 'default' | 'defaultRequest') => limits.map((limit) => limit[field]);
      return [
        ...say(fill(resources, 'requests', defaults('defaultRequest')), 'request'),
        ...say(fill(resources, 'limits', defaults('default')), 'limit'),
      ];
    }),
  );
  if (said.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [annotation]: `LimitRanger plugin set: ${said.join('; ')}`,
  };
}

/** Returns the names that were added. */
function fill(
  resources: NonNullable<V1Container['resources']>,
  field: 'requests' | 'limits',
  defaults: (Amounts | undefined)[],
): string[] {
  const added: string[] = [];
  for (const [name, amount] of defaults.flatMap((one) => Object.entries(one ?? {}))) {
    if (Object.hasOwn(resources[field] ?? {}, name)) continue;
    resources[field] = { ...resources[field], [name]: amount };
    added.push(name);
  }
  return added;
}

function limitsOf(pod: KubeObject, context: HookContext): Limit[] {
  return context
    .list('limitranges', pod.metadata.namespace)
    .flatMap(({ spec }) => (spec?.limits ?? []) as Limit[]);
}

/** Throws ApiError 403 where a container or the whole Pod is out of bounds. */
export function admitLimits(pod: KubeObject, context: HookContext): void {
  const containers: V1Container[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const problems = limitsOf(pod, context).flatMap((limit) => {
    if (limit.type === 'Container')
      return containers.flatMap(({ resources }) =>
        outOfBounds(limit, parsed(resources?.requests), parsed(resources?.limits)),
      );
    if (limit.type !== 'Pod') return [];
    return outOfBounds(limit, podQuantities(pod.spec, 'requests'), podQuantities(pod.spec, 'limits'));
  });
  if (problems.length === 0) return;
  const text = problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`;
  throw forbidden({ plural: 'pods', group: '' }, pod.metadata.name, text);
}

function outOfBounds(
  { type, min, max, maxLimitRequestRatio }: Limit,
  requests: Quantities,
  limits: Quantities,
): string[] {
  const each = (bounds: Amounts | undefined, check: (name: string, bound: string) => string | undefined) =>
    Object.keys(bounds ?? {})
      .sort()
      .flatMap((name) => check(name, bounds![name]!) ?? []);
  const show = (amounts: Quantities, name: string) => formatQuantity(amounts.get(name)!);
  const nanos = (bound: string) => parseQuantity(bound)?.nanos ?? 0n;
  return [
    ...each(min, (name, bound) => {
      const lead = `minimum ${name} usage per ${type} is ${bound}`;
      const request = requests.get(name);
      if (!request) return `${lead}.  No request is specified`;
      if (request.nanos < nanos(bound)) return `${lead}, but request is ${show(requests, name)}`;
      const limit = limits.get(name);
      return limit && limit.nanos < nanos(bound) ? `${lead}, but limit is ${show(limits, name)}` : undefined;
    }),
    ...each(max, (name, bound) => {
      const lead = `maximum ${name} usage per ${type} is ${bound}`;
      const limit = limits.get(name);
      if (!limit) return `${lead}.  No limit is specified`;
      if (limit.nanos > nanos(bound)) return `${lead}, but limit is ${show(limits, name)}`;
      const request = requests.get(name);
      return request && request.nanos > nanos(bound)
        ? `${lead}, but request is ${show(requests, name)}`
        : undefined;
    }),
    ...each(maxLimitRequestRatio, (name, bound) => {
      const lead = `${name} max limit to request ratio per ${type} is ${bound}`;
      const request = requests.get(name)?.nanos ?? 0n;
      const limit = limits.get(name)?.nanos ?? 0n;
      if (request === 0n) return `${lead}, but no request is specified or request is 0`;
      if (limit === 0n) return `${lead}, but no limit is specified or limit is 0`;
      const ratio = Number(limit) / Number(request);
      return ratio > Number(nanos(bound)) / 1e9
        ? `${lead}, but provided ratio is ${ratio.toFixed(6)}`
        : undefined;
    }),
  ];
}
