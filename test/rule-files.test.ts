import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ruleFilesIn } from '../src/rule-files.ts';

const rules = 'groups:\n  - name: shop\n    rules: []\n';
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rules-'));
  for (const folder of ['apps', 'node_modules/else', 'odd.yaml'])
    mkdirSync(join(home, folder), { recursive: true });
  for (const file of ['apps/shop.yaml', 'top.yml', 'node_modules/else/rules.yaml', 'apps/notes.md'])
    writeFileSync(join(home, file), rules);
  writeFileSync(join(home, 'apps/values.yaml'), 'replicas: 2\n');
  symlinkSync(join(home, 'gone.yaml'), join(home, 'link.yaml'));
});
afterAll(() => rmSync(home, { recursive: true }));

test('a folder gives the files of rules in it and below, and nothing else that a repository has', () => {
  expect(ruleFilesIn(home, 'rules')).toEqual([
    { path: 'rules/apps/shop.yaml', text: rules },
    { path: 'rules/top.yml', text: rules },
  ]);
});

test('a file is one, whatever its name; nothing where there is none', () => {
  expect(ruleFilesIn(join(home, 'apps/notes.md'), 'x')).toEqual([{ path: 'x', text: rules }]);
  expect(ruleFilesIn(join(home, 'nowhere'))).toEqual([]);
});
