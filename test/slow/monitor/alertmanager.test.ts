import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAlertmanagerConfig } from '../../../src/alerting/config.ts';
import { destinationsOf } from '../../../src/alerting/destinations.ts';
import { routesFor } from '../../../src/alerting/route.ts';
import { LabelSet } from '../../../src/promql/series/labels.ts';
import { skipsWithout } from './installed.ts';

const CONFIG = `
route:
  receiver: root
  routes:
    - { matchers: ['owner="a"'], receiver: a }
    - matchers: ['owner=~"b|c.*"']
      receiver: b
      continue: true
      routes:
        - { matchers: ['severity!="page"', 'app!~"x.+"'], receiver: b-quiet }
        - { match: { severity: page }, receiver: b-page, continue: true }
        - { match_re: { app: 'x|y' }, receiver: b-app }
    - { matchers: ['severity="page"'], receiver: page }
    - { matchers: ['nosuch=""', 'app!=""'], receiver: any-app }
receivers: [{ name: root }, { name: a }, { name: b }, { name: b-quiet }, { name: b-page }, { name: b-app }, { name: page }, { name: any-app }]
`;
const OWNERS = ['', 'a', 'b', 'c', 'ccc', 'xb'];
const SEVERITIES = ['', 'page', 'warning'];
const APPS = ['', 'x', 'xy', 'y'];

describe('alerts are routed as by the real Alertmanager', () => {
  const skip = skipsWithout('amtool', 'prometheus-alertmanager');
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'real-routes-'));
    writeFileSync(join(folder, 'alertmanager.yml'), CONFIG);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const { route } = readAlertmanagerConfig(CONFIG);
  const foreign = readAlertmanagerConfig(CONFIG, { isForeign: true });
  test.skipIf(skip).each(OWNERS.flatMap((owner) => SEVERITIES.map((severity) => ({ owner, severity }))))(
    'owner "$owner", severity "$severity"',
    async ({ owner, severity }) => {
      for (const app of APPS) {
        const labels = LabelSet.from({ alertname: 'A', owner, severity, app });
        const args = [...labels].map(([name, value]) => `${name}=${value}`);
        const file = `--config.file=${join(folder, 'alertmanager.yml')}`;
        const { stdout } = await promisify(execFile)('amtool', ['config', 'routes', 'test', file, ...args]);
        const ours = routesFor(route, labels).map(({ receiver }) => receiver);
        expect(ours.join(',')).toBe(stdout.trim());
        const { destinations } = destinationsOf(foreign, labels.toJSON());
        expect(destinations.map(({ receiver }) => receiver).join(',')).toBe(stdout.trim());
      }
    },
  );
});

describe('matchers are read as by the real Alertmanager', () => {
  const skip = skipsWithout('amtool', 'prometheus-alertmanager');
  const folder = mkdtempSync(join(tmpdir(), 'real-matchers-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const matchers = [
    ...[
      'a=x',
      ' a = "x" ',
      '{a="x"}',
      '{a="x",b="y"}',
      'a="x",b!="y"',
      'a=x y',
      'a="x, y"',
      'a=~"x|y"',
      'a!~x.*',
    ],
    ...[
      'a="say \\"x\\""',
      'a="x\\\\y"',
      'a=~"x\\\\.y"',
      'a=~(?i)X',
      'a=""',
      'a!=""',
      'a=',
      'a="x\\.y"',
      'a="x\\ty"',
      'a=~"(?P<one>x)y?"',
    ],
  ];
  const alerts: Record<string, string>[] = [
    { a: 'x' },
    { a: 'x', b: 'y' },
    { a: 'x y' },
    { a: 'x, y' },
    { a: 'say "x"' },
    { a: 'x\\y' },
    { a: 'x.y' },
    { a: 'x\\.y' },
    { a: 'x\\ty' },
    { b: 'y' },
  ];
  test.skipIf(skip).each(matchers)('%s', async (text) => {
    const config = JSON.stringify({
      route: { receiver: 'root', routes: [{ matchers: [text], receiver: 'taken' }] },
      receivers: [{ name: 'root' }, { name: 'taken' }],
    });
    const file = join(folder, 'alertmanager.yml');
    writeFileSync(file, config);
    for (const labels of alerts) {
      const words = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      const args = ['config', 'routes', 'test', `--config.file=${file}`, ...words];
      const { stdout } = await promisify(execFile)('amtool', args);
      const { destinations } = destinationsOf(readAlertmanagerConfig(config), labels);
      expect([words, destinations.map(({ receiver }) => receiver).join(',')]).toEqual([words, stdout.trim()]);
    }
  });
});
