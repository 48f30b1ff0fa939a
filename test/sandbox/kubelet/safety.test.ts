/** Destructive things, typed on purpose or by mistake: none may touch anything outside the pod. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTar, type TarHeader } from 'modern-tar';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ready, startTestNode, type TestNode } from './node.ts';

let node: TestNode;
let home: string;
let key: string;
let bystander: Server;
let hits = 0;
const SECRET = 'the private key of somebody';

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  key = join(home, 'id_ed25519');
  writeFileSync(key, SECRET);
  bystander = createServer((_, response) => {
    hits++;
    response.end(SECRET);
  });
  await new Promise<void>((resolve) => bystander.listen(0, '127.0.0.1', resolve));
  node = await startTestNode();
  node.pod('box', { image: 'node:20', command: ['node', '-e', 'setInterval(() => {}, 1000)'] });
  await node.until('box', ready);
});
afterAll(async () => {
  await node.close();
  await new Promise((resolve) => bystander.close(resolve));
  rmSync(home, { recursive: true, force: true });
});

const hostPort = (): number => (bystander.address() as AddressInfo).port;
const intact = (): void => {
  expect(readFileSync(key, 'utf8')).toBe(SECRET);
  expect(hits).toBe(0);
};

test.each([
  ['deletes a home folder', () => `rm -rf ${home}; rm -rf /../..${home}; rm -rf ~ / 2>/dev/null; true`],
  [
    'reads a key',
    () => `cat ${key}; cat ../../../../../..${key}; cat $(echo ${key}); ls ${home}; find / -name 'id_*'`,
  ],
  [
    'writes over a file',
    () => `echo gone > ${key}; echo gone > ../../../../../../..${key}; cp /etc/hosts ${key}`,
  ],
  ['kills everything', () => `kill -9 -1; kill -9 ${process.pid}; kill -9 1; kill -9 0`],
  ['forks without end', () => 'bomb="sh -c \\"\\$bomb\\" & sh -c \\"\\$bomb\\""; export bomb; sh -c "$bomb"'],
  ['loops without end', () => 'for i in 1 2 3 4 5 6 7 8; do (while true; do :; done) & done; echo started'],
  ['recurses without end', () => `x='eval "$x"'; eval "$x"`],
  [
    'fills the disk',
    () =>
      'x=0123456789abcdef; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do x=$x$x; done; echo $x > /tmp/x',
  ],
  [
    'packs files of the host',
    () =>
      `tar cf - ${key}; tar cf - ../../../../../..${key}; tar -C ${home} -cf - .; tar cf ${key} /etc/hosts`,
  ],
  [
    'talks to a port of the host',
    () =>
      `curl -sS http://127.0.0.1:${hostPort()}/; wget -qO- localhost:${hostPort()}; nc -z 127.0.0.1 ${hostPort()}`,
  ],
  [
    'runs programs of the host',
    () =>
      `/bin/rm -rf ${home}; /usr/bin/node -e 1; python3 -c 1; bash -c "rm -rf ${home}"; exec rm -rf ${home}`,
  ],
])('exec: a shell that %s', async (_, script) => {
  const { out } = await node.exec('box', 'sh', '-c', script());
  expect(out).not.toContain(SECRET);
  intact();
  expect((await node.exec('box', 'echo', 'alive')).out).toBe('alive\n');
});

/** An archive as an attacker would write it, unpacked as `kubectl cp` does. */
const unpack = async (
  entries: Partial<TarHeader>[],
  content = '',
): Promise<{ out: string; err: string; exitCode: number }> => {
  const archive = await packTar(
    entries.map((entry, index) => ({
      header: { name: 'x', type: 'file', mode: 0o777, size: 0, ...entry },
      body: index === entries.length - 1 ? content : '',
    })),
  );
  return node.execWith('box', Buffer.from(archive), 'tar', '-xmf', '-', '-C', '/tmp');
};

test.each<[string, () => Partial<TarHeader>[]]>([
  ['climbs out by its name', () => [{ name: `../../../../../../../../..${key}` }]],
  ['has an absolute name', () => [{ name: key }]],
  [
    'writes through a link to a folder of the host',
    () => [{ name: 'out', type: 'symlink', linkname: home }, { name: 'out/id_ed25519' }],
  ],
  [
    'writes through a link that climbs',
    () => [
      { name: 'up', type: 'symlink', linkname: `../../../../../../../..${home}` },
      { name: 'up/id_ed25519' },
    ],
  ],
  ['writes through a link to a file', () => [{ name: 'l', type: 'symlink', linkname: key }, { name: 'l' }]],
  [
    'writes through two links, each harmless',
    () => [
      { name: 'a/b/c/d', type: 'symlink', linkname: '../../../../../..' },
      { name: 'e', type: 'symlink', linkname: `a/b/c/d/..${home}` },
      { name: 'e/id_ed25519' },
    ],
  ],
])('cp: an archive that %s', async (_, entries) => {
  const list = entries();
  const last = { ...list.at(-1), size: 4 };
  await unpack([...list.slice(0, -1), last], 'gone');
  intact();
  expect((await node.exec('box', 'sh', '-c', 'find / | while read x; do cat $x; done')).out).not.toContain(
    SECRET,
  );
});

