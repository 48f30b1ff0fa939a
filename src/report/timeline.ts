import { brokenBy } from '../grade/grade.ts';
import type { GradeInput } from '../grade/input.ts';
import { isHarmful, matchesAnyStep } from '../grade/playbook/deeds.ts';
import { gradePlaybook } from '../grade/playbook/playbook.ts';
import { gradeDiagnoses } from '../grade/response/diagnosis.ts';
import { acknowledgementsOf } from '../log/acknowledgements.ts';
import { gameTimes } from '../log/times.ts';
import { clock } from '../words/time.ts';

export type Lane = 'fault' | 'turns' | 'symptom' | 'alerts' | 'actions' | 'declared' | 'outcome';

/** Something on the timeline; moments in ms from the injection. */
export interface Moment {
  lane: Lane;
  at: number;
  /** For what lasts. */
  until?: number;
  text: string;
  meaning: 'neutral' | 'good' | 'bad' | 'warn' | 'quiet';
  /** Who did or said it. */
  who?: string;
  /** What was to be seen then: a query of Prometheus, or a dashboard by its uid. */
  shows?: { query: string } | { dashboard: string };
  /** Within a lane: the alert's name, or the surface of an action. */
  group?: string;
}

/** Everything that happened, in order of time. */
export function timelineOf(input: GradeInput): Moment[] {
  const { state } = input;
  const injected = state.injectedAt;
  if (injected === undefined) return [];
  const end = state.ended?.at ?? state.at;
  const all = [
    ...faultMoments(input, injected, end),
    ...alertMoments(input, injected, end),
    ...actionMoments(input),
    ...declaredMoments(input),
    ...outcomeMoments(input),
  ];
  return all
    .map((moment, index) => ({ moment, index }))
    .filter(({ moment }) => (moment.until ?? moment.at) >= injected)
    .sort((a, b) => a.moment.at - b.moment.at || a.index - b.index)
    .map(({ moment: { at, until, ...rest } }) => ({
      ...rest,
      // Clocks that differ by less than the sampling: nothing of a game came before it.
      at: Math.max(0, at - injected),
      ...(until !== undefined && { until: Math.max(0, until - injected) }),
    }));
}

function faultMoments({ state }: GradeInput, injected: number, end: number): Moment[] {
  const until = gameTimes(state).mitigated ?? end;
  const operations = state.plan?.operations ?? [];
  const what = brokenBy(state).join('; ');
  const decoys = new Set(operations.flatMap(({ fault, role }) => (role ? [fault] : [])));
  return [
    { lane: 'fault', at: injected, until, text: what || 'injected', meaning: 'bad' },
    ...state.turns.map(
      ({ at, endedAt = end, fault, turn }): Moment => ({
        lane: 'turns',
        group: fault,
        at,
        until: endedAt,
        text: `${fault} is there until ${clock(endedAt - injected)}, turn ${turn}`,
        meaning: decoys.has(fault) ? 'quiet' : 'bad',
      }),
    ),
    ...state.repeatsOver.map(
      ({ at, fault, why }): Moment => ({
        lane: 'turns',
        group: fault,
        at,
        text: `${fault} does not come again: ${why}`,
        meaning: 'neutral',
      }),
    ),
    ...state.leftOut.map(
      ({ at, fault, check }): Moment => ({
        lane: 'symptom',
        at,
        text: `${fault} was left out, its condition did not hold: ${check.seen}`,
        meaning: 'quiet',
      }),
    ),
    ...state.effects.map(
      ({ at, check, seen }): Moment => ({
        lane: 'symptom',
        at,
        text: `${seen ? 'effect seen' : 'no effect'}: ${check.seen}`,
        meaning: seen ? 'warn' : 'quiet',
      }),
    ),
    ...breaches(state).map(
      ({ at, id, query }): Moment => ({
        lane: 'symptom',
        at,
        shows: { query },
        text: `${id} left its objective`,
        meaning: 'warn',
      }),
    ),
  ];
}

/** When each live signal first left its objective. */
function breaches(state: GradeInput['state']): { at: number; id: string; query: string }[] {
  return (state.game?.signals ?? []).flatMap(({ id, title, objective, query }) => {
    const { below, above } = objective ?? {};
    const outside = (value: number) =>
      (below !== undefined && value >= below) || (above !== undefined && value <= above);
    const first = state.signals[id]?.find(([at, value]) => {
      return at >= (state.injectedAt ?? 0) && value !== null && outside(value);
    });
    return first ? [{ at: first[0], id: title, query }] : [];
  });
}

