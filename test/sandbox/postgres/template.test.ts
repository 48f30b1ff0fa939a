import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findPostgres, type Postgres } from '../../../src/postgres.ts';
import { template } from '../../../src/sandbox/postgres/template.ts';

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
