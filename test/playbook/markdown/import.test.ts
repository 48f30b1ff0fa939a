import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../src/document/read.ts';
import { describeError } from '../../../src/errors.ts';
import { lintPlaybook } from '../../../src/playbook/lint.ts';
import { importRunbook } from '../../../src/playbook/markdown/import.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';

/** The playbook of a page, which has to pass our own lint, and what was said of the page. */
function imported(page: string, file = 'CheckoutSlow.md') {
  const { text, notes, recognised } = importRunbook(file, page, 'playbook.json');
  const { document, problems } = parseSource('playbook.yaml', text);
  if (!document) throw problems[0];
  const parsed = parsePlaybook(document);
  expect([...parsed.problems, ...lintPlaybook(parsed, {})].map(describeError)).toEqual([]);
  const playbook = parsed.playbook!;
  return { playbook, steps: playbook.steps, text, recognised, notes: notes.map(describeError) };
}

const usual = `# CheckoutSlow

## Meaning

Paying takes more than 2 s.

## Impact

Customers leave.

## Diagnosis

- Look at the job via \`kubectl -n $NAMESPACE describe jobs $JOB\`.
- Read [what a job is](https://docs.example/jobs#patterns).

## Mitigation

See [the owners][1], then restart it:

\`\`\`sh
kubectl rollout restart deployment/checkout -n shop
\`\`\`

[1]: https://wiki.example/oncall#owners
`;

describe('a runbook of the usual form', () => {
  it('keeps what it means and what it does to customers', () => {
    const { playbook } = imported(usual);
    expect(playbook).toMatchObject({
      ...{ name: 'checkout-slow', title: 'CheckoutSlow', answers: ['CheckoutSlow'] },
      ...{ meaning: 'Paying takes more than 2 s.', impact: 'Customers leave.' },
    });
  });

  it('has a step for each command, with what the recorder will see of it', () => {
    const { steps, playbook } = imported(usual);
    expect(steps[0]).toMatchObject({
      id: 'look-at-the-job',
      phase: 'diagnose',
      run: ['kubectl -n ${namespace} describe jobs ${job}'],
      match: { kube: { verb: ['get'], resource: ['jobs'], namespace: ['${namespace}'], name: ['${job}'] } },
    });
    expect(playbook.roles).toEqual({ namespace: 'name', job: 'name' });
    expect(steps[2]).toMatchObject({
      phase: 'mitigate',
      match: { kube: { verb: ['patch', 'update'], name: ['checkout'], paths: ['spec.template'] } },
    });
  });

  it('keeps links with their anchors, those by reference written out', () => {
    const { steps } = imported(usual);
    expect(steps[1]).toMatchObject({
      kind: 'manual',
      say: 'Read [what a job is](https://docs.example/jobs#patterns).',
    });
    expect(steps[2]?.say).toBe('See [the owners](https://wiki.example/oncall#owners), then restart it:');
  });

  it('says nothing of a page that it understood', () => {
    expect(imported(usual).notes).toEqual([]);
  });
});

/** A page with one section. */
const under = (heading: string, text: string) => imported(`# CheckoutSlow\n\n## ${heading}\n\n${text}\n`);
const look = '```\nkubectl get pods -n shop\n```';

describe('looser forms', () => {
  it.each([
    ['Symptoms', 'triage'],
    ['Quick checks', 'triage'],
    ['Investigation', 'diagnose'],
    ['Troubleshooting steps', 'mitigate'],
    ['How to debug', 'diagnose'],
    ['Remediation', 'mitigate'],
    ['Resolution', 'mitigate'],
    ['Steps', 'mitigate'],
    ['Verification', 'verify'],
    ['Escalation', 'communicate'],
  ])('the heading %s is of the phase %s', (heading, phase) => {
    expect(under(heading, look).steps.map((step) => step.phase)).toEqual([phase]);
  });

  it('a deeper heading is the title of its step, and keeps the phase of the one above', () => {
    const { steps } = under('Mitigation', `### 2. Check the queue first\n\n${look}`);
    expect(steps).toMatchObject([
      { id: 'check-the-queue-first', phase: 'mitigate', say: 'Check the queue first' },
    ]);
  });

  it('numbered steps come one after the other, others do not', () => {
    const list = (mark: (n: number) => string) =>
      `${mark(1)} One: \`kubectl get pods\`\n${mark(2)} Two: \`kubectl get nodes\``;
    expect(
      under(
        'Diagnosis',
        list((n) => `${n}.`),
      ).steps[1]?.after,
    ).toEqual(['one']);
    expect(
      under(
        'Diagnosis',
        list(() => '-'),
      ).steps[1]?.after,
    ).toEqual([]);
  });

  it('a section without any command is one manual step', () => {
    const { steps } = under('Diagnosis', 'Ask who deployed:\n\n- the team\n- a robot');
    expect(steps).toMatchObject([{ kind: 'manual', say: 'Ask who deployed: the team; a robot' }]);
  });

  it('a warning with a command is harm', () => {
    const { playbook } = imported(
      `${usual}\n## Do not\n\n- \`kubectl delete pvc data-0 -n shop\`: the orders are on it.\n`,
    );
    expect(playbook.harmful).toEqual([
      {
        match: { kube: { verb: ['delete'], resource: ['pvc'], namespace: ['shop'], name: ['data-0'] } },
        why: '`kubectl delete pvc data-0 -n shop`: the orders are on it.',
      },
    ]);
  });
});

