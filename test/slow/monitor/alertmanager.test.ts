import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAlertmanagerConfig } from '../../../src/sandbox/monitor/alertmanager/config.ts';
import { routesFor } from '../../../src/sandbox/monitor/alertmanager/route.ts';
import { LabelSet } from '../../../src/sandbox/monitor/tsdb/labels.ts';
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

  const { route } = readAlertmanagerConfig(CONFIG, 'alertmanager.yml', 1);
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
      }
    },
  );
});
