import type { CaseKind, CaseResult } from '../game/validate/result.ts';
import { clean } from '../words/clean.ts';
import { cut } from '../words/width.ts';

/**
 * Tells on standard error how far a validation is: a line a case, and in a terminal what is being played, at what that is, and for
 * how long. Several scenarios may be played at a time.
 */
export interface ValidateProgress {
  start(one: { kind: CaseKind; name: string }, scenario: string): void;
  phase(phase: string, scenario: string): void;
  result(result: CaseResult): void;
  close(): void;
}

const phases: Record<string, string> = {
  'steady-state': 'waiting for the steady state',
  baseline: 'baseline',
  inject: 'injecting the fault, waiting for its effect',
  respond: 'responding',
  restore: 'restoring',
  debrief: 'recording',
};

export function validateProgress(total: number, output: NodeJS.WriteStream): ValidateProgress {
  const live = output.isTTY;
  let number = 0;
  const playing = new Map<string, { line: string; doing: string; begun: number }>();
  const clear = () => live && output.write('\r\u001b[K');
  const draw = () => {
    const texts = [...playing.values()].map(({ line, doing, begun }) =>
      [line, doing, `${Math.round((performance.now() - begun) / 1000)} s`].filter(Boolean).join(' · '),
    );
    clear();
    output.write(cut(texts.join('   '), Math.max(1, (output.columns || 80) - 1)));
  };
  const ticking = live ? setInterval(() => playing.size > 0 && draw(), 1000).unref() : undefined;
  return {
    start({ kind, name }, scenario) {
      number += 1;
      const line = `[${number}/${total}] ${clean(`${scenario} · ${kind} · ${name}`)}`;
      playing.set(scenario, { line, doing: '', begun: performance.now() });
      if (live) draw();
    },
    phase(phase, scenario) {
      const one = playing.get(scenario);
      if (one) one.doing = phases[phase] ?? '';
      if (live) draw();
    },
    result({ scenario, outcome, problems, seconds }) {
      clear();
      output.write(`${playing.get(scenario)?.line ?? scenario} · ${outcome} · ${seconds.toFixed(1)} s\n`);
      for (const problem of problems) output.write(`    ${clean(problem)}\n`);
      playing.delete(scenario);
    },
    close() {
      clearInterval(ticking);
      if (playing.size > 0) clear();
    },
  };
}
