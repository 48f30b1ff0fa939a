import type { Deed } from '../../src/grade/playbook/deeds.ts';
import type { Playbook, Step } from '../../src/playbook/schema.ts';
import type { Action, KubeRequest } from '../../src/recorder/action.ts';

/** Deeds by hand: `look` opens a dashboard, `write` and `destroy` change an object. */
export function look(uid: string, at: number): Deed {
  const action: Action = {
    id: `look-${uid}-${at}`,
    at,
    until: at,
    who: 'responder',
    surface: 'dash',
    effect: 'read',
    title: `open dashboard ${uid}`,
    requests: [],
    dashboard: { uid },
  };
  return { at, title: action.title, action };
}

export function write(name: string, at: number, verb = 'patch', resource = 'deployments'): Deed {
  const request: KubeRequest = {
    verb,
    group: 'apps',
    version: 'v1',
    resource,
    namespace: 'shop',
    name,
    status: 200,
  };
  const read: KubeRequest = { ...request, verb: 'get' };
  const action: Action = {
    id: `${verb}-${name}-${at}`,
    at,
    until: at,
    who: 'responder',
    surface: 'kubectl',
    effect: 'mutate',
    title: `kubectl ${verb} ${resource} ${name}`,
    requests: [read, request],
  };
  return { at, title: action.title, action };
}

export function step(id: string, rest: Partial<Step> = {}): Step {
  return {
    id,
    phase: 'diagnose',
    say: id,
    after: [],
    kind: 'automatic',
    optional: false,
    weight: 1,
    match: { dashboard: [id] },
    ...rest,
  };
}

export function playbookOf(steps: Step[], harmful: Playbook['harmful'] = []): Playbook {
  return {
    apiVersion: 'misfortune/v1',
    kind: 'Playbook',
    name: 'by-hand',
    title: 'By hand',
    answers: [],
    roles: {},
    steps,
    harmful,
  };
}
