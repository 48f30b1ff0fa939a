import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pipe } from '../../../src/sandbox/runtime/shell/streams.ts';
import { ready, startTestNode, type TestNode } from './node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.close());

test('a shell at a terminal is attached to, left and attached to again', async () => {
  node.pod('shell', { image: 'busybox:1', command: ['sh'], stdin: true, tty: true });
  await node.until('shell', ready);
  const session = () => {
    const stdin = new Pipe();
    const gone = new AbortController();
    let text = '';
    const stdout = (chunk: Uint8Array): void => {
      text += Buffer.from(chunk).toString();
    };
    const io = { stdin, stdout, stderr: stdout, tty: true };
    const over = node.kubelet.attach(node.get('shell')!, 'app', io, gone.signal);
    return { type: (keys: string) => stdin.write(Buffer.from(keys)), seen: () => text, over, leave: gone };
  };
  const first = session();
  await expect.poll(first.seen).toContain('/ # ');
  first.type('x=kept; echo one-$x\r');
  await expect.poll(first.seen).toContain('one-kept\r\n');
  first.leave.abort();
  await first.over;
  const second = session();
  second.type('echo two-$x\r');
  await expect.poll(second.seen).toContain('two-kept\r\n');
  expect(first.seen()).not.toContain('two-kept');
  second.type('exit 4\r');
  expect(await second.over).toEqual({ exitCode: 0 });
  const last = () => node.get('shell')?.status?.containerStatuses[0].lastState.terminated?.exitCode;
  await expect.poll(last).toBe(4);
});

test('a container that waits for input is still ended', async () => {
  node.pod('waiting', { image: 'busybox:1', command: ['cat'], stdin: true });
  await node.until('waiting', ready);
  node.api.delete('pods', 'default', 'waiting', { gracePeriodSeconds: 1 });
  await expect.poll(() => node.get('waiting'), { timeout: 5000 }).toBeUndefined();
});
