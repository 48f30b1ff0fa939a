import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/paths.ts';
import { Place, startingMs } from './place.ts';
import { until } from './processes.ts';

const fixtures = join(packageRoot, 'test/fixtures/other-team');

let place: Place;
beforeAll(async () => {
  // At its own speed: to the commands this is a cluster of somebody's, not a sandbox of ours.
  place = new Place(1);
  const shopRules = join(place.home, 'shop-rules.yaml');
  writeFileSync(shopRules, (await place.run(['stack', 'rules'])).stdout);
  await place.startSandbox(['--rules', shopRules, join(fixtures, 'rules.yaml')]);
  kubectl('apply', '-f', join(fixtures, 'services.yaml'));
  for (const name of ['invoices', 'mailer', 'ledger'])
    kubectl('-n', 'billing', 'rollout', 'status', `deployment/${name}`, '--timeout=60s');
  await until('invoices are scraped', async () => {
    const url = `${place.sandbox().prometheus}/api/v1/query?query=billing:invoices_waiting:max`;
    const answer = (await (await fetch(url)).json()) as { data: { result: unknown[] } };
    return answer.data.result.length > 0;
  });
}, startingMs);
afterAll(() => place.close());

function kubectl(...args: string[]): string {
  const env = { ...place.env, KUBECONFIG: place.sandbox().kubeconfig };
  return execFileSync('kubectl', args, { env, encoding: 'utf8' });
}

function scanWords(): string[] {
  const { kubeconfig, context, prometheus, alertmanager } = place.sandbox();
  return [
    ...['scan', '--kubeconfig', kubeconfig, '--context', context, '--namespace', 'billing'],
    ...['--prometheus', prometheus, '--alertmanager', alertmanager],
  ];
}

describe("a team's first day, with three services that are not ours", () => {
  it('lists each service with the alerts that really look at it, and says which has none', async () => {
    const { exitCode, stdout } = await place.run([...scanWords(), '--json']);
    expect(exitCode).toBe(0);
    const { services } = JSON.parse(stdout) as {
      services: { name: string; workload: string; alerts: { name: string; because: string }[] }[];
    };
    // Beside those of the platform, which look at every namespace.
    const isPlatforms = ({ name }: { name: string }) => /^(Kube|ServiceWithoutTraffic$)/.test(name);
    const own = services.map(
      ({ name, alerts }) => [name, alerts.filter((one) => !isPlatforms(one))] as const,
    );
    expect(own.map(([name, alerts]) => [name, alerts.map((alert) => alert.name)])).toEqual([
      ['invoices', ['InvoicesQueueLong']],
      ['ledger', []],
      ['mailer', ['MailsFail']],
    ]);
    expect(services[0]).toMatchObject({
      workload: 'deployment.apps/billing/invoices',
      alerts: expect.arrayContaining([
        expect.objectContaining({
          name: 'InvoicesQueueLong',
          because: expect.stringContaining('through billing:invoices_waiting:max'),
        }),
      ]),
    });
  });

  it('writes documents that lint, for a scenario that plays, and overwrites nothing', async () => {
    const folder = join(place.home, 'game-days');
    const words = [...scanWords(), '--service', 'billing/invoices', '--path', '/', '--write', folder];
    const { exitCode, stderr } = await place.run(words);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('The documents lint.')]);
    const config = readFileSync(join(folder, 'misfortune.yaml'), 'utf8');
    const again = await place.run(words);
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('nothing was written')]);
    expect(readFileSync(join(folder, 'misfortune.yaml'), 'utf8')).toBe(config);

    const doctor = await place.run(['doctor', '--cluster', 'sandbox'], {}, folder);
    expect(doctor.stdout).toContain('✓ invoices-under-load: can be played');
    expect(doctor.stdout).not.toContain('haymaker');
    const validation = ['validate', 'invoices-under-load', '--cluster', 'sandbox', '--only', 'playbook'];
    const proven = await place.run([...validation, '--param', 'rate=80', '--json'], {}, folder);
    const { results } = JSON.parse(proven.stdout) as {
      results: { kind: string; outcome: string; problems: string[] }[];
    };
    expect(results.map(({ kind, outcome, problems }) => [kind, outcome, ...problems])).toEqual([
      ['playbook', 'passed'],
    ]);
    expect(kubectl('-n', 'billing', 'get', 'jobs', '-o', 'name')).toBe('');
  }, 400_000);
});
