import { packTar, type TarHeader } from 'modern-tar';
import { ready, type TestNode } from '../../sandbox/kubelet/node.ts';
import type { Bait } from './bait.ts';

/** An attempt from beside the program: exec, cp, volumes, port-forward. What was printed comes back. */
export interface OutsideAttempt {
  name: string;
  act(node: TestNode, bait: Bait): Promise<string>;
}

const shell = (name: string, script: (bait: Bait) => string): OutsideAttempt => ({
  name: `exec: ${name}`,
  act: async (node, bait) => {
    const { out, err } = await node.exec('box', 'sh', '-c', script(bait));
    return out + err.replaceAll(script(bait), '');
  },
});

/** An archive as `kubectl cp` sends it, unpacked; then everything in the container is printed. */
const archive = (name: string, entries: (bait: Bait) => Partial<TarHeader>[]): OutsideAttempt => ({
  name: `cp: ${name}`,
  act: async (node, bait) => {
    const list = entries(bait);
    const whole = list.map((entry, index) => {
      const body = index === list.length - 1 && entry.type !== 'symlink' ? 'gone' : '';
      const header = { name: 'x', type: 'file', mode: 0o777, ...entry, size: body.length } as const;
      return { header, body };
    });
    const { err } = await node.execWith(
      'box',
      Buffer.from(await packTar(whole)),
      ...['tar', '-xmf', '-', '-C', '/tmp'],
    );
    const { out } = await node.exec(
      'box',
      'sh',
      '-c',
      'find /tmp | while read x; do cat $x; done; rm -rf /tmp/*',
    );
    return out + err;
  },
});

let pods = 0;
/** A pod with these volumes at /data, whose program prints all that is there and writes to it. */
const volume = (
  name: string,
  source: (bait: Bait) => object,
  mount: (bait: Bait) => object = () => ({}),
  object?: (bait: Bait) => object,
): OutsideAttempt => ({
  name: `volume: ${name}`,
  act: async (node, bait) => {
    const pod = `v${++pods}`;
    try {
      if (object) node.api.create('configmaps', object(bait) as never);
      const program = `const fs = require('fs'); for (const name of fs.readdirSync('/data', { recursive: true })) try { console.log(fs.readFileSync('/data/' + name, 'utf8')); } catch {}
        for (const path of ['/data/key.json', '/data/../key.json', '/data']) try { fs.writeFileSync(path, 'gone'); } catch {}`;
      node.pod(pod, {
        command: ['node', '-e', program],
        volumeMounts: [{ name: 'data', mountPath: '/data', ...mount(bait) }],
        pod: { restartPolicy: 'Never', volumes: [{ name: 'data', ...source(bait) }] },
      });
    } catch (error) {
      return `refused: ${(error as Error).message.replaceAll(bait.secret, '')}`;
    }
    for (let tries = 0; tries < 40; tries++) {
      if (['Failed', 'Succeeded'].includes(node.get(pod)?.status?.phase)) return node.log(pod);
      if (node.events(pod).some((event) => event.includes('FailedMount'))) return node.events(pod).join('\n');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return node.events(pod).join('\n');
  },
});

const UP = '../'.repeat(14).slice(0, -1);
const configMap = (name: string, data: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});

