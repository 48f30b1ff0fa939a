import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clone, same } from '../../../src/sandbox/apiserver/json.ts';
import { jsonPatch } from '../../../src/sandbox/apiserver/patch/json-patch.ts';
import { mergePatch } from '../../../src/sandbox/apiserver/patch/merge.ts';
import { strategicPatch } from '../../../src/sandbox/apiserver/patch/strategic.ts';
import { matchesLabels, parseLabelSelector } from '../../../src/sandbox/apiserver/selectors.ts';
import { matchesSelector } from '../../../src/sandbox/controllers/selector.ts';
import { type Ask, clientOf } from './client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const inherited = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

/** What every object inherits, at its birth: names, and where each leads. */
const owners = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Object, Array];
const before = owners.map(
  (owner) =>
    new Map(Reflect.ownKeys(owner).map((key) => [key, Object.getOwnPropertyDescriptor(owner, key)?.value])),
);
afterEach(() => {
  owners.forEach((owner, index) => {
    expect(Reflect.ownKeys(owner)).toEqual([...before[index]!.keys()]);
    for (const [key, value] of before[index]!) {
      expect(Object.getOwnPropertyDescriptor(owner, key)?.value).toBe(value);
    }
  });
});

/** Parsed from text, as bodies are: `{ __proto__: … }` in a program would set the prototype. */
const json = (text: string) => JSON.parse(text) as unknown;

describe('case Q9: names that every object inherits', () => {
  let server: TestServer;
  let ask: Ask;
  const path = '/api/v1/namespaces/default/configmaps/kept';
  beforeAll(async () => {
    server = await startTestServer();
    ask = clientOf(server);
    const metadata = { name: 'kept', annotations: { a: '1' } };
    await ask('POST', '/api/v1/namespaces/default/configmaps', {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } },
    });
  });
  afterAll(() => server.close());
  afterEach(() => expect(server.faults).toEqual([]));

  const patch = (type: string, bytes: string) =>
    ask('PATCH', `${path}?fieldManager=t`, { bytes, headers: { 'content-type': `application/${type}` } });

  it.each([
    '/__proto__/x',
    '/constructor/prototype/x',
    '/metadata/__proto__/x',
    '/metadata/annotations/__proto__/x',
    '/metadata/annotations/constructor/prototype/x',
    '/data/toString/x',
  ])('refuses a JSON Patch whose path leaves the object: %s', async (where) => {
    for (const op of ['add', 'replace', 'remove', 'test']) {
      const answer = await patch('json-patch+json', JSON.stringify([{ op, path: where, value: '1' }]));
      expect(answer.status).toBe(422);
      expect(answer.body).toMatchObject({
        reason: 'Invalid',
        message: 'the server rejected our request due to an error in our request',
      });
    }
    for (const op of ['copy', 'move']) {
      const body = [{ op, from: where.replace(/\/x$/, ''), path: '/data/b' }];
      expect((await patch('json-patch+json', JSON.stringify(body))).status).toBe(422);
    }
  });

  it.each([
    ['json-patch+json', '[{"op":"add","path":"/data/__proto__","value":"1"}]'],
    ['merge-patch+json', '{"data":{"__proto__":"1"}}'],
    ['strategic-merge-patch+json', '{"data":{"__proto__":"1"}}'],
    ['apply-patch+yaml', '{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}, data: {__proto__: "1"}}'],
  ])('keeps a key of that name as data, by %s', async (type, bytes) => {
    expect((await patch(type, bytes)).status).toBe(200);
    const { text } = await ask('GET', path);
    expect(text).toContain('"__proto__":"1"');
    expect(text).toContain('"a":"1"');
    const gone = await patch('json-patch+json', '[{"op":"remove","path":"/data/__proto__"}]');
    expect(gone.status).toBe(200);
    expect(gone.text).not.toContain('"__proto__":"1"');
  });

  it.each([
    ['merge-patch+json', '{"__proto__":{"x":"1"},"metadata":{"__proto__":{"x":"1"}}}'],
    [
      'strategic-merge-patch+json',
      '{"__proto__":{"x":"1"},"metadata":{"constructor":{"prototype":{"x":"1"}}}}',
    ],
  ])('drops a field of that name with a warning, by %s', async (type, bytes) => {
    const answer = await patch(type, bytes);
    expect(answer.status).toBe(200);
    expect(answer.headers.warning ?? '').toContain('unknown field');
  });

  it('keeps such keys through POST and PUT, as JSON and YAML', async () => {
    const text =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"data":{"__proto__":"1","constructor":"2"}}';
    for (const type of ['json', 'yaml']) {
      const headers = { 'content-type': `application/${type}` };
      const bytes = text.replace('NAME', `of-${type}`);
      const made = await ask('POST', '/api/v1/namespaces/default/configmaps', { bytes, headers });
      expect(made.status).toBe(201);
      expect(made.text).toContain('"__proto__":"1"');
      const put = await ask('PUT', `/api/v1/namespaces/default/configmaps/of-${type}`, { bytes, headers });
      expect(put.text).toContain('"__proto__":"1"');
      expect(put.text).toContain('"constructor":"2"');
    }
  });

  it('keeps annotations and labels that only look like something, and refuses those that Kubernetes refuses', async () => {
    const kept = await patch(
      'merge-patch+json',
      '{"metadata":{"annotations":{"constructor":"c","toString":"t"},"labels":{"valueOf":"v"}}}',
    );
    expect(kept.body).toMatchObject({ metadata: { labels: { valueOf: 'v' } } });
    expect(kept.text).toContain('"constructor":"c"');
    const refused = await patch('merge-patch+json', '{"metadata":{"annotations":{"__proto__":"1"}}}');
    expect(refused.status).toBe(422);
    expect(refused.body?.message).toContain(
      'metadata.annotations: Invalid value: "__proto__": name part must',
    );
    const list = (selector: string) =>
      ask('GET', `/api/v1/namespaces/default/configmaps?labelSelector=${selector}`);
    expect((await list('valueOf')).body?.items).toHaveLength(1);
    expect((await list('constructor')).body?.items).toEqual([]);
    expect((await list('!constructor')).body?.items).not.toEqual([]);
  });

  it('refuses operations of other types than text', async () => {
    for (const operation of [
      '1',
      '"a"',
      '[]',
      '{"op":1}',
      '{"op":"add","path":1}',
      '{"op":"copy","path":"/a","from":{}}',
    ]) {
      const answer = await patch('json-patch+json', `[${operation}]`);
      expect([operation, answer.status]).toEqual([operation, 400]);
    }
    expect((await patch('json-patch+json', '[null]')).status).toBe(422);
  });
});

