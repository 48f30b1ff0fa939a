import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCertificates } from '../../src/sandbox/apiserver/certificates.ts';
import { startProgram, stopAll, until } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'probe-'));
const caFile = join(folder, 'ca.crt');
let server: Server;
let status = 200;
let target: string;

beforeAll(async () => {
  const { caPem, certPem, keyPem } = await createCertificates();
  writeFileSync(caFile, caPem);
  server = createServer({ cert: certPem, key: keyPem }, (_request, response) => {
    response.writeHead(status).end('a page');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = `https://localhost:${(server.address() as AddressInfo).port}/`;
});
afterEach(stopAll);
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (env: Record<string, string>) =>
  startProgram('probe', { TARGETS: target, EVERY_MS: '50', ...env });

describe('probe', () => {
  it('succeeds on a page with a certificate that is trusted, and tells when that ends', async () => {
    status = 200;
    const probe = await start({ CA_FILE: caFile });
    await until(async () => (await probe.metric('probe_success')) === 1, 'a success');
    expect(await probe.metric('probe_http_status_code')).toBe(200);
    expect(await probe.metric('probe_ssl_earliest_cert_expiry')).toBeGreaterThan(Date.now() / 1000);
  });

  it('fails on an error of the server, and says so once', async () => {
    status = 503;
    const probe = await start({ CA_FILE: caFile });
    await until(async () => (await probe.metric('probe_http_status_code')) === 503, 'the status');
    expect(await probe.metric('probe_success')).toBe(0);
    expect(probe.lines.filter(({ problem }) => problem === 'HTTP_503')).toHaveLength(1);
  });

  it('fails on a certificate that is not trusted, and looks at it all the same', async () => {
    status = 200;
    const probe = await start({});
    await until(() => probe.lines.some(({ problem }) => problem !== undefined), 'a problem');
    expect(await probe.metric('probe_success')).toBe(0);
    expect(await probe.metric('probe_ssl_earliest_cert_expiry')).toBeGreaterThan(0);
  });
});
