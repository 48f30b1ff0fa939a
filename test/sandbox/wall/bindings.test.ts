import { expect, test } from 'vitest';
import { bindings, readMounts } from '../../../src/sandbox/wall/bindings.ts';

const mountinfo = `
43 1 254:0 / / rw,relatime - ext4 /dev/vda rw
44 43 0:25 / /usr ro,nodev,relatime - ext4 /dev/vdb ro
45 43 0:26 / /home/a\\040b rw,nosuid,nodev,noatime - ext4 /dev/vdc rw
`;
const look = {
  system: (path: string) => (path === '/lib' ? 'link' : path === '/usr' ? 'folder' : undefined) as 'link',
  target: () => 'usr/lib',
  real: (path: string) => path.replace(/^\/var\/run\//, '/run/'),
};

test('a read-only mount keeps the options that it has: in a user namespace the kernel lets nobody drop them', () => {
  const words = bindings(
    { root: '/s/root', readable: ['/home/a b/node'], writable: [] },
    readMounts(mountinfo),
    look,
  );
  expect(words.join(' ')).toContain('look /usr ro,nodev,relatime');
  expect(words.join(' ')).toContain('look /home/a b/node ro,nosuid,nodev,noatime');
});

test('a place that is reached through a link is there under both names', () => {
  const words = bindings(
    { root: '/s/root', readable: [], writable: ['/var/run/pods', '/run/pods'] },
    readMounts(mountinfo),
    look,
  );
  expect(words.slice(0, 1)).toEqual(['/s/root']);
  expect(words.join(' ')).toContain('link /lib usr/lib');
  expect(words.slice(-5)).toEqual(['bind', '/run/pods', 'link', '/var/run/pods', '/run/pods']);
});

test('what the system folders hold already is not mounted twice', () => {
  const words = bindings(
    { root: '/s/root', readable: ['/usr/bin/node'], writable: [] },
    readMounts(mountinfo),
    look,
  );
  expect(words).not.toContain('/usr/bin/node');
});
