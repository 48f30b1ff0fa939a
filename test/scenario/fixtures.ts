import { parseSource } from '../../src/document/read.ts';
import { faultSchemas } from '../../src/fault/types/registry.ts';
import { type ParsedScenario, parseScenario } from '../../src/scenario/parse.ts';

/** The example of the design: a scenario with all that scenarios have. */
export const haymaker = `apiVersion: misfortune/v1
kind: Scenario
name: haymaker
title: Paying takes forever            # what the wheel and the page say: a symptom
difficulty: 2
tags: [load, mesh-blind]
owner: checkout                        # product pod whose PIC is paged
stack: shop                            # or your own services: namespaces and params
params: { rate: 600, replicas: 2, culprit: job.batch/batch/report-export }
briefing: |
  14:05. Support says paying takes forever. Nobody deployed anything.
steadyState:
  - id: fast
    promql: { query: 'shop:checkout:p95_seconds', below: 0.25 }
faults:
  - id: flood
    load:
      target: service/shop/checkout
      path: /quote
      rate: \${rate}
      replicas: \${replicas}
      disguise: { name: report-export, namespace: batch, mesh: hidden }
    effect: { promql: { query: 'shop:checkout:p95_seconds', above: 0.5 }, within: 60s }
oracle:
  sustained: 30s
  all:
    - { id: fast, promql: { query: 'shop:checkout:p95_seconds', below: 0.25 } }
    - { id: capacity-kept, workload: { ref: deployment/shop/checkout, available: baseline } }
    - { id: source-stopped, stopped: { ref: '\${culprit}' } }      # the actor, not the victim
fixes:                                 # each must pass the oracle
  - name: delete the job
    run: ['kubectl -n batch delete job report-export']
  - name: no more workers
    run: ['kubectl -n batch patch job report-export -p ''{"spec":{"parallelism":0}}''']
wrongFixes:                            # each must succeed as a command, have its effect, and fail the named check
  - name: shut the shop
    run: ['kubectl -n shop scale deployment checkout --replicas=0']
    fails: capacity-kept
alerts:
  expected:
    - { name: CheckoutLatencyHigh, within: 90s, receiver: checkout }
  acceptable: [CheckoutSaturated]
panels:
  expected: [shop-overview/Checkout latency, shop-overview/Inbound by client]
diagnosis: { origin: '\${culprit}', mechanism: load }
playbook: { name: latency-without-a-deploy, with: { service: checkout, namespace: shop, culprit: '\${culprit}' } }
hints: [Which clients does the mesh not know?]
timeout: 20m
debrief: |
  The job was the source.
`;

export function parse(source: string, params?: Record<string, unknown>): ParsedScenario {
  const { document, problems } = parseSource('scenarios/haymaker.yaml', source);
  if (!document) throw problems[0];
  return parseScenario(document, { faultSchemas, params });
}

/** The example with parts replaced; each part must be in it. */
export function changed(...changes: [from: string, to: string][]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`not in the example: ${from}`);
    return text.replace(from, () => to);
  }, haymaker);
}

/** `line:column` of a word in a text, as errors give it. */
export function placeOf(word: string, source: string): string {
  const before = source.slice(0, source.indexOf(word)).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}
