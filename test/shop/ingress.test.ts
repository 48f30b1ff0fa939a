import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { shopFolder } from '../../src/shop/folder.ts';
import { certificatesOf, type Secret } from '../../src/shop/programs/ingress/certificates.ts';
import { type Ingress, routeOf, routesOf } from '../../src/shop/programs/ingress/routes.ts';
import { startProgram, stopAll } from './program.ts';

afterEach(stopAll);

const shipped = parseAllDocuments(readFileSync(join(shopFolder(), 'manifests', 'ingress.yaml'), 'utf8')).map(
  (document) => document.toJS(),
);
const www = shipped.find(({ kind }) => kind === 'Ingress') as Ingress;
const secrets: Secret[] = shipped
  .filter(({ kind }) => kind === 'Secret')
  .map(({ metadata, stringData }) => ({
    metadata,
    data: Object.fromEntries(
      Object.entries(stringData as Record<string, string>).map(([name, text]) => [
        name,
        Buffer.from(text).toString('base64'),
      ]),
    ),
  }));

function ingress(host: string | undefined, paths: [path: string, type: string, service: string][]): Ingress {
  return {
    metadata: { name: 'one' },
    spec: {
      rules: [
        {
          ...(host && { host }),
          http: {
            paths: paths.map(([path, pathType, name]) => ({
              path,
              pathType: pathType as 'Exact',
              backend: { service: { name, port: { number: 80 } } },
            })),
          },
        },
      ],
    },
  };
}

describe('the routes of Ingresses', () => {
  const routes = routesOf([
    ingress('www.example', [
      ['/', 'Prefix', 'all'],
      ['/prices', 'Prefix', 'prices'],
      ['/prices/today/', 'Prefix', 'today'],
      ['/prices', 'Exact', 'list'],
    ]),
    ingress(undefined, [['/status', 'Prefix', 'status']]),
  ]);
  const served = (host: string, path: string) => routeOf(routes, host, path)?.service;

  it('lead to the exact path, else to the longest one', () => {
    expect(served('www.example', '/prices')).toBe('list');
    expect(served('www.example', '/prices/')).toBe('prices');
    expect(served('www.example', '/prices/today')).toBe('today');
    expect(served('www.example', '/prices/tomorrow')).toBe('prices');
  });

  it('count whole parts of a path', () => {
    expect(served('www.example', '/pricelist')).toBe('all');
  });

  it('go by the host, with or without a port, and then by rules without one', () => {
    expect(served('WWW.example:8443', '/prices')).toBe('list');
    expect(served('other.example', '/prices')).toBeUndefined();
    expect(served('other.example', '/status')).toBe('status');
  });
});

describe('the certificates of Ingresses', () => {
  it('are those of the Secrets that they name, with the day on which they end', () => {
    const { certificates, problems } = certificatesOf([www], secrets);
    expect(problems).toEqual([]);
    expect(certificates).toMatchObject([{ host: 'www.shop.svc', secret: 'www-tls' }]);
    expect(certificates[0]!.expires).toBeGreaterThan(Date.parse('2050-01-01') / 1000);
  });

  it('are left out with the reason where a Secret is missing or is none', () => {
    expect(certificatesOf([www], []).problems).toEqual(['Secret www-tls: is not there']);
    const empty = { metadata: { name: 'www-tls' }, data: { 'tls.crt': '' } };
    expect(certificatesOf([www], [empty]).problems).toEqual(['Secret www-tls: has no tls.crt and tls.key']);
    const wrong = { metadata: { name: 'www-tls' }, data: { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' } };
    expect(certificatesOf([www], [wrong])).toEqual({
      certificates: [],
      problems: [expect.stringMatching(/^Secret www-tls: ./)],
    });
  });
});

describe('ingress', () => {
  it('answers 404 for what no Ingress names, and no handshake for a host without a certificate', async () => {
    const program = await startProgram('ingress', { TLS_PORT: '0' });
    const [plain, secure] = program.urls;
    expect((await fetch(plain!)).status).toBe(404);
    const { port } = new URL(secure!);
    const failed = await new Promise((resolve) =>
      request({ port, servername: 'www.shop.svc' }).once('error', resolve).end(),
    );
    expect(failed).toMatchObject({ code: expect.stringMatching(/SSL|EPROTO|ECONNRESET/) });
    expect(await program.metric('nginx_ingress_controller_requests', { status: '404', host: '_' })).toBe(1);
    expect(program.lines.find(({ msg }) => msg === 'cluster not read')?.error).toContain('in a pod');
  });
});