test('cp: a program that moves an unpacked link up still reads nothing of the host', async () => {
  const climb = '../'.repeat(12).slice(0, -1);
  const source = `
    const fs = require('fs');
    fs.renameSync('/tmp/p/q/r/s', '/s');
    for (const path of ['/s/link', '/s/../s/link']) {
      try { console.log(fs.readFileSync(path, 'utf8')); } catch (error) { console.log(error.code); }
    }`;
  node.pod('mover', {
    command: [
      'node',
      '-e',
      `setInterval(() => { if (require('fs').existsSync('/tmp/go')) { ${source}; process.exit(0) } }, 50)`,
    ],
    pod: { restartPolicy: 'Never' },
  });
  await node.until('mover', ready);
  const archive = await packTar([
    { header: { name: 'p/q/r/s/link', type: 'symlink', mode: 0o777, size: 0, linkname: `${climb}${key}` } },
    { header: { name: 'go', size: 0 } },
  ]);
  await node.execWith('mover', Buffer.from(archive), 'tar', '-xmf', '-', '-C', '/tmp');
  await node.until('mover', ({ status }) => status?.phase === 'Succeeded');
  expect(await node.log('mover')).toBe('ENOENT\nENOENT\n');
  intact();
});

/** Each prints what it managed to do; a throw is what we want. */
const PROGRAMS: Record<string, () => string> = {
  'deletes a home folder': () => `require('fs').rmSync(${JSON.stringify(home)}, { recursive: true })`,
  'reads a key': () => `console.log(require('fs').readFileSync(${JSON.stringify(key)}, 'utf8'))`,
  'reads a key through a link': () =>
    `const fs = require('fs'); fs.symlinkSync(${JSON.stringify(key)}, '/tmp/l'); console.log(fs.readFileSync('/tmp/l', 'utf8'))`,
  'writes over a file': () => `require('fs').writeFileSync(${JSON.stringify(key)}, 'gone')`,
  'starts programs': () => `require('child_process').execSync('rm -rf ${home}')`,
  'starts threads': () => `new (require('worker_threads').Worker)('1', { eval: true })`,
  'kills everything': () => `process.kill(${process.pid}, 'SIGKILL')`,
  'kills everything at once': () => `process.kill(-1, 'SIGKILL')`,
  'loads native code': () => `process.dlopen({ exports: {} }, '/tmp/x.node')`,
  'reaches for internals': () => `process.binding('tcp_wrap')`,
  'sends datagrams': () => `require('dgram').createSocket('udp4')`,
  'opens a port of the host by its handle': () =>
    `const h = require('net')._createServerHandle('0.0.0.0', 0, 4); if (typeof h === 'number') throw new Error('denied')`,
  'writes a report elsewhere': () =>
    `process.report.writeReport(${JSON.stringify(join('/', 'tmp', 'report.json'))})`,
  'opens a database file': () =>
    `new (require('node:sqlite').DatabaseSync)(${JSON.stringify(join(home, 'x.db'))}).exec('create table t (a)')`,
  'becomes another program': () => `process.execve('/bin/rm', ['rm', '-rf', ${JSON.stringify(home)}])`,
  'opens the inspector': () => `require('inspector').open(0)`,
};

test.each(Object.entries(PROGRAMS))('run: a program that %s', async (name, source) => {
  const pod = `p${Object.keys(PROGRAMS).indexOf(name)}`;
  node.pod(pod, {
    command: ['node', '-e', `${source()}; console.log(['did', 'it'].join(' '))`],
    pod: { restartPolicy: 'Never' },
  });
  const over = await node.until(pod, ({ status }) => ['Failed', 'Succeeded'].includes(status?.phase));
  const log = await node.log(pod);
  expect(log).not.toContain('did it');
  expect(log).not.toContain(SECRET);
  expect(over.status.phase).toBe('Failed');
  intact();
});

test('run: a program reaches no port of the host, and opens none that others reach', async () => {
  const source = `
    const http = require('http');
    http.createServer((_, response) => response.end('mine')).listen(8080, '0.0.0.0', async () => {
      const say = (url) => fetch(url).then((it) => it.text(), (error) => error.cause.code);
      console.log(await say('http://127.0.0.1:${hostPort()}/'), await say('http://[::1]:${hostPort()}/'));
      console.log(await say('http://127.0.0.1:8080/'), await say('http://example.com/'));
      process.exit(0);
    });`;
  node.pod('net', { command: ['node', '-e', source], pod: { restartPolicy: 'Never' } });
  await node.until('net', ({ status }) => status?.phase === 'Succeeded');
  expect(await node.log('net')).toBe('ECONNREFUSED ECONNREFUSED\nmine ENOTFOUND\n');
  intact();
  const reached = await new Promise((resolve) => {
    const socket = connect(8080, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  });
  expect(reached).toBe(false);
});

test('an environment of the host does not reach a pod', async () => {
  const { out } = await node.exec('box', 'env');
  expect(out).not.toMatch(/CONTAINER_SETTINGS|VITEST|npm_|misfortune/i);
  node.pod('env', {
    command: ['node', '-p', 'Object.keys(process.env).join()'],
    pod: { restartPolicy: 'Never' },
  });
  await node.until('env', ({ status }) => status?.phase === 'Succeeded');
  expect(await node.log('env')).toMatch(/^PATH,HOSTNAME,HOME,NODE_VERSION,KUBERNETES_|^[A-Z_0-9,]+$/m);
  // What the runtime sets for Node's own sake.
  expect(await node.log('env')).not.toContain('MALLOC');
  expect(existsSync(key)).toBe(true);
});
