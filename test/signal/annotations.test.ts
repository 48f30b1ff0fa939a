import { describe, expect, it } from 'vitest';
import {
  dashboardLink,
  isLinkTo,
  runbookLink,
  runbookOf,
  withUsualNames,
} from '../../src/signal/annotations.ts';

describe('the runbook of an alert', () => {
  it.each([
    ['runbook_url', 'https://wiki.example/runbooks/slow-checkout'],
    ['runbook', 'slow-checkout'],
    ['runbookURL', 'https://git.example/ops/-/blob/main/slow-checkout.md#first-look'],
    ['runbook-url', 'https://wiki.example/slow-checkout/?version=3#top'],
    ['playbook', 'playbooks/slow-checkout.yaml'],
    ['playbook_url', 'https://wiki.example/slow-checkout.html'],
    ['RunbookLink', 'https://git.example/ops/slow-checkout/README.md'],
  ])('is found under %s, and named by the last part of its path: %s', (key, link) => {
    expect(runbookOf({ [key]: link, summary: 'It is slow' })).toBe('slow-checkout');
    expect(runbookLink({ [key]: link })).toBe(link);
  });

  it('is the usual name before the others, and not an empty one', () => {
    expect(runbookOf({ playbook: 'b', runbook_url: 'a' })).toBe('a');
    expect(runbookOf({ runbook_url: '', runbook: 'b' })).toBe('b');
    expect(runbookOf({ summary: 'https://wiki.example/a' })).toBeUndefined();
  });

  it('may be under a name of the team’s own, which comes first', () => {
    const names = { runbook: ['wiki'], dashboard: ['board'] };
    const annotations = { wiki: 'https://wiki.example/a', board: '/d/u1', runbook_url: 'b' };
    expect(runbookOf(annotations)).toBe('b');
    expect(runbookOf(withUsualNames(annotations, names))).toBe('a');
    expect(dashboardLink(withUsualNames(annotations, names))).toBe('/d/u1');
    expect(withUsualNames({ runbook_url: 'b' }, names)).toEqual({ runbook_url: 'b' });
  });
});

describe('the dashboard of an alert', () => {
  it.each<Record<string, string>>([
    { dashboard_url: 'https://grafana.example/d/u-1/checkout?orgId=1#top' },
    { dashboard: 'https://grafana.example/d/u-1#panel' },
    { dashboardURL: '/d/u-1?viewPanel=4' },
    { grafana: 'u-1' },
    { dashboard_checkout: 'https://grafana.example/d/u-1' },
    { __dashboardUid__: 'u-1', __panelId__: '4' },
  ])('is found in %o', (annotations) => {
    const link = dashboardLink(annotations) ?? '';
    expect(isLinkTo('u-1', link)).toBe(true);
    expect(isLinkTo('u', link)).toBe(false);
  });

  it('of a rule that Grafana manages shows the panel', () => {
    expect(dashboardLink({ __dashboardUid__: 'u-1', __panelId__: '4' })).toBe('/d/u-1?viewPanel=4');
    expect(dashboardLink({ __panelId__: '4' })).toBeUndefined();
  });
});
