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
])('sh -c %j', async (script, text, exitCode) => {
  expect(await sh(script)).toEqual({ text, exitCode });
});

test('a command that is not there cannot be started', async () => {
  const { error } = await node.exec('box', 'nope');
  expect(error).toContain('exec: "nope": executable file not found in $PATH');
});
