import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeError } from '../../src/errors.ts';
import { claimedRefs, clashOf, faultSchemas, mechanisms } from '../../src/fault/types/registry.ts';
import { packageRoot } from '../../src/paths.ts';
import { lintPlaybook } from '../../src/playbook/lint.ts';
import { type Library, readLibrary } from '../../src/scenario/library.ts';
import { type LintContext, lintScenario } from '../../src/scenario/lint.ts';
import { panelsOf } from '../../src/signal/dashboard/panels.ts';
import { changed, parse, placeOf } from './fixtures.ts';

const shop = join(packageRoot, 'src/shop');
let library: Library;
let context: LintContext;
beforeAll(async () => {
  const folders = {
    scenarios: [join(packageRoot, 'scenarios')],
    playbooks: [join(packageRoot, 'playbooks')],
  };
  library = await readLibrary(folders, { faultSchemas });
  context = {
    playbooks: library.playbooks.flatMap(({ playbook }) => playbook ?? []),
    mechanisms,
    alerts: alertRules().map(({ alert }) => alert),
    dashboards: dashboards(),
    clash: clashOf,
    claimed: claimedRefs,
  };
});

describe('the shipped scenarios and playbooks', () => {
  it('are read without a problem', () => {
    const problems = [...library.scenarios, ...library.playbooks].flatMap((each) => each.problems);
    expect([...library.problems, ...problems].map(describeError)).toEqual([]);
    const names = library.scenarios.map(({ scenario }) => scenario?.name);
    expect(names).toEqual(expect.arrayContaining(['broken-upstream', 'haymaker']));
  });

  it('name only alerts, panels, playbooks and checks that there are', () => {
    expect(library.scenarios.flatMap((each) => lintScenario(each, context)).map(describeError)).toEqual([]);
    expect(library.playbooks.flatMap((each) => lintPlaybook(each, context)).map(describeError)).toEqual([]);
  });

  it('are the runbooks that the alerts of the shop link to', () => {
    const linked = alertRules().map(({ alert, annotations }) => ({
      alert,
      playbook: annotations.runbook_url?.split('/').at(-1),
    }));
    const answered = linked.filter(({ alert, playbook }) =>
      context.playbooks!.some(({ name, answers }) => name === playbook && answers.includes(alert)),
    );
    expect(linked.length).toBeGreaterThan(5);
    expect(answered).toEqual(linked);
  });

  it('have a playbook that answers each expected alert', () => {
    for (const { scenario } of library.scenarios) {
      const { answers } = context.playbooks!.find(({ name }) => name === scenario!.playbook.name)!;
      const led = scenario!.alerts.expected.filter(({ undelivered }) => !undelivered);
      expect(answers).toEqual(expect.arrayContaining(led.map(({ name }) => name)));
    }
  });
});

describe('a reference that leads nowhere', () => {
  const known: LintContext = {
    playbooks: [
      {
        name: 'latency-without-a-deploy',
        roles: { service: 'name', namespace: 'name', culprit: 'ref' },
        answers: [],
      },
    ],
    mechanisms: ['load', 'patch'],
    alerts: ['CheckoutLatencyHigh', 'CheckoutSaturated'],
    receivers: ['checkout'],
    dashboards: [
      { uid: 'shop-overview', panels: [{ title: 'Checkout latency' }, { title: 'Inbound by client' }] },
    ],
  };

  it('is not there in the example', () => {
    expect(lintScenario(parse(changed()), known)).toEqual([]);
  });

  it.each([
    [
      'alert',
      ['name: CheckoutLatencyHigh', 'name: CheckoutLatncyHigh'],
      'CheckoutLatncyHigh',
      'CheckoutLatencyHigh',
    ],
    ['alert', ['[CheckoutSaturated]', '[CheckoutSaturatd]'], 'CheckoutSaturatd', 'CheckoutSaturated'],
    ['receiver', ['receiver: checkout', 'receiver: chekout'], 'chekout', 'checkout'],
    [
      'panel',
      ['Checkout latency,', 'Checkout latancy,'],
      'shop-overview/Checkout latancy',
      'Checkout latency',
    ],
    ['dashboard', ['shop-overview/Checkout', 'shop-overveiw/Checkout'], 'shop-overveiw', 'shop-overview'],
    [
      'playbook',
      ['name: latency-without', 'name: latency-wihtout'],
      'latency-wihtout',
      'latency-without-a-deploy',
    ],
    ['role', ["culprit: '${culprit}' } }", "culprti: '${culprit}' } }"], 'culprti', 'culprit'],
    ['mechanism', ['mechanism: load', 'mechanism: lod'], 'lod', 'load'],
    ['param', ['briefing:', 'renamed: { replics: 3 }\nbriefing:'], 'replics', 'replicas'],
    ['check', ['fails: capacity-kept', 'fails: capacity-kpt'], 'capacity-kpt', 'capacity-kept'],
  ] as [string, [string, string], string, string][])(
    '(%s) is told with the nearest name',
    (what, change, word, nearest) => {
      const source = changed(change);
      const problem = lintScenario(parse(source), known).find(({ code }) => code === `unknown-${what}`);
      expect(describeError(problem)).toContain(`haymaker.yaml:${placeOf(word, source)}: `);
      expect(problem?.todo).toBe(`Did you mean "${nearest}"?`);
    },
  );
});

