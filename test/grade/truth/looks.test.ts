import { expect } from 'vitest';
import { action, mitigated, oracle, played, request } from './played.ts';
import { truthTable } from './truth.ts';

const pods = { resource: 'pods', namespace: 'shop' };

truthTable('looks', [
  {
    title: 'case G5: what a command asks besides is no look',
    game: () =>
      played([
        oracle(5, false),
        action(20, 'kubectl logs report-export-x -n batch', {
          command: 'kubectl logs',
          requests: [
            request({ ...pods, allNamespaces: true, aside: true }),
            request({ ...pods, verb: 'get', subresource: 'log', name: 'report-export-x' }),
          ],
        }),
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [/compare-inbound/],
    card: ({ playbook }) =>
      expect(playbook.steps.find(({ id }) => id === 'compare-inbound')?.status).toBe('missing'),
  },
  {
    title: 'a write past the recorder: looks there are not observed, and the writer is named',
    game: () =>
      played([
        oracle(5, false),
        action(
          30,
          'jobs batch/report-export deleted past the recorder',
          {
            surface: 'cluster',
            effect: 'mutate',
            requests: [
              request({
                verb: 'delete',
                resource: 'jobs',
                group: 'batch',
                namespace: 'batch',
                name: 'report-export',
              }),
            ],
          },
          'unknown',
        ),
        ...[oracle(45, true), ...mitigated(69, 24)],
      ]),
    says: [/Looks past the recorder: somebody changed something there/, /not observable/],
    never: [/(look-at-golden-signals|verify|compare-inbound).* not reached/],
  },
  {
    title: 'a write of a controller past the recorder says nothing of looks',
    game: () =>
      played([
        oracle(5, false),
        action(
          30,
          'deployments shop/edge changed past the recorder by argocd-controller',
          {
            surface: 'cluster',
            effect: 'mutate',
            requests: [
              request({
                verb: 'patch',
                resource: 'deployments',
                name: 'edge',
                fieldManager: 'argocd-controller',
              }),
            ],
          },
          'unknown',
        ),
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [/were not reached/],
    never: [/Looks past the recorder/],
  },
]);
