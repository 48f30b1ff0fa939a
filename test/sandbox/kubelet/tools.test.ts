import { packTar, type TarHeader } from 'modern-tar';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ready, startTestNode, type TestNode } from './node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
  node.pod('box', {
    image: 'localhost/busybox:1',
    command: ['sleep', '3600'],
    env: [{ name: 'GREETING', value: 'hello' }],
  });
  await node.until('box', ready);
});
afterAll(() => node.close());

const sh = async (script: string) => {
  const { out, err, exitCode } = await node.exec('box', 'sh', '-c', script);
  return { text: out + err, exitCode };
};

test.each([
  ['echo out; exit 7', 'out\n', 7],
  ['for i in 1 2 3; do echo line $i; done', 'line 1\nline 2\nline 3\n', 0],
  ['x=5; while [ $x -gt 3 ]; do echo $x; x=$((x - 1)); done', '5\n4\n', 0],
  ['echo "$GREETING" | tr a-z A-Z', 'HELLO\n', 0],
  ['echo one > /tmp/a; echo two >> /tmp/a; cat /tmp/a | wc -l', '2\n', 0],
  ['cat /nope', "cat: can't open '/nope': No such file or directory\n", 1],
  ['false || echo "a b" | cut -d" " -f2', 'b\n', 0],
  ['[ -e /tmp/none ] && echo yes; echo $?', '1\n', 0],
  ['echo $(hostname) `whoami`', 'box root\n', 0],
  ['set -e; false; echo never', '', 1],
  ['case abc in a*) echo A;; *) echo B;; esac', 'A\n', 0],
  ['touch /tmp/z1 /tmp/z2; cd /tmp; echo z*', 'z1 z2\n', 0],
  ["cat <<'E' | grep -c o\nfoo\nbar\nE", '1\n', 0],
  ['yes | head -n 2', 'y\ny\n', 0],
  ['nope', 'sh: nope: not found\n', 127],
  ['trap "echo bye" EXIT; exit 3', 'bye\n', 3],
  ['echo ${X:-default} ${GREETING%lo} ${#GREETING}', 'default hel 5\n', 0],
  ['printf "%s-%03d\\n" a 7', 'a-007\n', 0],
  ['echo a b | (read x y; echo $y)', 'b\n', 0],
  ['seq 3 -1 1 | sort -n | tail -n 1', '3\n', 0],
  ['seq 1 100000 | sort -rn | head -n 1', '100000\n', 0],
  ['printf "b 2\\na 10\\nc 1\\n" | sort -k2 -n', 'c 1\nb 2\na 10\n', 0],
  ['echo foo-bar-baz | grep -o "ba[rz]"', 'bar\nbaz\n', 0],
  ['echo A.B | grep -ci "a\\.b"', '1\n', 0],
  ['echo x | grep "("', "grep: bad regex '(': error parsing regexp: missing closing ): `(`\n", 2],
  ['seq 1 1000000000000 | head -n 2', '1\n2\n', 0],
  ['x=one.two.three; echo ${x##*.} ${x#*.} ${x%%.*} ${x%.*}', 'three two.three one one.two\n', 0],
])('sh -c %j', async (script, text, exitCode) => {
  expect(await sh(script)).toEqual({ text, exitCode });
});

test.each([
  ['grep', 'echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! | grep -E "(a+)+$"; echo $?', '1\n'],
  [
    'case',
    'case aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa in *a*a*a*a*a*a*a*a*a*a*b) echo yes;; *) echo no;; esac',
    'no\n',
  ],
  [
    'stripping',
    'x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; echo ${x##*a*a*a*a*a*a*a*a*a*b}',
    `${'a'.repeat(48)}\n`,
  ],
])('case Q12: %s with a pattern of many repetitions ends at once', async (_, script, text) => {
  expect(await sh(script)).toEqual({ text, exitCode: 0 });
});

test('case Q12: a command that computes without end takes no time from the node, and ends with its client', async () => {
  const gone = new AbortController();
  const io = { stdout: () => undefined, stderr: () => undefined, tty: false };
  const run = ['sh', '-c', 'yes | tr y z'];
  const endless = node.kubelet.exec(node.get('box')!, 'app', run, io, gone.signal);
  let longest = 0;
  for (let turns = 0; turns < 40; turns++) {
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    longest = Math.max(longest, performance.now() - began - 20);
  }
  gone.abort();
  expect(await endless).toEqual({ exitCode: 137 });
  expect(longest).toBeLessThan(250);
});

test('a command that is not there cannot be started', async () => {
  const { error } = await node.exec('box', 'nope');
  expect(error).toContain('exec: "nope": executable file not found in $PATH');
});

test('links that lead back to a folder above them are shown, copied and removed, never followed', async () => {
  const entry = (name: string, type: TarHeader['type'], linkname = '') => ({
    header: { name, type, mode: 0o777, size: 0, linkname },
  });
  const archive = await packTar([
    entry('knot/', 'directory'),
    entry('knot/deep/', 'directory'),
    entry('knot/deep/up', 'symlink', '..'),
    entry('knot/self', 'symlink', '.'),
    entry('knot/nowhere', 'symlink', 'gone'),
  ]);
  expect(await node.execWith('box', Buffer.from(archive), 'tar', '-xf', '-', '-C', '/tmp')).toMatchObject({
    exitCode: 0,
  });
  expect(await sh('find /tmp/knot; find /tmp/knot -type l | wc -l; du /tmp/knot')).toEqual({
    text: '/tmp/knot\n/tmp/knot/deep\n/tmp/knot/deep/up\n/tmp/knot/nowhere\n/tmp/knot/self\n3\n8\t/tmp/knot\n',
    exitCode: 0,
  });
  expect(await sh('cp -r /tmp/knot /tmp/copy && find /tmp/copy | wc -l')).toEqual({
    text: '5\n',
    exitCode: 0,
  });
  expect(await sh('rm -r /tmp/knot /tmp/copy && ls /tmp')).toEqual({
    text: expect.not.stringMatching(/knot|copy/),
    exitCode: 0,
  });
});