interface ShopAlert {
  alert: string;
  annotations: { runbook_url?: string };
}

function alertRules(): ShopAlert[] {
  const folder = join(shop, 'rules');
  return readdirSync(folder).flatMap((name) =>
    parseAllDocuments(readFileSync(join(folder, name), 'utf8')).flatMap((document) => {
      const { groups = [] } = document.toJS() as { groups?: { rules: Partial<ShopAlert>[] }[] };
      return groups.flatMap(({ rules }) => rules.filter((rule): rule is ShopAlert => 'alert' in rule));
    }),
  );
}

function dashboards() {
  const folder = join(shop, 'dashboards');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const model = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { uid: string };
      return { uid: model.uid, panels: panelsOf({ model }) };
    });
}

describe('the steps of a scenario', () => {
  const replicas = (id: string, more = '') =>
    `  - { id: ${id}, ${more} workload: { ref: deployment/shop/checkout, replicas: 1 } }\n`;
  const codes = (text: string) => lintScenario(parse(text), context).map(({ code }) => code);

  it('touch no field twice, whoever says it', () => {
    expect(codes(changed(['oracle:\n', `${replicas('less')}oracle:\n`]))).toEqual([]);
    expect(codes(changed(['oracle:\n', `${replicas('less')}${replicas('lesser')}oracle:\n`]))).toEqual([
      'faults-clash',
    ]);
    const decoy = `decoys:\n${replicas('less', 'why: it was so before,')}`;
    expect(codes(changed(['oracle:\n', `${replicas('lesser')}${decoy}oracle:\n`]))).toEqual(['faults-clash']);
  });

  it('have names of their own, and begin with something', () => {
    const twice = '  - { id: flood, config: { configMap: shop/a, set: { b: c } } }\n';
    expect(codes(changed(['oracle:\n', `${twice}oracle:\n`]))).toEqual(['duplicate-id']);
    expect(codes(changed(['  - id: flood\n', '  - id: flood\n    after: 1m\n']))).toEqual([
      'nothing-at-once',
    ]);
    const when = 'when: { rollout: { ref: deployment/shop/checkout }, within: 1m }';
    expect(codes(changed(['  - id: flood\n', `  - id: flood\n    ${when}\n`]))).toEqual(['nothing-at-once']);
  });

  it('wait for a condition no longer than the game, and for what is there', () => {
    const later = (check: string) =>
      changed([
        'oracle:\n',
        `  - { id: less, when: ${check}, workload: { ref: deployment/shop/checkout, replicas: 1 } }\noracle:\n`,
      ]);
    const rollout = 'rollout: { ref: deployment/shop/checkout }';
    expect(codes(later(`{ ${rollout}, within: 5m }`))).toEqual([]);
    expect(codes(later(`{ ${rollout}, within: 20m }`))).toEqual(['longer-than-the-game']);
    expect(codes(later(`{ promql: { query: 'sum(', above: 1 }, within: 5m }`))).toEqual(['bad-promql']);
    expect(
      parse(later(`{ ${rollout} }`))
        .problems.map(({ message }) => message)
        .join(),
    ).toMatch(/within/);
    expect(
      parse(later(`{ ${rollout}, within: 5m }, repeat: { every: 5m, for: 2m }`)).problems.map(
        ({ code }) => code,
      ),
    ).toEqual(['repeat-and-when']);
  });

  it('are never what is wrong where they are decoys', () => {
    const decoy = 'decoys:\n  - { id: it, why: x, delete: { ref: job.batch/batch/report-export } }\n';
    expect(codes(changed(['oracle:\n', `${decoy}oracle:\n`]))).toContain('decoy-is-origin');
  });
});