/** What began before the injection has no time of its own here: it is told as that, from the beginning on. */
function alertMoments({ state, rules }: GradeInput, injected: number, end: number): Moment[] {
  return state.alerts.flatMap((alert): Moment[] => {
    const { name, pendingAt, firingAt, inactiveAt, notifiedAt, background } = alert;
    const until = inactiveAt ?? end;
    const lane = 'alerts' as const;
    const rule = rules?.alerting.find((one) => one.name === name && !one.notPromql);
    const shown = rule && { shows: { query: rule.query } };
    if (background) {
      const from = Math.max(injected, firingAt ?? pendingAt ?? injected);
      const since =
        from === injected ? 'on since before the failure' : 'on again; it was on before the failure';
      return [{ lane, group: name, at: from, until, text: `${name}: ${since}`, meaning: 'quiet' }];
    }
    const bar = (at: number, to: number, state: string, meaning: Moment['meaning']): Moment => {
      return { lane, group: name, at, until: to, text: `${name} ${state}`, meaning, ...shown };
    };
    return [
      ...(pendingAt === undefined ? [] : [bar(pendingAt, firingAt ?? until, 'pending', 'warn')]),
      ...(firingAt === undefined ? [] : [bar(firingAt, until, 'firing', 'bad')]),
      ...(notifiedAt === undefined
        ? []
        : [
            {
              lane,
              group: name,
              at: notifiedAt,
              text: `${name}: notified ${alert.receivers.join(', ')}`,
              meaning: 'neutral' as const,
            },
          ]),
    ];
  });
}

function actionMoments({ state, playbook, scenario }: GradeInput): Moment[] {
  const undoing = new Set(
    gradePlaybook(playbook, state, scenario).undone.map(({ at = 0 }) => at + (state.injectedAt ?? 0)),
  );
  return state.actions.map((action) => {
    const deed = { at: action.at, title: action.title, action };
    const listed = matchesAnyStep(playbook, deed);
    const meaning = isHarmful(playbook, deed)
      ? 'bad'
      : undoing.has(action.at)
        ? 'warn'
        : listed
          ? 'good'
          : action.effect === 'read'
            ? 'neutral'
            : 'warn';
    const { surface, at, title, who, dashboard } = action;
    const shown = dashboard && { shows: { dashboard: dashboard.uid } };
    return { lane: 'actions', group: surface, at, text: title, who, meaning, ...shown };
  });
}

function declaredMoments({ state, scenario }: GradeInput): Moment[] {
  const { notes, hints, diagnoses, claims, nudges } = state;
  const lane = 'declared' as const;
  const neutral = 'neutral' as const;
  const { tries } = gradeDiagnoses(state, scenario);
  return [
    ...acknowledgementsOf(state).map(({ at, who, what }) => ({
      ...{ lane, at, meaning: neutral },
      text: `acknowledged ${what}`,
      who,
    })),
    ...notes.map(({ at, text, who }) => ({
      ...{ lane, at, meaning: neutral },
      text: `note: ${text}`,
      who,
    })),
    ...hints.map(({ at, text, who }) => ({
      ...{ lane, at, meaning: 'quiet' as const },
      text: `hint: ${text}`,
      who,
    })),
    ...nudges.map(({ at, text }) => ({ lane, at, text: `game master: ${text}`, meaning: 'quiet' as const })),
    ...diagnoses.map(
      ({ at, who, originRight, mechanismRight }, index): Moment => ({
        lane,
        at,
        who,
        text: `diagnosis: ${tries[index]!.text}: ${tries[index]!.verdict}`,
        meaning: originRight && mechanismRight ? 'good' : 'warn',
      }),
    ),
    ...claims.map(
      ({ at, accepted, failing, who }): Moment => ({
        lane,
        at,
        who,
        text: claimText(accepted, failing.length > 0),
        meaning: accepted ? 'good' : 'warn',
      }),
    ),
  ];
}

function claimText(accepted: boolean, isRefuted: boolean): string {
  const verdict = accepted ? 'it was' : isRefuted ? 'it was not' : 'the game ended before it was decided';
  return `claim: it is resolved (${verdict})`;
}

function outcomeMoments({ state }: GradeInput): Moment[] {
  const { ended, restored } = state;
  const { mitigated } = gameTimes(state);
  return [
    ...(mitigated === undefined
      ? []
      : [{ lane: 'outcome' as const, at: mitigated, text: 'metrics recovered', meaning: 'good' as const }]),
    ...(ended
      ? [
          {
            lane: 'outcome' as const,
            at: ended.at,
            text: `${ended.ending}: ${ended.why}`,
            meaning: ended.ending === 'mitigated' ? ('good' as const) : ('warn' as const),
          },
        ]
      : []),
    ...(restored
      ? [
          {
            lane: 'outcome' as const,
            at: restored.at,
            text: [
              `restored, verified: ${restored.differences.length} differences`,
              ...(restored.left ?? []),
            ].join('; '),
            meaning: restored.differences.length === 0 ? ('good' as const) : ('bad' as const),
          },
        ]
      : []),
  ];
}