export const OUTSIDE: readonly OutsideAttempt[] = [
  shell(
    'reads a file',
    ({ file }) => `cat ${file}; cat ..${UP}${file}; cat $(echo ${file}); head ${file}; grep . ${file}`,
  ),
  shell(
    'lists and searches folders',
    ({ folder, file }) =>
      `find ${folder} -type f -exec cat {} \\;; tar cf - ${file}; tar -C ${folder} -cf - .; cp ${file} /tmp/x && cat /tmp/x`,
  ),
  shell(
    'writes over a file',
    ({ file }) =>
      `echo gone > ${file}; echo gone >> ${UP}${file}; cp /etc/hosts ${file}; echo gone | tee ${file}; tar cf ${file} /etc/hosts`,
  ),
  shell(
    'deletes a folder',
    ({ folder }) => `rm -rf ${folder}; rm -rf /../..${folder}; rm -rf ${UP}${folder}`,
  ),
  shell(
    'reads and writes through a link of its own',
    ({ file }) =>
      `ln -s ${file} /tmp/l; cat /tmp/l; echo gone > /tmp/l; ln -s ${UP}${file} /tmp/m; cat /tmp/m; rm -f /tmp/l /tmp/m`,
  ),
  shell(
    'reads a script of the host',
    ({ file }) => `. ${file}; sh ${file}; while read x; do echo $x; done < ${file}`,
  ),
  shell(
    'talks to a port',
    ({ tcp }) =>
      `curl -sS -m 1 http://127.0.0.1:${tcp}/; wget -T 1 -qO- localhost:${tcp}; nc -z -w 1 127.0.0.1 ${tcp}; curl -m 1 http://[::1]:${tcp}; curl -m 1 http://0.0.0.0:${tcp}`,
  ),
  shell(
    'talks to a unix socket',
    ({ socket }) => `curl -sS -m 1 --unix-socket ${socket} http://x/; nc -U ${socket} < /dev/null`,
  ),
  shell(
    'sends a file and an address of another kind',
    ({ file, tcp }) =>
      `curl -m 1 file://${file}; curl -m 1 gopher://127.0.0.1:${tcp}/; curl -m 1 -d @${file} http://box/; curl -m 1 -T ${file} http://box/`,
  ),
  shell(
    'runs programs of the host',
    ({ file, folder }) =>
      `/bin/sh -c "echo gone > ${file}"; /usr/bin/env rm -rf ${folder}; node -e "require('fs').writeFileSync('${file}', 'gone')"; python3 -c 1; xargs rm -rf ${folder} < /dev/null; exec rm -rf ${folder}`,
  ),
  shell(
    'kills processes',
    ({ pid }) => `kill -9 ${pid}; kill -9 -${pid}; kill -9 -1; kill ${pid}; kill -USR1 ${pid}`,
  ),
  shell(
    'asks for the environment of a process',
    ({ pid }) => `cat /proc/${pid}/environ /proc/self/environ /proc/1/environ; ls /proc/${pid}/root`,
  ),
  archive('an archive whose name climbs', ({ file }) => [{ name: `${UP}${file}` }]),
  archive('an archive with an absolute name', ({ file }) => [{ name: file }]),
  archive('an archive with a link to a folder, and a file in it', ({ folder }) => [
    { name: 'out', type: 'symlink', linkname: folder },
    { name: 'out/key.json' },
  ]),
  archive('an archive with a link that climbs', ({ folder }) => [
    { name: 'up', type: 'symlink', linkname: `${UP}${folder}` },
    { name: 'up/key.json' },
  ]),
  archive('an archive with a link to a file, and the file', ({ file }) => [
    { name: 'l', type: 'symlink', linkname: file },
    { name: 'l' },
  ]),
  archive('an archive with a link that is read later', ({ file }) => [
    { name: 'l', type: 'symlink', linkname: file },
  ]),
  volume(
    'a key of a ConfigMap that climbs',
    () => ({ configMap: { name: 'climbs' } }),
    undefined,
    ({ file }) => configMap('climbs', { [`${UP}${file}`]: 'gone' }),
  ),
  volume(
    'a path of a ConfigMap’s item that climbs',
    ({ file }) => ({ configMap: { name: 'item', items: [{ key: 'a', path: `${UP}${file}` }] } }),
    undefined,
    () => configMap('item', { a: 'gone' }),
  ),
  volume('a path of a downward item that climbs', ({ file }) => ({
    downwardAPI: { items: [{ path: `${UP}${file}`, fieldRef: { fieldPath: 'metadata.name' } }] },
  })),
  volume('a path of a projected token that climbs', ({ file }) => ({
    projected: { sources: [{ serviceAccountToken: { path: `${UP}${file}` } }] },
  })),
  volume(
    'a subPath that climbs',
    () => ({ emptyDir: {} }),
    ({ folder }) => ({ subPath: `${UP}${folder}` }),
  ),
  volume(
    'an absolute subPath',
    () => ({ emptyDir: {} }),
    ({ folder }) => ({ subPath: folder }),
  ),
  volume(
    'a name of a volume that climbs',
    ({ folder }) => ({ name: `${UP}${folder}`, emptyDir: {} }),
    ({ folder }) => ({ name: `${UP}${folder}` }),
  ),
  volume('a folder of the node', ({ folder }) => ({ hostPath: { path: folder } })),
  {
    name: 'port-forward: to a port of the host',
    act: async (node, { tcp, mark }) => {
      await node.until('box', ready);
      return node.network.connect('localhost', tcp, node.get('box')!.status.podIP).then(
        () => mark,
        (error: Error) => error.message,
      );
    },
  },
  {
    name: 'API server: a Service without a selector whose endpoint is a port of the host',
    act: async (node, { tcp, mark }) => {
      const metadata = { name: `out${++pods}`, namespace: 'default' };
      node.api.create('services', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { ports: [{ port: 80, targetPort: tcp }] },
      } as never);
      try {
        node.api.create('endpoints', {
          apiVersion: 'v1',
          kind: 'Endpoints',
          metadata,
          subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: tcp }] }],
        } as never);
      } catch (error) {
        return (error as Error).message;
      }
      return node.network.connect(metadata.name, 80, node.get('box')!.status.podIP).then(
        () => mark,
        (error: Error) => error.message,
      );
    },
  },
];