describe('commands', () => {
  const run = (line: string) => under('Diagnosis', `\`\`\`console\n${line}\n\`\`\``).steps[0];

  it.each([
    ['$ oc get co dns', { verb: ['get'], resource: ['co'], name: ['dns'] }],
    ['kubectl get pods -A', { verb: ['list'], resource: ['pods'], allNamespaces: true }],
    [
      'kubectl logs -f deploy/checkout -n shop',
      { verb: ['get'], resource: ['pods'], subresource: ['log'], namespace: ['shop'] },
    ],
    [
      'oc adm drain node-a --ignore-daemonsets',
      {
        verb: ['patch', 'update'],
        resource: ['nodes'],
        name: ['node-a'],
        sets: { 'spec.unschedulable': true },
      },
    ],
    [
      'kubectl scale deploy checkout --replicas=0',
      { verb: ['patch', 'update'], resource: ['deploy'], name: ['checkout'], sets: { 'spec.replicas': 0 } },
    ],
    ['kubectl get pods | grep Evicted | xargs kubectl delete pod', { verb: ['delete'], resource: ['pod'] }],
  ])('%s', (line, kube) => {
    expect(run(line)?.match).toEqual({ kube });
  });

  it.each([
    [
      'kubectl -n <your-namespace> get deploy {{ $labels.deployment }}',
      'kubectl -n ${namespace} get deploy ${deployment}',
    ],
    ['kubectl -n $NS get deploy DEPLOYMENT_NAME', 'kubectl -n ${namespace} get deploy ${deployment}'],
    ['kubectl describe pod <pod-name> -n [namespace]', 'kubectl describe pod <pod-name> -n ${namespace}'],
    ['oc exec dns-default-xxxxx -n dns -- dig @$IP', 'oc exec <dns-default> -n dns -- dig @<ip>'],
    ['kubectl delete svc ${NAME} -n shop', 'kubectl delete svc ${svc} -n shop'],
  ])('the placeholders of %s become roles, or stay open', (line, expected) => {
    const step = run(line);
    expect(step?.run).toEqual([expected]);
    expect(JSON.stringify(step?.match)).not.toMatch(/<|\$[A-Z]/);
  });

  it('a command over several lines is one', () => {
    expect(run('kubectl get pods \\\n  -n shop')?.run).toEqual(['kubectl get pods -n shop']);
  });
});

describe('what could not be understood is said at its place', () => {
  it.each([
    ['kubectl log pod x', 'CheckoutSlow.md:6:1: kubectl has no "log".\n  Did you mean "logs"?'],
    ['etcdctl defrag', 'CheckoutSlow.md:6:1: Nothing recognises `etcdctl defrag`'],
    [
      'kubectl get pods\nkubectl apply -f fix.yaml',
      'CheckoutSlow.md:7:1: Nothing recognises `kubectl apply -f fix.yaml`',
    ],
    ['NODE=a\nkubectl get node $NODE', 'CheckoutSlow.md:6:1: `NODE=a` sets a variable'],
    ['$ kubectl get pods\nNAME READY', 'CheckoutSlow.md:7:1: This line is not a command'],
  ])('%s', (code, expected) => {
    const { notes, text } = under('Diagnosis', `\`\`\`sh\n${code}\n\`\`\``);
    expect(notes.join('\n')).toContain(expected);
    // The last line of a command that nothing recognises is still in the playbook.
    if (/^(etcdctl|kubectl log)/.test(code)) expect(text).toContain(code);
  });

  it('a block that is no command stays in what the step says', () => {
    const { notes, steps } = under('Diagnosis', 'Ask:\n\n```promql\nup == 0\n```');
    expect(steps[0]?.say).toBe('Ask: `up == 0`');
    expect(notes.join()).toContain('CheckoutSlow.md:7:1: The block of promql holds no command');
  });

  it('a heading that says no phase', () => {
    expect(under('Diangosis', look).notes[0]).toBe(
      'CheckoutSlow.md:3:1: The heading "Diangosis" says no phase: steps that change something are taken for mitigation, others for diagnosis.\n  Did you mean "Diagnosis"?',
    );
  });

  it('a runbook without any command', () => {
    const { notes, steps } = under('Mitigation', 'Ask the owner.');
    expect(steps).toMatchObject([{ kind: 'manual', phase: 'mitigate', say: 'Ask the owner.' }]);
    expect(notes).toEqual([expect.stringContaining('The runbook has no command of kubectl or oc')]);
  });

  it('a page that only explains is a step to read it', () => {
    expect(under('Meaning', 'It is slow.').steps).toMatchObject([{ id: 'read', kind: 'manual' }]);
  });

  it('a page without any text is refused', () => {
    expect(() => imported('# Title\n')).toThrow('Expected a runbook with a text, got a page without any.');
  });
});
