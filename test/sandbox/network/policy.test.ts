/** The evaluation of NetworkPolicies against a second formulation, made of sets of allowed things. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allows,
  type Connection,
  type End,
  type NetworkPolicy,
} from '../../../src/sandbox/network/policy.ts';

const namespaces = ['a', 'b'];
const values = ['x', 'y'];
const ips = ['10.244.0.2', '10.244.0.3', '10.244.1.2', '10.244.1.3'];
const blocks = ['10.244.0.0/24', '10.244.0.0/16', '10.244.0.2/32', '0.0.0.0/0', '10.244.1.2/31'];

const labels = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom(...values), { maxKeys: 2 });
const selector = fc.record(
  {
    matchLabels: labels,
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({
          key: fc.constantFrom('app', 'tier'),
          operator: fc.constantFrom('In' as const, 'NotIn' as const),
          values: fc.subarray(values, { minLength: 1 }),
        }),
        fc.record({
          key: fc.constantFrom('app', 'tier'),
          operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
        }),
      ),
      { maxLength: 1 },
    ),
  },
  { requiredKeys: [] },
);
const peer = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
  fc.record({
    ipBlock: fc.record(
      { cidr: fc.constantFrom(...blocks), except: fc.subarray(blocks, { maxLength: 2 }) },
      { requiredKeys: ['cidr'] },
    ),
  }),
);
const port = fc.oneof(
  fc.record({ protocol: fc.constantFrom('TCP', 'UDP') }),
  fc.record({
    protocol: fc.constantFrom('TCP', 'UDP'),
    port: fc.constantFrom<number | string>(80, 81, 'web'),
  }),
  fc.record({ protocol: fc.constant('TCP'), port: fc.constant(80), endPort: fc.constantFrom(80, 82) }),
);
const peers = fc.option(fc.array(peer, { maxLength: 2 }), { nil: undefined });
const ports = fc.option(fc.array(port, { maxLength: 2 }), { nil: undefined });
const policy: fc.Arbitrary<NetworkPolicy> = fc.record({
  metadata: fc.record({ namespace: fc.constantFrom(...namespaces) }),
  spec: fc.record(
    {
      podSelector: selector,
      policyTypes: fc.subarray(['Ingress', 'Egress']),
      ingress: fc.array(fc.record({ from: peers, ports }), { maxLength: 2 }),
      egress: fc.array(fc.record({ to: peers, ports }), { maxLength: 2 }),
    },
    { requiredKeys: ['podSelector', 'policyTypes'] },
  ),
});
const pod = fc.record({
  namespace: fc.constantFrom(...namespaces),
  labels,
  namespaceLabels: labels,
  ports: fc.constantFrom(
    [],
    [{ name: 'web', containerPort: 80 }],
    [{ name: 'web', containerPort: 82, protocol: 'UDP' }],
  ),
});
const end: fc.Arbitrary<End> = fc.record({ ip: fc.constantFrom(...ips), pod }, { requiredKeys: ['ip'] });
const connection: fc.Arbitrary<Connection> = fc.record({
  from: end,
  to: end,
  port: fc.constantFrom(80, 81, 82),
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
});

type Labels = Record<string, string>;
type Select = NetworkPolicy['spec']['podSelector'];

/** A selector as the list of its violated requirements. */
function violations({ matchLabels = {}, matchExpressions = [] }: Select, has: Labels): number {
  const wanted = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...matchExpressions,
  ];
  const met = wanted.map(({ key, operator, values: list = [] }) => {
    const present = key in has;
    const listed = present && list.includes(has[key]!);
    const truth: Record<string, boolean> = {
      In: listed,
      NotIn: !listed,
      Exists: present,
      DoesNotExist: !present,
    };
    return truth[operator]!;
  });
  return met.filter((one) => !one).length;
}

const number = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
function covers(block: string, ip: string): boolean {
  const [base = '', bits = ''] = block.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(base) / size) === Math.floor(number(ip) / size);
}

/** Every (peer, port) pair of a rule is a sentence of its own; a missing list is the sentence "any". */
function naive(policies: NetworkPolicy[], { from, to, port: at, protocol }: Connection): boolean {
  if (from.ip === to.ip) return true;
  const directions = [
    { type: 'Egress', self: from, other: to },
    { type: 'Ingress', self: to, other: from },
  ];
  for (const { type, self, other } of directions) {
    let isolated = false;
    let granted = false;
    for (const { metadata, spec } of policies) {
      if (!self.pod || self.pod.namespace !== metadata.namespace) continue;
      if (violations(spec.podSelector, self.pod.labels) > 0 || !spec.policyTypes.includes(type)) continue;
      isolated = true;
      const rules =
        type === 'Egress'
          ? (spec.egress ?? []).map((rule) => [rule.to, rule.ports] as const)
          : (spec.ingress ?? []).map((rule) => [rule.from, rule.ports] as const);
      for (const [list, portList] of rules) {
        for (const one of list?.length ? list : [undefined]) {
          for (const wanted of portList?.length ? portList : [undefined]) {
            let fits = true;
            if (one?.ipBlock) {
              fits = covers(one.ipBlock.cidr, other.ip);
              for (const hole of one.ipBlock.except ?? []) if (covers(hole, other.ip)) fits = false;
            } else if (one) {
              if (!other.pod) fits = false;
              else {
                if (one.namespaceSelector)
                  fits = violations(one.namespaceSelector, other.pod.namespaceLabels) === 0;
                else fits = other.pod.namespace === metadata.namespace;
                if (one.podSelector && violations(one.podSelector, other.pod.labels) > 0) fits = false;
              }
            }
            if (wanted) {
              if ((wanted.protocol ?? 'TCP') !== protocol) fits = false;
              if (typeof wanted.port === 'string') {
                const numbers = (to.pod?.ports ?? [])
                  .filter((it) => it.name === wanted.port && (it.protocol ?? 'TCP') === protocol)
                  .map((it) => it.containerPort);
                if (!numbers.includes(at)) fits = false;
              } else if (wanted.port !== undefined) {
                const range = [];
                for (let value = wanted.port; value <= (wanted.endPort ?? wanted.port); value++)
                  range.push(value);
                if (!range.includes(at)) fits = false;
              }
            }
            granted ||= fits;
          }
        }
      }
    }
    if (isolated && !granted) return false;
  }
  return true;
}

test('a connection passes exactly when the naive reading of the documentation lets it', () => {
  let denied = 0;
  fc.assert(
    fc.property(fc.array(policy, { maxLength: 4 }), connection, (policies, one) => {
      const expected = naive(policies, one);
      if (!expected) denied++;
      expect(allows(policies, one)).toBe(expected);
    }),
    { numRuns: 5000 },
  );
  expect(denied).toBeGreaterThan(200);
});

test('a policy more never takes away what a policy of the same pods and types allowed', () => {
  fc.assert(
    fc.property(
      fc.array(policy, { minLength: 1, maxLength: 3 }),
      policy,
      connection,
      (policies, more, one) => {
        const alike = {
          ...more,
          metadata: policies[0]!.metadata,
          spec: { ...more.spec, ...same(policies[0]!) },
        };
        if (allows(policies, one)) expect(allows([...policies, alike], one)).toBe(true);
      },
    ),
    { numRuns: 1000 },
  );
});

const same = ({ spec }: NetworkPolicy) => ({ podSelector: spec.podSelector, policyTypes: spec.policyTypes });
