import { MisfortuneError } from '../errors.ts';
import type { Ref } from './cluster.ts';

const kindPattern = /^[a-z][a-z0-9]*$/;
const groupPattern = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
/** Object names: DNS subdomains, and what RBAC allows besides (`system:node`). */
const namePattern = /^[A-Za-z0-9]([-A-Za-z0-9.:]*[A-Za-z0-9])?$/;
const namespacePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** The form of a reference for error texts and schemas. */
export const refForm = 'kind[.group]/namespace/name or kind/name';

/** Reads `kind[.group]/namespace/name` or `kind[.group]/name`; undefined if it is neither. */
export function tryParseRef(text: string): Ref | undefined {
  const parts = text.split('/');
  if (parts.length < 2 || parts.length > 3) return undefined;
  const [head = '', ...rest] = parts;
  const name = rest.at(-1)!;
  const namespace = rest.length === 2 ? rest[0] : undefined;
  const dot = head.indexOf('.');
  const kind = dot < 0 ? head : head.slice(0, dot);
  const group = dot < 0 ? undefined : head.slice(dot + 1);
  if (!kindPattern.test(kind) || !namePattern.test(name)) return undefined;
  if (group !== undefined && !groupPattern.test(group)) return undefined;
  if (namespace !== undefined && !namespacePattern.test(namespace)) return undefined;
  return { kind, ...(group && { group }), ...(namespace && { namespace }), name };
}

/** Reads a reference; throws `bad-ref`. */
export function parseRef(text: string): Ref {
  const ref = tryParseRef(text);
  if (ref) return ref;
  throw new MisfortuneError('bad-ref', `Expected a reference (${refForm}), got "${text}".`, {
    todo: 'For example deployment/shop/checkout, job.batch/batch/report-export or node/node-1.',
  });
}

/** The inverse of `parseRef`. */
export function formatRef(ref: Ref): string {
  const kind = ref.group ? `${ref.kind}.${ref.group}` : ref.kind;
  return [kind, ref.namespace, ref.name].filter((part) => part !== undefined).join('/');
}

/** kubectl's words for an object: `-n batch job.batch/report-export`. */
export function kubectlWords(ref: Ref): string {
  const kind = ref.group ? `${ref.kind}.${ref.group}` : ref.kind;
  return `${ref.namespace ? `-n ${ref.namespace} ` : ''}${kind}/${ref.name}`;
}

/** The reference of an object as a document would write it. */
export function refOf(object: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}): Ref {
  const group = groupOf(object.apiVersion);
  return {
    kind: object.kind.toLowerCase(),
    ...(group && { group }),
    ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}),
    name: object.metadata.name,
  };
}

/** The group of an apiVersion: `apps` of `apps/v1`, '' of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));
}

/** Whether both are the same object. Kinds may be written in singular or plural, with their group or without. */
export function sameObject(one: Ref, other: Ref): boolean {
  return (
    singular(one.kind) === singular(other.kind) &&
    (one.group === undefined || other.group === undefined || one.group === other.group) &&
    one.namespace === other.namespace &&
    one.name === other.name
  );
}

/** A key of maps: the same for every version and spelling of a kind. */
export function refKey({ kind, namespace, name }: Ref): string {
  return JSON.stringify([singular(kind), namespace, name]);
}

/** A kind as its object says it, in lower case: `deployment` of `Deployment` and `deployments`. */
export function singular(kind: string): string {
  return kind.toLowerCase().replace(/s$/, '');
}
