import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { measureSender } from '../../../../src/fault/types/load/measure.ts';
import { program } from '../../../../src/paths.ts';

const file = (name: string) => program(`programs/${name}.cjs`);
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** Runs a sender against a server on loopback; `onRequest` may stop it. */
async function run(name: string, env: Record<string, string>, onRequest?: (child: ChildProcess) => void) {
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers);
    onRequest?.(child);
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/quote`;
  const child = spawn(process.execPath, [file(name)], { env: { TARGET_URL: target, ...env } });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  server.closeAllConnections();
  server.close();
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { code, headers, text, last: lines.at(-1) };
}

describe('the sender with a rate', () => {
  it('shares a rate that rises among its replicas: in all as many as the straight line says', async () => {
    const plan = { perSecond: 300, rampSeconds: 1, replicas: 3, durationSeconds: 2, answerMs: 20 };
    const measured = await measureSender({ program: file('sender-rate'), ...plan });
    expect(measured).toMatchObject({ due: 450, sent: 450, unsent: 0, answered: 450 });
  });

  it.each([
    [100, 20],
    [500, 1000],
    [500, 5000],
  ])('sends %i requests a second to a server that takes %i ms', async (perSecond, answerMs) => {
    const measured = await measureSender({
      program: file('sender-rate'),
      perSecond,
      answerMs,
      durationSeconds: 1,
    });
    expect(measured).toMatchObject({
      due: perSecond,
      sent: perSecond,
      unsent: 0,
      failed: 0,
      answered: perSecond,
    });
    expect(measured.latencyMs.p50).toBeGreaterThanOrEqual(answerMs);
    // How late it is on a busy machine is a matter of the benchmark; that nothing is left out is a law.
    expect(measured.latencyMs.p50).toBeGreaterThanOrEqual(measured.lateMs.p50);
  });

  it('accounts for every request that was due, whether or not this machine can keep up', async () => {
    const plan = { perSecond: 2000, durationSeconds: 1, answerMs: 20 };
    const { due, sent, unsent, answered, failed, pending } = await measureSender({
      program: file('sender-rate'),
      ...plan,
    });
    expect(due).toBe(2000);
    expect(sent + unsent).toBe(due);
    expect(answered + failed + pending).toBe(sent);
    expect(answered).toBeGreaterThan(0);
  });

  it('prints a summary when it is told to stop, and does not end as if it were done', async () => {
    const env = { PER_SECOND: '50', DURATION_SECONDS: '600' };
    const { code, last } = await run('sender-rate', env, (child) => child.kill('SIGTERM'));
    expect(code).toBe(143);
    expect(last.msg).toBe('finished');
    expect(last.due).toBeLessThan(600 * 50);
  });

  it('says what is wrong with its settings', async () => {
    const { code, last } = await run('sender-rate', { PER_SECOND: 'many' });
    expect(code).toBe(1);
    expect(last.error).toBe('Expected PER_SECOND to be a number >= 0, got "many".');
  });
});

describe('the sender with connections', () => {
  it('keeps its connections busy until its end, and prints what was answered', async () => {
    const { code, last } = await run('sender-connections', { CONNECTIONS: '2', DURATION_SECONDS: '1' });
    expect(code).toBe(0);
    expect(last.answered).toBeGreaterThan(10);
    expect(last.failed).toBe(0);
  });

  it('does not end as if it were done when it is told to stop', async () => {
    const env = { CONNECTIONS: '2', DURATION_SECONDS: '600' };
    const { code, last } = await run('sender-connections', env, (child) => child.kill('SIGTERM'));
    expect(code).toBe(143);
    expect(last.msg).toBe('finished');
  });
});

describe('both senders', () => {
  const telling =
    /\b(load|attack|chaos|fault|misfortune|haymaker|autocannon|flood|benchmark\w*|stress|scenario)\b/i;

  it.each([
    ['sender-rate', { PER_SECOND: '20', DURATION_SECONDS: '0.5' }],
    ['sender-connections', { CONNECTIONS: '1', DURATION_SECONDS: '1' }],
  ])('%s sends no identity, and nothing it prints or is made of tells what it is for', async (name, env) => {
    const { headers, text } = await run(name, env);
    expect(headers.length).toBeGreaterThan(0);
    for (const sent of headers)
      expect(Object.keys(sent).filter((header) => !/^(host|connection)$/.test(header))).toEqual([]);
    expect(text).not.toMatch(telling);
    // One entry of the list of media types remains.
    expect(readFileSync(file(name), 'utf8').replaceAll('application/load-control', '')).not.toMatch(telling);
  });
});
