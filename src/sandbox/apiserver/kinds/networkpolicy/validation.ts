/** NetworkPolicies, in the words of pkg/apis/networking/validation. */
import type { V1NetworkPolicyPeer, V1NetworkPolicyPort } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../kubernetes.ts';
import type { KubeObject } from '../../../api.ts';
import { parseCidr } from '../../../network/cidr.ts';
import { shapingAnnotations } from '../../../network/policy.ts';
import type { FieldError } from '../../status.ts';
import { addressRange } from '../../validation/addresses.ts';
import {
  forbiddenValue,
  invalidValue,
  oneOf,
  portNumber,
  portNumberOrName,
  required,
} from '../../validation/rules.ts';
import { validateLabelSelector } from '../../validation/selectors.ts';

type Port = Unvalidated<V1NetworkPolicyPort>;

type Peer = Unvalidated<V1NetworkPolicyPeer>;

export function validateNetworkPolicy({ metadata, spec }: KubeObject): FieldError[] {
  return [
    ...validateLabelSelector('spec.podSelector', spec.podSelector),
    ...rules('spec.ingress', 'from', spec.ingress),
    ...rules('spec.egress', 'to', spec.egress),
    ...validateTypes(spec.policyTypes),
    ...validateShaping(metadata.annotations),
  ];
}

/** The sandbox's own: what it would not understand is refused, lest it do nothing. */
function validateShaping(annotations: Record<string, string> = {}): FieldError[] {
  return Object.entries(shapingAnnotations).flatMap(([key, { form, means }]) => {
    const value = annotations[key];
    if (value === undefined || form.test(value)) return [];
    return [invalidValue(`metadata.annotations[${key}]`, value, `must be ${means}`)];
  });
}

type Rule = { ports?: Port[] } & Partial<Record<'from' | 'to', Peer[]>>;

function rules(field: string, peers: 'from' | 'to', list: Rule[] = []): FieldError[] {
  return list.flatMap((rule, index) => [
    ...(rule.ports ?? []).flatMap((port, at) => validatePort(`${field}[${index}].ports[${at}]`, port)),
    ...(rule[peers] ?? []).flatMap((peer, at) => validatePeer(`${field}[${index}].${peers}[${at}]`, peer)),
  ]);
}

function validateTypes(types: string[] = []): FieldError[] {
  const field = 'spec.policyTypes';
  if (types.length > 2) return [invalidValue(field, types, 'may not specify more than two policyTypes')];
  return types.flatMap((type, index) => oneOf(`${field}[${index}]`, type, ['Ingress', 'Egress']));
}

function validatePort(field: string, { protocol, port, endPort }: Port): FieldError[] {
  const errors = oneOf(`${field}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']);
  const end = `${field}.endPort`;
  if (typeof port === 'number') {
    errors.push(...portNumber(`${field}.port`, port));
    if (endPort === undefined) return errors;
    if (endPort < port) errors.push(invalidValue(end, port, 'must be greater than or equal to `port`'));
    return [...errors, ...portNumber(end, endPort)];
  }
  if (endPort !== undefined) {
    const without = port === undefined ? 'not specified' : 'non-numeric';
    errors.push(invalidValue(end, endPort, `may not be specified when \`port\` is ${without}`));
  }
  return port === undefined ? errors : [...errors, ...portNumberOrName(`${field}.port`, port)];
}

function validatePeer(field: string, { podSelector, namespaceSelector, ipBlock }: Peer): FieldError[] {
  if (!podSelector && !namespaceSelector && !ipBlock) return [required(field, 'must specify a peer')];
  const errors = [
    ...validateLabelSelector(`${field}.podSelector`, podSelector),
    ...validateLabelSelector(`${field}.namespaceSelector`, namespaceSelector),
    ...(ipBlock ? validateBlock(`${field}.ipBlock`, ipBlock) : []),
  ];
  if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbiddenValue(field, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

function validateBlock(
  field: string,
  { cidr = '', except = [] }: NonNullable<Peer['ipBlock']>,
): FieldError[] {
  if (!cidr) return [required(`${field}.cidr`)];
  const whole = parseCidr(cidr);
  if (!whole) return addressRange(`${field}.cidr`, cidr);
  return except.flatMap((text, index) => {
    const at = `${field}.except[${index}]`;
    const part = parseCidr(text);
    if (!part) return addressRange(at, text);
    const inside = part.family === whole.family && part.bits > whole.bits && whole.contains(part.address);
    return inside ? [] : [invalidValue(at, text, 'must be a strict subset of `cidr`')];
  });
}
