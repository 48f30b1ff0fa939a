import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lintPlaybooks } from '../../src/cli/commands/playbook/lint.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'playbook-lint-'));
  vi.stubEnv('MISFORTUNE_HOME', home);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** What `misfortune playbook lint` prints, without the folder's path, and its exit code. */
async function linted(files: string[], options: Parameters<typeof lintPlaybooks>[1] = {}) {
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  const before = process.exitCode;
  process.exitCode = 0;
  await lintPlaybooks(files, options).finally(() => spy.mockRestore());
  const code = process.exitCode;
  process.exitCode = before;
  return { text: text.replaceAll(`${home}/`, ''), code };
}

function file(name: string, text: string): string {
  const path = join(home, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const playbook = `apiVersion: misfortune/v1
kind: Playbook
name: own
title: A playbook of a team
answers: [CheckoutLatencyHigh]
steps:
  - id: look
    phase: triage
    say: If p95 is above 500 ms, look at it.
    run: misfortune dash shop-overview
    match: { dashboard: shop-overview }
  - id: read
    phase: diagnose
    after: [look]
    run: kubectl -n shop describe deployment checkout
    match: { kube: { verb: get, ref: deployment/shop/checkout } }
  - id: scale
    phase: mitigate
    after: [read]
    run: kubectl -n shop scale deployment checkout --replicas=4
    match: { kube: { verb: [patch, update], resource: deployments, paths: spec.replicas } }
`;

/** What is planted into the playbook, and what has to be said of it. */
const planted: [what: string, right: string, wrong: string, expected: string][] = [
  [
    'an alert',
    'CheckoutLatencyHigh',
    'CheckoutLatencyHgh',
    '5:11: There is no alert "CheckoutLatencyHgh".\n  Did you mean "CheckoutLatencyHigh"?',
  ],
  [
    'a dashboard',
    '{ dashboard: shop-overview }',
    '{ dashboard: shop-overvew }',
    '11:25: There is no dashboard "shop-overvew".\n  Did you mean "shop-overview"?',
  ],
  [
    'a panel',
    '{ dashboard: shop-overview }',
    '{ dashboard: shop-overview, panel: Checkuot p95 }',
    '11:47: There is no panel "Checkuot p95".',
  ],
  [
    'an object in a command',
    'describe deployment checkout',
    'describe deployment chekout',
    '15:10: The stack of the shop has no deployment/shop/chekout.\n  Did you mean "deployment/shop/checkout"?',
  ],
  [
    'an object in a matcher',
    'ref: deployment/shop/checkout',
    'ref: deployment/shop/chekout',
    '16:38: The stack of the shop has no deployment/shop/chekout.',
  ],
  [
    'a command',
    'kubectl -n shop scale',
    'kubectl -n shop scael',
    '20:10: kubectl has no "scael".\n  Did you mean "scale"?',
  ],
  [
    'a quote',
    'checkout --replicas=4',
    "'checkout --replicas=4",
    "20:10: The quote ' is opened and not closed.",
  ],
  ['a condition', 'If p95 is above 500 ms', 'If latency is high', '9:10: "If latency is high" has no number'],
  [
    'a matcher that is left out',
    '    match: { kube: { verb: [patch, update], resource: deployments, paths: spec.replicas } }',
    '    kind: manual',
    '20:10: Step scale has a command that the recorder sees, and no matcher',
  ],
  [
    'a matcher that fits nothing',
    'verb: [patch, update], resource',
    'verb: get, resource',
    '21:12: Nothing that is done fits the matcher of scale: paths asks for changed fields, and get changes none.',
  ],
  [
    'two surfaces at once',
    '{ dashboard: shop-overview }',
    '{ dashboard: shop-overview, kube: { verb: get } }',
    '14:13: Step read comes after look, which cannot be done: no action fits its matcher.',
  ],
  [
    'an unreachable step further on',
    '{ dashboard: shop-overview }',
    '{ dashboard: shop-overview, kube: { verb: get } }',
    '19:13: Step scale comes after read, which cannot be done: it waits for look.',
  ],
  [
    'a circle',
    'after: [look]',
    'after: [scale]',
    '14:12: Steps wait for each other: read after scale after read.',
  ],
  [
    'a step that is not there',
    'after: [look]',
    'after: [lok]',
    '14:13: There is no step "lok".\n  Did you mean "look"?',
  ],
];

describe('misfortune playbook lint FILE', () => {
  let found: Awaited<ReturnType<typeof linted>>;
  beforeAll(async () => {
    const files = planted.map(([, right, wrong], index) =>
      file(`case-${index}.yaml`, playbook.replace(right, wrong)),
    );
    found = await linted([...files, file('flawless.yaml', playbook)]);
  });

  it.each(planted.map((one, index) => [one[0], one[3], index] as const))('finds %s', (_, expected, index) => {
    expect(found.text).toContain(`case-${index}.yaml:${expected}`);
    expect(found.code).toBe(1);
  });

  it('finds nothing in a flawless playbook, and says where it looked', async () => {
    expect(found.text).not.toContain('flawless');
    expect(await linted([file('flawless.yaml', playbook)])).toEqual({
      text: "1 playbook and 0 alerts are fine.\nNo sandbox runs: alerts, dashboards and objects were looked up in the shop's files.\n",
      code: 0,
    });
  });

  it('prints each finding as JSON with its place', async () => {
    const path = file('own.yaml', playbook.replace('scale deployment', 'scael deployment'));
    expect(JSON.parse((await linted([path], { json: true })).text)).toMatchObject([
      { code: 'unknown-command', file: 'own.yaml', line: 20, column: 10 },
    ]);
  });

  it('refuses what is no playbook', async () => {
    await expect(linted([file('x.yaml', 'kind: Scenario\n')])).rejects.toThrow('Expected kind: Playbook');
  });
});

/** An annotation, and what has to be said of it; undefined: nothing. */
const links: [url: string, expected: string | undefined][] = [
  ['https://runbooks.shop.example/cache-misses', undefined],
  ['https://runbooks.shop.example/cache-misses#verify', undefined],
  [
    'https://runbooks.shop.example/cache-misses#verfy',
    '69: The runbook of Alert2 leads to "#verfy", and the playbook cache-misses has no such heading.\n  Did you mean "verify"?',
  ],
  [
    'https://runbooks.shop.example/cache-mises',
    '69: The runbook of Alert3 is nowhere: there is no playbook "cache-mises".\n  Did you mean "cache-misses"?',
  ],
  ['https://wiki.example/runbooks/Other', undefined],
  ['https://wiki.example/runbooks/{{ $labels.alertname }}.md', undefined],
  ['https://wiki.example/runbooks/other.md#diagnosis', undefined],
  [
    'https://wiki.example/runbooks/Other#diagnoses',
    '69: The runbook of Alert7 leads to "#diagnoses", and wiki/Other.md has no such heading.\n  Did you mean "diagnosis"?',
  ],
  [
    'https://wiki.example/runbooks/Othr',
    '69: The runbook of Alert8 is nowhere: the wiki\'s folder has no page for https://wiki.example/runbooks/Othr.\n  Did you mean "Other"?',
  ],
  ['https://wiki.example/runbooks/Stub', '69: The runbook of Alert9, wiki/Stub.md, is a stub'],
  ['https://other.example/x', undefined],
  ['', '18: The alert Alert11 has no runbook annotation.'],
  [
    'https://wiki.example/runbooks/100%',
    "70: The runbook of Alert12 is nowhere: the wiki's folder has no page for https://wiki.example/runbooks/100%.",
  ],
];

/** A rule file with an alert for each link. */
const rules = `groups:
  - name: g
    rules:
${links.map(([url], index) => `      - { alert: Alert${index}, expr: up == 0, annotations: { runbook_url: "${url}" } }`).join('\n')}
`;
const page = `# Other\n\n## Diagnosis\n\nLook at the pods: are they ready, since when, and on which node do they run?\n\n\`\`\`sh\nkubectl get pods -n shop\n\`\`\`\n`;

describe('where the runbook links of alerts lead', () => {
  let found: Awaited<ReturnType<typeof linted>>;
  beforeAll(async () => {
    file('wiki/Other.md', page);
    file('wiki/Alert5.md', page);
    symlinkSync(join(home, 'gone.md'), join(home, 'wiki/Gone.md'));
    file(
      'wiki/Stub.md',
      '# Stub\n\n## Diagnosis\n\nTODO: write all that one has to look at and what one has to do.\n',
    );
    const wiki = [`https://wiki.example/runbooks=${home}/wiki`];
    found = await linted([], { rules: [file('rules.yaml', rules)], wiki });
  });

  it.each(links.map(([url, expected], index) => [url, expected, index] as const))(
    '%s',
    (_, expected, index) => {
      const line = found.text.split(/\n(?! )/).find((one) => one.includes(`rules.yaml:${index + 4}:`));
      expect(line).toEqual(expected && expect.stringContaining(`rules.yaml:${index + 4}:${expected}`));
      expect(found.code).toBe(1);
    },
  );

  it('says which links it could not look at', () => {
    expect(found.text).toContain(
      'Not looked at: https://other.example/x. Map their wiki to a folder with --wiki URL=FOLDER.',
    );
  });

  it('all alerts of the shop lead to a playbook, and all our playbooks are fine', async () => {
    const { text, code } = await linted([]);
    expect(text).toMatch(/^37 playbooks and 61 alerts are fine\./);
    expect(code).toBe(0);
  });

  it.each([
    ['nowhere', 'Expected URL=FOLDER for --wiki, got "nowhere".'],
    ['https://x=./gone', 'Expected a folder of pages, got "./gone".'],
  ])('refuses --wiki %s', async (wiki, message) => {
    await expect(linted([], { wiki: [wiki] })).rejects.toThrow(message);
  });
});
