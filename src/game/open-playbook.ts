import { formatRef, tryParseRef } from '../cluster/ref.ts';
import { substitute } from '../document/substitute.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { AlertEpisode } from '../log/alert-episodes.ts';
import { leaveOpen } from '../playbook/bind.ts';
import type { Playbook } from '../playbook/schema.ts';
import type { Scenario } from '../scenario/schema.ts';
import { runbookOf } from '../signal/annotations.ts';

/** A playbook as a responder reads it in a game, beside the alert that led to it. Plain data. */
export interface OpenedPlaybook {
  name: string;
  title: string;
  /** What fires and has this playbook as its runbook. */
  alerts: { name: string; summary?: string; description?: string }[];
  steps: OpenedStep[];
}

export interface OpenedStep {
  id: string;
  phase: string;
  optional: boolean;
  say?: string;
  run: string[];
  /** Instead of say and run: one of these does it. */
  anyOf: { id: string; say?: string; run: string[] }[];
}

export interface OpenableGame {
  /** As the file has it: its roles are not bound. */
  playbook: Playbook;
  scenario: Pick<Scenario, 'playbook' | 'diagnosis'>;
  alerts: readonly AlertEpisode[];
}

/**
 * The playbook that an alert leads to, with its roles bound as far as that gives nothing away: what is to be found stays
 * `<culprit>`, unless the alert's own labels say it.
 * @throws MisfortuneError `no-playbook`: no firing alert leads to it
 */
export function openPlaybook(name: string, { playbook, scenario, alerts }: OpenableGame): OpenedPlaybook {
  const leading = alerts.filter(
    (alert) =>
      alert.state === 'firing' &&
      (runbookOf(alert.annotations) === name ||
        (playbook.name === name && playbook.answers.includes(alert.name))),
  );
  if (name !== playbook.name || leading.length === 0)
    throw new MisfortuneError('no-playbook', `No firing alert links to the playbook "${name}".`, {
      todo: '`misfortune playbook list` lists all playbooks.',
      exitCode: exitCodes.usage,
    });
  const roles = scenario.playbook.with;
  const told = new Set(leading.flatMap(({ labels }) => Object.values(labels)));
  const secrets = [scenario.diagnosis.origin, ...scenario.diagnosis.accept];
  const hidden = Object.keys(roles).filter((role) => givesAway(roles[role] ?? '', secrets, told));
  const known = Object.fromEntries(Object.entries(roles).filter(([role]) => !hidden.includes(role)));
  const { steps } = substitute(leaveOpen({ steps: playbook.steps }, hidden), known).value as Pick<
    Playbook,
    'steps'
  >;
  return {
    name: playbook.name,
    title: playbook.title,
    alerts: leading.map(({ name: alert, annotations: { summary, description } }) => ({
      name: alert,
      ...(summary && { summary }),
      ...(description && { description }),
    })),
    steps: steps.map(({ id, phase, optional, say, run = [], anyOf = [] }) => ({
      ...{ id, phase, optional, ...(say && { say }), run },
      anyOf: anyOf.map((branch) => ({
        id: branch.id,
        ...(branch.say && { say: branch.say }),
        run: branch.run ?? [],
      })),
    })),
  };
}

function givesAway(value: string, secrets: readonly string[], told: ReadonlySet<string>): boolean {
  const ref = tryParseRef(value);
  return secrets.some((secret) => {
    const origin = tryParseRef(secret);
    if (!origin) return secret === value;
    if (ref) return formatRef(ref) === formatRef(origin);
    return value === origin.name && !told.has(value);
  });
}
