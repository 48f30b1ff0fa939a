import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import { openPlaybook } from '../../src/game/open-playbook.ts';
import type { AlertEpisode } from '../../src/log/alert-episodes.ts';
import { packageRoot } from '../../src/paths.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';
import { runbookOf } from '../../src/signal/annotations.ts';
import { playbookLines } from '../../src/tui/playbook-lines.ts';

const file = join(packageRoot, 'playbooks/latency-without-a-deploy.yaml');
const playbook = parsePlaybook(parseSource(file, readFileSync(file, 'utf8')).document!).playbook!;
const culprit = 'job.batch/batch/report-export';
const scenario = {
  playbook: { name: playbook.name, with: { service: 'checkout', namespace: 'shop', culprit } },
  diagnosis: { origin: culprit, accept: [], mechanism: 'load' },
};
const firing = (change: Partial<AlertEpisode> = {}): AlertEpisode => ({
  key: 'a',
  name: 'CheckoutLatencyHigh',
  labels: { severity: 'critical' },
  annotations: { summary: 'Quotes take 2.1 s', runbook_url: `https://runbooks.example/${playbook.name}` },
  state: 'firing',
  background: false,
  activeAt: 0,
  receivers: [],
  pendingAt: 0,
  ...change,
});
const open = (alerts: AlertEpisode[], with_: Record<string, string> = scenario.playbook.with) =>
  openPlaybook(playbook.name, {
    playbook,
    scenario: { ...scenario, playbook: { ...scenario.playbook, with: with_ } },
    alerts,
  });

describe('a playbook that is opened in a game', () => {
  it('has its roles bound, but for what is to be found', () => {
    const opened = open([firing()]);
    const text = playbookLines(opened, 100)
      .map((line) => line.text)
      .join('\n');
    expect(text).toContain('Quotes take 2.1 s');
    expect(text).toContain('$ kubectl -n shop rollout history deployment/checkout');
    expect(text).toContain('<culprit>');
    expect(text).not.toMatch(/report-export|\$\{/);
  });

  it('names what the alert itself names', () => {
    const named = { ...scenario.playbook.with, service: 'report-export' };
    expect(JSON.stringify(open([firing()], named))).not.toContain('report-export');
    const labels = { job_name: 'report-export' };
    expect(JSON.stringify(open([firing({ labels })], named))).toContain('deployment/report-export');
  });

  it('is opened for an alert that it answers, linked or not, while that fires', () => {
    expect(open([firing({ annotations: {} })]).alerts).toEqual([{ name: 'CheckoutLatencyHigh' }]);
    const refused = (alerts: AlertEpisode[]) => () => open(alerts);
    expect(refused([])).toThrow('No firing alert links to the playbook');
    expect(refused([firing({ state: 'pending' })])).toThrow('No firing alert');
    expect(refused([firing({ name: 'Other', annotations: {} })])).toThrow('No firing alert');
  });

  it.each([
    ['https://runbooks.example/latency', 'latency'],
    ['https://runbooks.example/latency/#stop', 'latency'],
    ['docs/latency.md?plain=1', 'latency'],
    ['latency', 'latency'],
  ])('is known by the last part of its address: %s', (link, name) => {
    expect(runbookOf({ runbook_url: link })).toBe(name);
    expect(runbookOf({ runbook: link })).toBe(name);
  });
});
