import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { follow, replaceKeys, tutorialSteps } from './tutorial.ts';

const steps = tutorialSteps(readFileSync(join(packageRoot, 'docs/write-a-scenario.md'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'tutorial-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** What needs a sandbox is in test/slow/e2e/tutorial.test.ts. */
describe('docs/write-a-scenario.md', () => {
  it('leads to a scenario and a playbook that lint, with nothing left to fill in', async () => {
    const sandbox = steps.findIndex((step) => 'run' in step && step.run.includes('sandbox start'));
    const printed = await follow(steps.slice(0, sandbox), folder, { MISFORTUNE_HOME: join(folder, 'state') });
    expect(printed).toMatch(/\d+ documents are fine\. Alerts, panels and objects were not looked up/);
    for (const kind of ['scenarios', 'playbooks'])
      expect(readFileSync(join(folder, kind, 'slow-quotes.yaml'), 'utf8')).not.toContain('TODO');
    // Whole commands of their own processes: seconds on a quiet machine, a minute on one that builds besides.
  }, 240_000);
});

describe('a block that replaces keys', () => {
  const text =
    '# first\napiVersion: v1\n# TODO: a\n# TODO: b\ntitle: old\nlist:\n  # TODO: c\n  - 1\n# TODO: d\nend: 1\n';

  it('replaces each with the TODO lines above it, and nothing else', () => {
    expect(replaceKeys(text, 'title: new\nlist: []\n')).toBe(
      '# first\napiVersion: v1\ntitle: new\nlist: []\n# TODO: d\nend: 1\n',
    );
  });

  it('has to find its keys', () => {
    expect(() => replaceKeys(text, 'titel: new\n')).toThrow('titel');
  });
});
