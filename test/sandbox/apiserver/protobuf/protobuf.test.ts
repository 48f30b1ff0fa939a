import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definitions, views } from '../../../../src/sandbox/apiserver/kinds/kinds.ts';
import { decodeProtobuf } from '../../../../src/sandbox/apiserver/protobuf/decode.ts';
import { fieldsOf } from '../../../../src/sandbox/apiserver/protobuf/numbers.ts';
import { MessageError } from '../../../../src/sandbox/apiserver/protobuf/wire.ts';
import { DecodeError, decode } from '../../../../src/sandbox/apiserver/schema/decode.ts';
import models from '../../../../src/sandbox/apiserver/schema/models.json' with { type: 'json' };
import { shapeOf } from '../../../../src/sandbox/apiserver/schema/models.ts';
import { type Ask, clientOf } from '../client.ts';
import { bodyOf } from '../fuzz/bodies.ts';
import { diceOf } from '../fuzz/dice.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { encodeProtobuf } from './encode.ts';

const kinds = [...definitions, ...views.map(({ as }) => as)]
  .filter(({ jsonOnly }) => !jsonOnly)
  .map(({ model }) => model);

/** A model and all that it is made of. */
function partsOf(model: string, found = new Set<string>()): Set<string> {
  const shape = shapeOf(model);
  if (shape.is === 'list' || shape.is === 'map') return partsOf(shape.of, found);
  if (shape.is !== 'model' || found.has(model)) return found;
  found.add(model);
  for (const { type } of Object.values(shape.model.fields)) partsOf(type, found);
  return found;
}

/** Models of which only kinds are made that nobody sends in protobuf. */
const wired = new Set(kinds.flatMap((model) => [...partsOf(model)]));
const unwired = new Set(
  definitions.filter(({ jsonOnly }) => jsonOnly).flatMap(({ model }) => [...partsOf(model)]),
);
const isUnwired = (model: string) => unwired.has(model) && !wired.has(model);

const namesOf = (list: string): string[] =>
  [...(fieldsOf(list)?.values() ?? [])].flatMap((field) =>
    'embedded' in field ? namesOf(field.embedded) : [field.name],
  );

/** What the wire can carry: an empty list is none, and objects within others do not say their kind. */
function carried(type: string, value: unknown): unknown {
  const shape = shapeOf(type);
  if (Array.isArray(value)) {
    const of = shape.is === 'list' ? shape.of : '';
    return value.length > 0 ? value.map((item) => carried(of, item)) : undefined;
  }
  if (typeof value !== 'object' || value === null || shape.is !== 'model') return value;
  const known = [...namesOf(type), ...(kinds.includes(type) ? ['apiVersion', 'kind'] : [])];
  const entries = Object.entries(value)
    .filter(([name]) => known.includes(name))
    .map(([name, inner]) => [name, carried(shape.model.fields[name]!.type, inner)]);
  return Object.fromEntries(entries.filter(([, inner]) => (inner ?? undefined) !== undefined));
}

describe('the table of numbers', () => {
  it('has every field of every kind that is known as JSON', () => {
    for (const [model, { fields }] of Object.entries(models)) {
      if (isUnwired(model)) continue;
      const lacking = Object.keys(fields).filter(
        (name) => !['apiVersion', 'kind'].includes(name) && !namesOf(model).includes(name),
      );
      // Messages that name a kind within themselves have numbers for that, too.
      expect([model, lacking]).toEqual([model, []]);
    }
  });

  it('has the numbers that clients use', () => {
    expect(fieldsOf('V1ObjectMeta')?.get(17)).toEqual({ name: 'managedFields' });
    expect(fieldsOf('V1PodSpec')?.get(22)).toEqual({ name: 'tolerations' });
    expect(fieldsOf('V1Volume')?.get(2)).toEqual({ embedded: 'VolumeSource' });
    expect(fieldsOf('V1DeleteOptions')?.get(4)).toEqual({ name: 'propagationPolicy' });
  });
});

