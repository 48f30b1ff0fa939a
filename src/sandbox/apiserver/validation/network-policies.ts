/** NetworkPolicies, in the words of pkg/apis/networking/validation. */

import type { KubeObject } from '../../api.ts';
import { parseCidr } from '../../network/cidr.ts';
import type { FieldError } from '../status.ts';
import { forbiddenValue, invalidValue, oneOf, portNameProblems, portNumber, required } from './rules.ts';
import { validateLabelSelector } from './selectors.ts';

interface Port {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

interface Peer {
  podSelector?: object;
  namespaceSelector?: object;
  ipBlock?: { cidr?: string; except?: string[] };
}

export function validateNetworkPolicy({ spec }: KubeObject): FieldError[] {
  return [
    ...validateLabelSelector('spec.podSelector', spec.podSelector),
    ...rules('spec.ingress', 'from', spec.ingress),
    ...rules('spec.egress', 'to', spec.egress),
    ...validateTypes(spec.policyTypes),
  ];
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
  if (port === undefined) return errors;
  return [
    ...errors,
    ...portNameProblems(port).map((problem) => invalidValue(`${field}.port`, port, problem)),
  ];
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

const notCidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function validateBlock(
  field: string,
  { cidr = '', except = [] }: NonNullable<Peer['ipBlock']>,
): FieldError[] {
  if (!cidr) return [required(`${field}.cidr`)];
  const whole = parseCidr(cidr);
  if (!whole) return [invalidValue(`${field}.cidr`, cidr, notCidr)];
  return except.flatMap((text, index) => {
    const at = `${field}.except[${index}]`;
    const part = parseCidr(text);
    if (!part) return [invalidValue(at, text, notCidr)];
    const inside = part.family === whole.family && part.bits > whole.bits && whole.contains(part.address);
    return inside ? [] : [invalidValue(at, text, 'must be a strict subset of `cidr`')];
  });
}
