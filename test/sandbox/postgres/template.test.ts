import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findPostgres, type Postgres } from '../../../src/postgres.ts';
import { copyTemplate, template } from '../../../src/sandbox/postgres/template.ts';

const found = findPostgres();
const folder = mkdtempSync(join(tmpdir(), 'templates-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf('missing' in found)(
  'two who want a template at a time get the same one, and what a killed process left is removed',
  { timeout: 120_000 },
  async () => {
    // No process has this number: Linux gives out 4194304 at most (man 5 proc, pid_max).
    const abandoned = join(folder, 'draft-99999999-0');
    mkdirSync(join(abandoned, 'base'), { recursive: true });
    const both = await Promise.all([1, 2].map(() => template(found as Postgres, folder)));
    expect(both[0]).toBe(both[1]);
    expect(existsSync(join(both[0]!, 'PG_VERSION'))).toBe(true);
    expect(readdirSync(folder)).toHaveLength(1);
  },
);

// Only root gives a file to somebody else.
test.skipIf(process.getuid?.() !== 0)(
  'a copy belongs to whom it is for, whoever owned the template',
  async () => {
    const [from, to] = [join(folder, 'of-another'), join(folder, 'copy')];
    mkdirSync(join(from, 'base'), { recursive: true });
    writeFileSync(join(from, 'base/1'), '');
    const another = { uid: 65_534, gid: 65_534 };
    chownSync(join(from, 'base/1'), another.uid, another.gid);
    const ownerOf = (path: string) => statSync(join(to, path)).uid;
    for (const [owner, uid] of [
      [undefined, 0],
      [another, another.uid],
    ] as const) {
      await copyTemplate(from, to, owner);
      expect(['.', 'base', 'base/1'].map(ownerOf)).toEqual([uid, uid, uid]);
    }
  },
);
