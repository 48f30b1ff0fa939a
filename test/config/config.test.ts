import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseCluster } from '../../src/config/choose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { isQuiet, quietNow } from '../../src/config/quiet-hours.ts';
import type { QuietHours } from '../../src/config/schema.ts';
import { describeError } from '../../src/errors.ts';

/** The example of the design. */
const example = `apiVersion: misfortune/v1
kind: Config
scenarios: [./scenarios]
playbooks: [./playbooks]
clusters:
  staging:
    context: staging-eks               # of the kubeconfig
    namespaces: [shop, batch]          # must also carry the label misfortune.dev/game-days=allowed
    prometheus: { service: monitoring/prometheus-operated:9090 }   # through the API server; or url, headers, tokenFile
    alertmanager: { url: 'https://alerts.staging.example' }
    grafana: { url: 'https://grafana.staging.example', tokenFile: ~/.config/misfortune/grafana }
    limits: { minutes: 40, requestsPerSecond: 2000, workloads: 30%, nodes: 1 }
    quiet: [{ days: [sat, sun] }, { after: '17:30', zone: Asia/Jakarta }]
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
  mkdirSync(join(folder, 'deep', 'down'), { recursive: true });
  writeFileSync(join(folder, 'misfortune.yaml'), example);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('misfortune.yaml', () => {
  it('as the design has it is found from below and read whole', async () => {
    const { config, file, problems } = await loadConfig({ cwd: join(folder, 'deep', 'down') });
    expect(problems).toEqual([]);
    expect(file).toBe(join(folder, 'misfortune.yaml'));
    expect(config.scenarios.at(-1)).toBe(join(folder, 'scenarios'));
    expect(config.clusters.staging).toMatchObject({
      prometheus: { service: 'monitoring/prometheus-operated:9090' },
      grafana: { tokenFile: join(homedir(), '.config/misfortune/grafana') },
      limits: { minutes: 40, workloads: { percent: 30 }, nodes: { count: 1 } },
    });
  });

  it('names rulers with their tenants, and annotations of the team’s own', async () => {
    const file = join(folder, 'rulers.yaml');
    const rulers = `
      - { url: 'https://mimir.example/prometheus', name: metrics, headers: { X-Scope-OrgID: team-a } }
      - { service: loki/loki-gateway:80, language: logql, tokenFile: loki-token }`;
    const more = `    rulers:${rulers}\n    annotations: { runbook: [wiki] }\n`;
    writeFileSync(file, example + more);
    const { config, problems } = await loadConfig({ file });
    expect(problems).toEqual([]);
    expect(config.clusters.staging).toMatchObject({
      rulers: [
        { name: 'metrics', headers: { 'X-Scope-OrgID': 'team-a' } },
        { service: 'loki/loki-gateway:80', tokenFile: join(folder, 'loki-token') },
      ],
      annotations: { runbook: ['wiki'], dashboard: [] },
    });
    writeFileSync(file, example + more.replace("url: 'https://mimir.example/prometheus', ", ''));
    expect((await loadConfig({ file })).problems.map(({ code }) => code)).toEqual(['bad-endpoint']);
  });

  it('that is not there leaves our own scenarios and no cluster but the sandbox', async () => {
    const loaded = await loadConfig({ cwd: tmpdir() });
    expect(loaded.config.clusters).toEqual({});
    expect(loaded.config.scenarios).toHaveLength(1);
    expect(() => chooseCluster(loaded, 'staging')).toThrow(
      expect.objectContaining({ code: 'no-config', exitCode: 3 }),
    );
  });

  it.each([
    [
      'an unknown key',
      ['namespaces:', 'namespace:'],
      /Unknown key "namespace" in clusters\.staging\.\n {2}Did you mean "namespaces"\?/,
    ],
    [
      'both url and service',
      ['prometheus: { service', 'prometheus: { url: https://x.example, service'],
      /either url or service/,
    ],
    [
      'a URL that is none',
      ["'https://alerts.staging.example'", 'alerts'],
      /for clusters\.staging\.alertmanager\.url, got "alerts"/,
    ],
    ['a zone that is not there', ['Asia/Jakarta', 'Asia/Jakata'], /13:59: Expected a time zone/],
    ['a time of day that is none', ["'17:30'", "'25:30'"], /time of day/],
    ['a share above all', ['30%', '130%'], /clusters\.staging\.limits\.workloads/],
  ] as [string, [string, string], RegExp][])('is refused with %s', async (_, [from, to], message) => {
    const file = join(folder, 'other.yaml');
    expect(example).toContain(from);
    writeFileSync(file, example.replace(from, to));
    const { problems, config } = await loadConfig({ file });
    expect(problems.map(describeError).join('\n')).toMatch(message);
    expect(config.clusters).toEqual({});
  });

  it.each([
    ['webhook: https://chat.example/hidden', /Expected a mapping for .*webhook, got something else\./],
    ['webhook: { url: chat.example/hidden }', /Expected the http\(s\) URL of a webhook/],
    ['webhook: { url: [https://chat.example/hidden] }', /Expected a text for .*url, got something else\./],
    ['webhook: {}', /Expected either url or urlFile\./],
    ['webhook: { urlFile: w }, template: { text: hidden }', /Expected \$\{text\} somewhere/],
    ["webhook: { urlFile: w }, template: { text: '${text} ${who}' }", /Unknown name "\$\{who\}"/],
  ])('is refused with announce: { %s }, and quotes no secret', async (announce, message) => {
    const file = join(folder, 'announce.yaml');
    writeFileSync(file, `${example}    announce: { ${announce} }\n`);
    const { problems } = await loadConfig({ file });
    const said = problems.map(describeError).join('\n');
    expect(said).toMatch(message);
    expect(said).not.toContain('hidden');
  });

  it('finds the file with the URL of a webhook beside itself or at home', async () => {
    const file = join(folder, 'announce.yaml');
    writeFileSync(file, `${example}    announce: { webhook: { urlFile: ./webhook } }\n`);
    const { config, problems } = await loadConfig({ file });
    expect(problems).toEqual([]);
    expect(config.clusters.staging?.announce).toEqual({
      webhook: { urlFile: join(folder, 'webhook') },
      template: { text: '${text}' },
    });
  });

  it('says which cluster was perhaps meant', async () => {
    const loaded = await loadConfig({ cwd: folder });
    expect(chooseCluster(loaded, 'staging').context).toBe('staging-eks');
    expect(() => chooseCluster(loaded, 'stagin')).toThrow(
      expect.objectContaining({ code: 'unknown-cluster', todo: 'Did you mean "staging"?' }),
    );
  });
});

describe('a quiet time', () => {
  const at = (iso: string) => Date.parse(iso);
  it.each([
    [{ days: ['sat', 'sun'], zone: 'UTC' }, '2026-11-22T12:00:00Z', true],
    [{ days: ['sat', 'sun'], zone: 'UTC' }, '2026-11-23T12:00:00Z', false],
    // 17:30 in Jakarta is 10:30 UTC.
    [{ after: '17:30', zone: 'Asia/Jakarta' }, '2026-11-23T10:29:00Z', false],
    [{ after: '17:30', zone: 'Asia/Jakarta' }, '2026-11-23T10:30:00Z', true],
    // Already Sunday in Jakarta while it is Saturday in UTC.
    [{ days: ['sun'], zone: 'Asia/Jakarta' }, '2026-11-21T17:00:00Z', true],
    [{ after: '22:00', before: '06:00', zone: 'UTC' }, '2026-11-23T03:00:00Z', true],
    [{ after: '22:00', before: '06:00', zone: 'UTC' }, '2026-11-23T12:00:00Z', false],
    [{ after: '12:00', before: '13:00', zone: 'UTC' }, '2026-11-23T12:30:00Z', true],
    [{ after: '12:00', before: '13:00', zone: 'UTC' }, '2026-11-23T13:00:00Z', false],
    // Midnight is 00:00, not 24:00.
    [{ before: '01:00', zone: 'UTC' }, '2026-11-23T00:00:00Z', true],
  ] as [QuietHours, string, boolean][])('%j at %s: %s', (quiet, time, wanted) => {
    expect(isQuiet(quiet, at(time))).toBe(wanted);
  });

  it('is told in words', () => {
    const quiet: QuietHours[] = [
      { days: ['sat'], zone: 'UTC' },
      { after: '17:30', zone: 'Asia/Jakarta' },
    ];
    expect(quietNow(quiet, at('2026-11-23T11:00:00Z'))).toBe('after 17:30 in Asia/Jakarta');
    expect(quietNow(quiet, at('2026-11-23T08:00:00Z'))).toBeUndefined();
  });
});