describe('patches of any object with any names', () => {
  const name = fc.oneof(fc.constantFrom(...inherited, 'a', 'spec', '$patch'), fc.string({ maxLength: 4 }));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, 1, 'x', true),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie('any')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).any;
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path: fc.array(name, { maxLength: 4 }).map((parts) => parts.map((part) => `/${part}`).join('')),
    from: fc.array(name, { maxLength: 4 }).map((parts) => parts.map((part) => `/${part}`).join('')),
    value,
  });

  it('copies and compares every value as it is', () => {
    fc.assert(
      fc.property(value, (any) => {
        expect(JSON.stringify(clone(any))).toBe(JSON.stringify(any));
        expect(same(clone(any), any)).toBe(true);
      }),
    );
  });

  it('writes into nothing but the result', () => {
    fc.assert(
      fc.property(value, value, fc.array(operation, { maxLength: 4 }), (target, patch, operations) => {
        const text = JSON.stringify(target);
        for (const attempt of [
          () => mergePatch(target, patch),
          () => strategicPatch(target, patch, 'V1Pod'),
          () => jsonPatch(target, operations),
        ]) {
          try {
            attempt();
          } catch {
            // A patch may be refused; what counts is what it left behind.
          }
        }
        expect(JSON.stringify(target)).toBe(text);
        expect(Reflect.ownKeys(Object.prototype)).toEqual([...before[0]!.keys()]);
      }),
    );
  });

  it('merges as RFC 7386 says, with every name', () => {
    fc.assert(
      fc.property(value, (patch) => {
        // A patch without nulls, laid on nothing, is the result itself.
        const text = JSON.stringify(patch, (_key, inner) => (inner === null ? 0 : inner));
        expect(JSON.stringify(mergePatch({}, json(text)))).toBe(text);
      }),
    );
  });

  it('finds no label that only the language has', () => {
    for (const key of inherited) {
      expect(matchesLabels([{ key, operator: 'exists', values: [] }], {})).toBe(false);
      expect(matchesSelector({ matchExpressions: [{ key, operator: 'Exists' }] }, {})).toBe(false);
      expect(matchesSelector({ matchExpressions: [{ key, operator: 'DoesNotExist' }] }, { a: '' })).toBe(
        true,
      );
    }
    expect(parseLabelSelector('constructor')).toHaveLength(1);
  });
});
