import { core, create, get, like, patch, put, refused, scene, service, topic } from './steps.ts';

type Json = Record<string, unknown>;

const networking = (namespace: string, kind: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/${namespace}/${kind}`;

const policy = (spec: Json, name = 'p'): Json => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec,
});
const ingress = (spec: Json, name = 'i'): Json => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name },
  spec,
});
const backend = { service: { name: 'web', port: { number: 80 } } };
const path = (more: Json): Json => ({
  rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend, ...more }] } }],
});

/** A create that is refused for these fields, in this order. */
const invalid = (url: string, object: Json, ...fields: [reason: string, field: string][]) =>
  refused(create(url, object), 422, 'Invalid', {
    details: { causes: fields.map(([reason, field]) => ({ reason, field })) },
  });

export const networks = topic('networking', 'NetworkPolicies and Ingresses as they are kept and refused', [
  scene('policyTypes follow from the rules, and what is given stays', (ns) => {
    const url = networking(ns, 'networkpolicies');
    const typed = (...policyTypes: string[]): Json => like({ spec: { policyTypes } });
    return [
      create(url, policy({ podSelector: {} }, 'a'), typed('Ingress')),
      create(url, policy({ podSelector: {}, egress: [{}] }, 'b'), typed('Ingress', 'Egress')),
      create(url, policy({ podSelector: {}, policyTypes: ['Egress'] }, 'c'), typed('Egress')),
      create(
        url,
        policy(
          { podSelector: {}, egress: [{ ports: [{ port: 53, protocol: 'UDP' }, { port: 'dns' }] }] },
          'd',
        ),
        like({
          spec: {
            egress: [
              {
                ports: [
                  { port: 53, protocol: 'UDP' },
                  { port: 'dns', protocol: 'TCP' },
                ],
              },
            ],
          },
        }),
      ),
    ];
  }),
  scene('an empty list of rules is not kept, and lets nothing through by its type alone', (ns) => [
    create(
      networking(ns, 'networkpolicies'),
      policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] }),
      like({ spec: { policyTypes: ['Ingress', 'Egress'] } }, 'spec.ingress', 'spec.egress'),
    ),
  ]),
  scene('a rule without peers and an empty selector are kept: they mean everything', (ns) => {
    const url = networking(ns, 'networkpolicies');
    const spec = {
      podSelector: {},
      ingress: [{}, { from: [{ podSelector: {} }, { namespaceSelector: {} }] }],
    };
    return [create(url, policy(spec), like({ spec })), get(`${url}/p`, like({ spec }))];
  }),
  scene('peers that are none, or two at once, are Invalid', (ns) => {
    const url = networking(ns, 'networkpolicies');
    const from = (...peers: Json[]): Json => policy({ podSelector: {}, ingress: [{ from: peers }] });
    const ipBlock = { cidr: '10.0.0.0/8' };
    return [
      invalid(url, from({}), ['FieldValueRequired', 'spec.ingress[0].from[0]']),
      invalid(url, from({ ipBlock, podSelector: {} }), ['FieldValueForbidden', 'spec.ingress[0].from[0]']),
      invalid(url, from({ ipBlock: {} }), ['FieldValueRequired', 'spec.ingress[0].from[0].ipBlock.cidr']),
      invalid(url, from({ ipBlock: { cidr: '10.0.0.0' } }), [
        'FieldValueInvalid',
        'spec.ingress[0].from[0].ipBlock.cidr',
      ]),
      invalid(url, from({ ipBlock: { ...ipBlock, except: ['11.0.0.0/16'] } }), [
        'FieldValueInvalid',
        'spec.ingress[0].from[0].ipBlock.except[0]',
      ]),
    ];
  }),
  scene('ports that cannot be are Invalid', (ns) => {
    const url = networking(ns, 'networkpolicies');
    const ports = (...list: Json[]): Json => policy({ podSelector: {}, ingress: [{ ports: list }] });
    return [
      invalid(url, ports({ port: 70_000 }), ['FieldValueInvalid', 'spec.ingress[0].ports[0].port']),
      invalid(url, ports({ port: 'Not_A_Name' }), ['FieldValueInvalid', 'spec.ingress[0].ports[0].port']),
      invalid(url, ports({ port: 80, protocol: 'ICMP' }), [
        'FieldValueNotSupported',
        'spec.ingress[0].ports[0].protocol',
      ]),
    ];
  }),
  scene('selectors and types of a NetworkPolicy are checked', (ns) => {
    const url = networking(ns, 'networkpolicies');
    const selecting = (matchExpressions: Json[]): Json => policy({ podSelector: { matchExpressions } });
    return [
      invalid(url, selecting([{ key: 'a', operator: 'In' }]), [
        'FieldValueRequired',
        'spec.podSelector.matchExpressions[0].values',
      ]),
      invalid(url, selecting([{ key: 'a', operator: 'Exists', values: ['x'] }]), [
        'FieldValueForbidden',
        'spec.podSelector.matchExpressions[0].values',
      ]),
      invalid(url, policy({ podSelector: {}, policyTypes: ['Sideways'] }), [
        'FieldValueNotSupported',
        'spec.policyTypes[0]',
      ]),
    ];
  }),
  scene('a NetworkPolicy counts its changes', (ns) => {
    const url = networking(ns, 'networkpolicies');
    const counted = (generation: number): Json => like({ metadata: { generation } });
    return [
      create(url, policy({ podSelector: {} }), counted(1)),
      patch(`${url}/p`, { spec: { policyTypes: ['Ingress', 'Egress'] } }, counted(2)),
      patch(`${url}/p`, { metadata: { labels: { a: 'b' } } }, counted(2)),
    ];
  }),
  scene('an Ingress without a controller is kept, and gets no address', (ns) => {
    const url = networking(ns, 'ingresses');
    return [
      create(core(ns, 'services'), service('web')),
      create(url, ingress({ ...path({}), ingressClassName: 'nobody' })),
      get(`${url}/i`, like({ spec: { ingressClassName: 'nobody' }, status: { loadBalancer: {} } })),
      put(`${url}/i`, ingress({ defaultBackend: backend }), like({ metadata: { generation: 2 } })),
    ];
  }),
  scene('an Ingress says what it lacks', (ns) => {
    const url = networking(ns, 'ingresses');
    const at = 'spec.rules[0].http.paths[0]';
    return [
      invalid(url, ingress({}), ['FieldValueInvalid', 'spec']),
      invalid(url, ingress(path({ pathType: undefined })), ['FieldValueRequired', `${at}.pathType`]),
      invalid(url, ingress(path({ pathType: 'Suffix' })), ['FieldValueNotSupported', `${at}.pathType`]),
      invalid(url, ingress(path({ path: 'a' })), ['FieldValueInvalid', `${at}.path`]),
      invalid(url, ingress(path({ path: '/a//b' })), ['FieldValueInvalid', `${at}.path`]),
      invalid(url, ingress(path({ backend: { service: { name: 'web', port: {} } } })), [
        'FieldValueRequired',
        `${at}.backend`,
      ]),
      invalid(url, ingress({ rules: [{ host: '10.0.0.1' }] }), ['FieldValueInvalid', 'spec.rules[0].host']),
    ];
  }),
]);
