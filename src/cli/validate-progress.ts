import type { CaseKind, CaseResult } from '../game/validate/result.ts';
import { clean } from '../tui/text.ts';

/** Tells on standard error how far a validation is: a line a case, and in a terminal what it is at and for how long. */
export interface ValidateProgress {
  start(one: { kind: CaseKind; name: string }, scenario: string): void;
  phase(phase: string): void;
  result(result: CaseResult): void;
  close(): void;
}

const phases: Record<string, string> = {
  calm: 'waiting until the stack is calm',
  baseline: 'baseline',
  inject: 'breaking it, waiting for the effect',
  respond: 'responding',
  restore: 'restoring',
  debrief: 'recording',
};

export function validateProgress(total: number, output: NodeJS.WriteStream): ValidateProgress {
  const live = output.isTTY;
  let number = 0;
  let line = '';
  let doing = '';
  let begun = performance.now();
  const draw = () => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    const text = [line, doing, `${seconds} s`].filter(Boolean).join(' · ');
    output.write(`\r\u001b[K${text.slice(0, Math.max(0, (output.columns || 80) - 1))}`);
  };
  const ticking = live ? setInterval(() => line && draw(), 1000).unref() : undefined;
  return {
    start({ kind, name }, scenario) {
      number += 1;
      line = `[${number}/${total}] ${clean(`${scenario} · ${kind} · ${name}`)}`;
      doing = '';
      begun = performance.now();
      if (live) draw();
    },
    phase(phase) {
      doing = phases[phase] ?? '';
      if (live) draw();
    },
    result({ outcome, problems, seconds }) {
      output.write(`${live ? '\r\u001b[K' : ''}${line} · ${outcome} · ${seconds.toFixed(1)} s\n`);
      for (const problem of problems) output.write(`    ${clean(problem)}\n`);
      line = '';
    },
    close() {
      clearInterval(ticking);
      if (live && line) output.write('\r\u001b[K');
    },
  };
}