describe('bodies in protobuf', () => {
  const read = (model: string, value: unknown): unknown => {
    try {
      return decode(model, value);
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  };

  it.each([...kinds, 'V1DeleteOptions', 'V1Scale', 'V1Eviction', 'AuthenticationV1TokenRequest'])(
    'a %s means the same as in JSON',
    (model) => {
      let compared = 0;
      for (let seed = 0; compared < 8 && seed < 2000; seed += 1) {
        const object = { ...bodyOf(diceOf(seed), model, 5), apiVersion: 'v1', kind: 'X' };
        const first = read(model, object);
        // What the wire cannot carry (other types, lone surrogates, years beyond the calendar) is not compared.
        if (first === undefined || /\\ud8/.test(JSON.stringify(object))) continue;
        const bytes = encodeProtobuf(object, model);
        const again = read(model, decodeProtobuf(bytes, model));
        expect([seed, carried(model, again)]).toEqual([seed, carried(model, first)]);
        compared += 1;
      }
      expect(compared).toBeGreaterThan(2);
    },
  );

  it('any other bytes are an object or a MessageError', () => {
    const prefix = Buffer.from('k8s\0', 'latin1');
    const good = encodeProtobuf(bodyOf(diceOf(3), 'V1Pod'), 'V1Pod');
    const wrong = fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })).map(([at, byte]) => {
      const copy = Buffer.from(good);
      copy[at] = byte;
      return copy;
    });
    const any = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([prefix, bytes]));
    fc.assert(
      fc.property(fc.oneof(wrong, any), (bytes) => {
        try {
          expect(decodeProtobuf(bytes, 'V1Pod')).toBeTypeOf('object');
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('case Q4: requests in protobuf', () => {
  let server: TestServer;
  let ask: Ask;
  beforeAll(async () => {
    server = await startTestServer();
    ask = clientOf(server);
  });
  afterAll(() => server.close());
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
  const send = (method: string, path: string, hex: string) =>
    ask(method, path, { bytes: Buffer.from(hex, 'hex'), headers });
  const core = '/api/v1/namespaces/default';

  it('makes a ConfigMap and deletes it with DeleteOptions', async () => {
    const made = await send(
      'POST',
      `${core}/configmaps`,
      '6b3873000a0f0a0276311209436f6e6669674d617012080a060a047062636d',
    );
    expect(made.status).toBe(201);
    const options = '6b3873000a130a027631120d44656c6574654f7074696f6e73120c220a4261636b67726f756e64';
    expect((await send('DELETE', `${core}/configmaps/pbcm`, options)).status).toBe(200);
    expect((await ask('GET', `${core}/configmaps/pbcm`)).status).toBe(404);
  });

  it('makes an Ingress', async () => {
    const made = await send(
      'POST',
      '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
      '6b3873000a1f0a146e6574776f726b696e672e6b38732e696f2f76311207496e677265737312170a060a04646f6f72120d0a0b22090a0377656212021050',
    );
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    });
  });

  it('makes a Pod with volumes, security and probes', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'copy', labels: { constructor: 'x' } },
      spec: {
        containers: [
          {
            name: 'a',
            image: 'busybox:1',
            volumeMounts: [{ name: 'v', mountPath: '/v' }],
            securityContext: { capabilities: { add: ['SYS_PTRACE'] }, runAsUser: 7 },
            readinessProbe: { httpGet: { path: '/x', port: 'http' }, periodSeconds: 3 },
          },
        ],
        volumes: [
          { name: 'v', configMap: { name: 'c', items: [{ key: 'k', path: 'p' }], defaultMode: 420 } },
        ],
      },
    };
    const made = await ask('POST', `${core}/pods`, { bytes: encodeProtobuf(pod, 'V1Pod'), headers });
    expect(made.status).toBe(201);
    const { spec } = made.body as unknown as typeof pod;
    expect(spec.volumes[0]).toEqual(pod.spec.volumes[0]);
    expect(spec.containers[0]).toMatchObject({
      ...pod.spec.containers[0],
      volumeMounts: expect.arrayContaining(pod.spec.containers[0]!.volumeMounts),
    });
  });

  it.each(['', '6b387300', '7b7d', '6b3873000aff', '6b38730008', '6b387300120508ffffffffff'])(
    'answers 400 or 422 to the bytes %s',
    async (hex) => {
      expect([400, 422]).toContain((await send('POST', `${core}/configmaps`, hex)).status);
      expect((await send('DELETE', `${core}/configmaps/none`, hex)).status).toBeLessThan(500);
      expect(server.faults).toEqual([]);
    },
  );
});
