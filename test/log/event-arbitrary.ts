import fc from 'fast-check';
import type { EventBody, GameEvent } from '../../src/log/events.ts';

const word = fc.constantFrom('a', 'b', 'c');
const check = fc.record({ id: word, holds: fc.boolean(), seen: fc.string() });
const labels = fc.dictionary(fc.constantFrom('service', 'severity', 'alertname'), word);

/** Any event body there is, with little variety in names so that events meet. */
export const anyBody: fc.Arbitrary<EventBody> = fc.oneof(
  fc.record({
    type: fc.constant('game-created' as const),
    game: word,
    scenario: word,
    title: fc.string(),
    difficulty: fc.integer({ min: 1, max: 5 }),
    briefing: fc.string(),
    owner: word,
    playbook: word,
    timeout: fc.integer({ min: 1, max: 3600 }),
    hints: fc.nat(3),
    sandbox: fc.boolean(),
    cluster: word,
    speed: fc.constant(1),
    seed: fc.nat(),
    player: word,
    version: word,
    signals: fc.array(
      fc.record({ id: word, title: word, unit: word, objective: fc.constant({ below: 1 }), query: word }),
      { maxLength: 2 },
    ),
    dashboards: fc.constant<{ uid: string; title: string }[]>([]),
  }),
  fc.record({
    type: fc.constant('phase-entered' as const),
    phase: fc.constantFrom('brief', 'respond', 'ended', 'debrief' as const),
  }),
  fc.record({
    type: fc.constant('baseline-taken' as const),
    checks: fc.array(check),
    alertsFiring: fc.array(word),
    from: fc.nat(),
    until: fc.nat(),
  }),
  fc.record({
    type: fc.constant('plan-made' as const),
    operations: fc.array(
      fc.record({
        id: word,
        fault: word,
        verb: fc.constant('patch' as const),
        ref: word,
        describe: word,
        reverts: fc.constant('reverts' as const),
      }),
    ),
    permissions: fc.array(word),
    blastRadius: fc.array(word),
  }),
  fc.record({
    type: fc.constantFrom('operation-recorded' as const, 'operation-applied' as const),
    id: word,
  }),
  fc.record({
    type: fc.constantFrom('operation-verified' as const, 'operation-reverted' as const),
    id: word,
    verdict: fc.constantFrom('confirmed', 'mismatch', 'inconclusive' as const),
    seen: word,
  }),
  fc.record({ type: fc.constant('injected' as const) }),
  fc.record({
    type: fc.constantFrom('effect-seen' as const, 'no-effect' as const),
    fault: word,
    check,
    afterMs: fc.nat(),
  }),
  fc.record({
    type: fc.constant('turn-begun' as const),
    fault: word,
    turn: fc.integer({ min: 1, max: 3 }),
    until: fc.nat(),
  }),
  fc.record({
    type: fc.constant('turn-ended' as const),
    fault: word,
    turn: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ type: fc.constant('repeat-over' as const), fault: word, why: word }),
  fc.record({ type: fc.constant('step-left-out' as const), fault: word, check }),
  fc.record({
    type: fc.constant('signals-sampled' as const),
    samples: fc.array(fc.record({ id: word, value: fc.option(fc.double()) })),
  }),
  fc.record({
    type: fc.constant('alert-changed' as const),
    name: word,
    labels,
    annotations: labels,
    state: fc.constantFrom('pending', 'firing', 'inactive' as const),
    activeAt: fc.nat(),
  }),
  fc.record({
    type: fc.constant('alert-notified' as const),
    name: word,
    labels,
    receivers: fc.array(word, { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant('oracle-checked' as const),
    checks: fc.array(check),
    holds: fc.boolean(),
    heldForMs: fc.nat(),
  }),
  fc.record({
    type: fc.constant('acknowledged' as const),
    who: word,
    alert: fc.option(word, { nil: undefined }),
  }),
  fc.record({
    type: fc.constant('diagnosed' as const),
    who: word,
    originRight: fc.boolean(),
    mechanismRight: fc.boolean(),
  }),
  fc.record({ type: fc.constantFrom('responder-joined' as const, 'responder-left' as const), who: word }),
  fc.record({
    type: fc.constant('claimed' as const),
    who: word,
    accepted: fc.boolean(),
    failing: fc.array(check),
  }),
  fc.record({
    type: fc.constant('ended' as const),
    ending: fc.constantFrom('mitigated', 'timed-out' as const),
    why: word,
  }),
  fc.record({
    type: fc.constant('restore-verified' as const),
    differences: fc.array(word),
    conflicts: fc.array(word),
  }),
);

/** A log as a conductor would number it, in any order of bodies. */
export const anyLog: fc.Arbitrary<GameEvent[]> = fc
  .array(anyBody, { maxLength: 60 })
  .map((bodies) =>
    bodies.map((body, index) => ({ v: 1, seq: index + 1, at: 1000 * index, mono: 1000 * index, ...body })),
  );
