import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { type Certificates, createCertificates } from '../../../src/sandbox/apiserver/certificates.ts';

let certificates: Certificates;
let folder: string;
let server: Server | undefined;
beforeAll(async () => {
  certificates = await createCertificates();
  folder = mkdtempSync(join(tmpdir(), 'connect-'));
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

async function listen(listener: RequestListener): Promise<string> {
  const { keyPem: key, certPem: cert } = certificates;
  server = createServer({ key, cert }, listener);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function kubeconfig(url: string, user: object = { token: 't' }, trusted = true): string {
  const ca = Buffer.from(certificates.caPem).toString('base64');
  const path = join(folder, 'kubeconfig');
  const cluster = { server: url, ...(trusted && { 'certificate-authority-data': ca }) };
  writeFileSync(
    path,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'here',
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
    }),
  );
  return path;
}

const quick = { connect: 500, request: 500 };

describe('connecting', () => {
  it('says that a file is not there', async () => {
    const missing = connect({ kubeconfig: join(folder, 'none') });
    await expect(missing).rejects.toMatchObject({ code: 'no-kubeconfig', exitCode: 2 });
  });

  it('says that a file is no kubeconfig', async () => {
    const path = join(folder, 'broken');
    writeFileSync(path, 'clusters: [\n');
    await expect(connect({ kubeconfig: path })).rejects.toMatchObject({ code: 'bad-kubeconfig' });
  });

  it('says which context was perhaps meant', async () => {
    const path = kubeconfig('https://127.0.0.1:1');
    await expect(connect({ kubeconfig: path, context: 'her' })).rejects.toMatchObject({
      code: 'unknown-context',
      todo: 'Did you mean "here"?',
    });
  });

  it('says that nobody listens', async () => {
    const url = await listen(() => {});
    const path = kubeconfig(url);
    server!.close();
    await expect(connect({ kubeconfig: path })).rejects.toMatchObject({
      code: 'cluster-unreachable',
      exitCode: 4,
    });
  });

  it('says that the certificate is not trusted', async () => {
    const url = await listen(() => {});
    const path = kubeconfig(url, { token: 't' }, false);
    await expect(connect({ kubeconfig: path })).rejects.toMatchObject({ code: 'untrusted-server' });
  });

  it('says that a web page came instead of Kubernetes’ JSON', async () => {
    const url = await listen((_, response) => {
      response.setHeader('content-type', 'text/html').end('<html>Log in</html>');
    });
    await expect(connect({ kubeconfig: kubeconfig(url) })).rejects.toMatchObject({ code: 'not-kubernetes' });
  });

  it('says that the credentials are refused', async () => {
    const url = await listen((_, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ kind: 'Status', message: 'Unauthorized', reason: 'Unauthorized', code: 401 }),
      );
    });
    await expect(connect({ kubeconfig: kubeconfig(url) })).rejects.toMatchObject({
      code: 'unauthorised',
      status: 401,
    });
  });

  it('gives up on a server that takes requests and never answers', async () => {
    const url = await listen(() => {});
    const silent = connect({ kubeconfig: kubeconfig(url), timeouts: quick });
    await expect(silent).rejects.toMatchObject({ code: 'cluster-timeout', outcomeUnknown: false });
  });

  it('says of a write without an answer that its outcome is not known', async () => {
    const url = await listen((request, response) => {
      if (request.method !== 'GET') return;
      response.setHeader('content-type', 'application/json');
      if (request.url === '/apis') response.end(JSON.stringify({ kind: 'APIGroupList', groups: [] }));
      else
        response.end(
          JSON.stringify({ kind: 'APIResourceList', groupVersion: 'v1', resources: [podResource] }),
        );
    });
    const cluster = await connect({ kubeconfig: kubeconfig(url), timeouts: quick });
    const write = cluster.patch({ kind: 'pods', namespace: 'a', name: 'b' }, 'merge', {});
    await expect(write).rejects.toMatchObject({ code: 'cluster-timeout', outcomeUnknown: true });
    const aborted = cluster.patch(
      { kind: 'pods', name: 'b' },
      'merge',
      {},
      {},
      AbortSignal.abort(new Error('enough')),
    );
    await expect(aborted).rejects.toThrow('enough');
    cluster.close();
  });

  it('asks an exec plug-in for a token, and again when it is refused', async () => {
    let refused = 0;
    const url = await listen((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.headers.authorization !== 'Bearer from-plug-in') {
        refused++;
        response.statusCode = 401;
        response.end('{}');
      } else if (request.url === '/apis') response.end(JSON.stringify({ kind: 'APIGroupList', groups: [] }));
      else
        response.end(
          JSON.stringify({ kind: 'APIResourceList', groupVersion: 'v1', resources: [podResource] }),
        );
    });
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plug-in' },
    };
    const script = `process.stdout.write(${JSON.stringify(JSON.stringify(credential))})`;
    const exec = { apiVersion: credential.apiVersion, command: process.execPath, args: ['-e', script] };
    const cluster = await connect({ kubeconfig: kubeconfig(url, { exec }) });
    expect((await cluster.kind({ kind: 'po' })).resource).toBe('pods');
    expect(refused).toBe(0);
    cluster.close();
  });
});

const podResource = { name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', shortNames: ['po'] };
