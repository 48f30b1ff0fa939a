import { expect, it } from 'vitest';
import { checkSchema } from '../../src/check/grammar.ts';
import { checkNeeds, checkReferences, leavesOf } from '../../src/check/leaves.ts';

const checkout = 'deployment/shop/checkout';
const check = checkSchema.parse({
  all: [
    { promql: { query: 'up', above: 0 } },
    { not: { any: [{ absent: { ref: 'pod/shop/x' } }, { log: { ref: checkout, matches: 'x' } }] } },
    { http: { service: 'service/shop/edge:http' } },
    { endpoints: { ref: 'service/shop/edge', are: checkout } },
  ],
});

it('finds the checks that a check combines, each at its path', () => {
  expect(leavesOf(check, ['oracle']).map(({ path }) => path.join('.'))).toEqual([
    'oracle.all.0.promql',
    'oracle.all.1.not.any.0.absent',
    'oracle.all.1.not.any.1.log',
    'oracle.all.2.http',
    'oracle.all.3.endpoints',
  ]);
});

it('names the objects and queries that have to be there, and not what is to be absent', () => {
  expect(checkReferences(check).map(({ path, ...what }) => [path.join('.'), what])).toEqual([
    ['all.0.promql.query', { query: 'up' }],
    ['all.1.not.any.1.log.ref', { object: checkout }],
    ['all.2.http.service', { object: 'service/shop/edge' }],
    ['all.3.endpoints.ref', { object: 'service/shop/edge' }],
    ['all.3.endpoints.are', { object: checkout }],
  ]);
});

it('asks for the permissions of every check that it combines, and no others', () => {
  const words = checkNeeds(check).map(({ verbs, kind, subresource, namespace, name }) =>
    [...verbs, kind, subresource, namespace, name].filter((word) => word !== undefined).join(' '),
  );
  expect([...new Set(words)]).toEqual([
    'get pod shop x',
    'list pods shop',
    'list replicasets shop',
    'get pods log shop',
    // A service proxy's resource name has the port with it, as RBAC sees it.
    'get services proxy shop edge:http',
    'list endpointslices shop',
  ]);
});
