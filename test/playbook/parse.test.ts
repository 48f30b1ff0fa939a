import { describe, expect, it } from 'vitest';
import { parseSource } from '../../src/document/read.ts';
import { describeError } from '../../src/errors.ts';
import { bindPlaybook } from '../../src/playbook/bind.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';

/** The example of the design. */
const latency = `apiVersion: misfortune/v1
kind: Playbook
name: latency-without-a-deploy
title: Latency is up and nobody deployed
answers: [CheckoutLatencyHigh]         # alerts whose runbook this is
roles: { service: name, namespace: name, culprit: ref }   # bound by the scenario or by the reader
steps:
  - id: look-at-golden-signals
    phase: triage
    say: 'Open the overview of the service: traffic, errors, latency or saturation?'
    run: misfortune dash shop-overview
    match: { dashboard: shop-overview }
  - id: compare-inbound
    phase: diagnose
    after: [look-at-golden-signals]
    say: Compare inbound requests with the sum over the clients that the mesh knows.
    run: kubectl get pods,jobs -A
    match:
      any:
        - { promql: { metric: [request_total, http_requests_total] } }
        - { kube: { verb: list, resource: [pods, jobs], allNamespaces: true } }
    reveals: '\${culprit}'
  - id: stop-the-source
    phase: mitigate
    after: [compare-inbound]
    run: kubectl delete \${culprit}
    match: { kube: { verb: [delete, patch], ref: '\${culprit}' } }
  - id: tell
    phase: communicate
    kind: manual                       # declared with \`misfortune note\`, never "missed"
    say: Tell support what was wrong and until when.
  - id: verify
    phase: verify
    after: [stop-the-source]
    within: 5m
    run: misfortune dash shop-overview
    match: { dashboard: shop-overview }
harmful:
  - match: { kube: { verb: delete, resource: [statefulsets, persistentvolumeclaims] } }
    why: the data is not the problem
`;

const parse = (source: string) => {
  const { document, problems } = parseSource('p.yaml', source);
  if (!document) throw problems[0];
  return parsePlaybook(document);
};
const texts = (source: string) => parse(source).problems.map(describeError);
const roles = { service: 'checkout', namespace: 'shop', culprit: 'job.batch/batch/report-export' };

describe('a playbook', () => {
  it('as the design has it is read whole', () => {
    const { playbook, problems } = parse(latency);
    expect(problems).toEqual([]);
    expect(playbook?.steps.map(({ id, kind, within }) => [id, kind, within])).toEqual([
      ['look-at-golden-signals', 'automatic', undefined],
      ['compare-inbound', 'automatic', undefined],
      ['stop-the-source', 'automatic', undefined],
      ['tell', 'manual', undefined],
      ['verify', 'automatic', 300_000],
    ]);
  });

  it.each([
    [
      'a step after one that is not there',
      ['after: [compare-inbound]', 'after: [compare-inbuond]'],
      /There is no step "compare-inbuond"\.\n {2}Did you mean "compare-inbound"\?/,
    ],
    [
      'steps that wait for each other',
      ['phase: triage\n', 'phase: triage\n    after: [verify]\n'],
      /wait for each other: look-at-golden-signals after verify after stop-the-source/,
    ],
    [
      'a role that is not there',
      ['delete ${culprit}', 'delete ${culprti}'],
      /26:10: The playbook has no role "culprti"\.\n {2}Did you mean "culprit"\?/,
    ],
    ['two steps of one name', ['id: verify', 'id: tell'], /The id "tell" is used twice/],
    [
      'a phase that is not known',
      ['phase: mitigate', 'phase: mitigation'],
      /one of triage, diagnose, mitigate, communicate, verify.*\n {2}Did you mean "mitigate"\?/,
    ],
    ['a verb that is not known', ['verb: list', 'verb: lst'], /Did you mean "list"|one of get, list/],
    [
      'a step nobody can tell',
      ['    match: { dashboard: shop-overview }\n  - id: compare', '  - id: compare'],
      /needs match, anyOf or kind: manual/,
    ],
    [
      'an unknown key in a match',
      ["ref: '${culprit}' } }", 'reff: x } }'],
      /Unknown key "reff" in steps\[2\]\.match\.kube\.\n {2}Did you mean "ref"\?/,
    ],
  ] as [string, [string, string], RegExp][])('refuses %s', (_, [from, to], message) => {
    expect(latency).toContain(from);
    expect(texts(latency.replace(from, () => to)).join('\n')).toMatch(message);
  });
});

describe('a bound playbook', () => {
  it('has kubectl’s words in run lines and references elsewhere', () => {
    const { steps } = bindPlaybook(parse(latency).playbook!, roles);
    expect(steps[2]!.run).toEqual(['kubectl delete -n batch job.batch/report-export']);
    expect(steps[2]!.match?.kube?.ref).toEqual(['job.batch/batch/report-export']);
    expect(steps[1]!.reveals).toBe('job.batch/batch/report-export');
  });

  it.each([
    ['missing-role', { service: 'checkout', namespace: 'shop' }],
    ['unknown-role', { ...roles, culprti: 'x' }],
    ['bad-role', { ...roles, culprit: 'report-export' }],
  ])('is refused with %s', (code, given) => {
    expect(() => bindPlaybook(parse(latency).playbook!, given as Record<string, string>)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
