import { diffIndices } from 'node-diff3';

/** Lines around a change, as `diff -u` and git show them. */
const context = 3;

/** What `git apply` takes to make one text of another; '' of two that are the same. `file` as seen from where it is applied. */
export function unifiedDiff(file: string, before: string, after: string): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  const hunks: { from: number; until: number; shift: number; changes: Change[] }[] = [];
  let shift = 0;
  for (const { buffer1, buffer2 } of diffIndices(old, now)) {
    const change = {
      at: buffer1[0],
      removed: buffer1[1],
      put: now.slice(buffer2[0], buffer2[0] + buffer2[1]),
    };
    const [from, until] = [Math.max(0, change.at - context), change.at + change.removed + context];
    const last = hunks.at(-1);
    if (last && from <= last.until) Object.assign(last, { until, changes: [...last.changes, change] });
    else hunks.push({ from, until, shift, changes: [change] });
    shift += change.put.length - change.removed;
  }
  if (hunks.length === 0) return '';
  const head = [`--- a/${file}`, `+++ b/${file}`];
  return [...head, ...hunks.flatMap((hunk) => hunkLines(old, hunk))].join('\n');
}

interface Change {
  at: number;
  removed: number;
  put: string[];
}

function hunkLines(
  old: readonly string[],
  { from, until, shift, changes }: { from: number; until: number; shift: number; changes: readonly Change[] },
): string[] {
  const end = Math.min(old.length, until);
  const lines: string[] = [];
  const show = (sign: string, all: readonly string[]) =>
    lines.push(...all.flatMap((line) => signed(sign, line)));
  let at = from;
  for (const change of changes) {
    show(' ', old.slice(at, change.at));
    at = change.at + change.removed;
    show('-', old.slice(change.at, at));
    show('+', change.put);
  }
  show(' ', old.slice(at, end));
  const grown = changes.reduce((sum, { put, removed }) => sum + put.length - removed, 0);
  const [before, after] = [end - from, end - from + grown];
  const place = (start: number, count: number) => `${count === 0 ? start : start + 1},${count}`;
  return [`@@ -${place(from, before)} +${place(from + shift, after)} @@`, ...lines];
}

/** Each with its line break, so that a last line without one is another than the same with one. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function signed(sign: string, line: string): string[] {
  return line.endsWith('\n') ? [sign + line.slice(0, -1)] : [sign + line, '\\ No newline at end of file'];
}
