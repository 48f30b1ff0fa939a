import type { PlaybookGrade, UnplannedChange } from '../../grade/playbook/playbook.ts';
import { clock, duration } from '../../words/time.ts';
import { withWho } from './who.ts';

/** What is known of a change that no step asks for: when it came, and what the scenario says of it. */
export function unplannedNote({ known, putsBack, afterFixMs }: UnplannedChange): string {
  const when = afterFixMs === undefined ? [] : [`${duration(afterFixMs)} after the fix`];
  if (putsBack !== undefined) return `, in no step; it puts back what “${putsBack}” had changed`;
  if (!known) return [...when.map((one) => `, ${one}`), ', in no step'].join('');
  const what =
    known.fails === undefined
      ? `the scenario lists it as ${known.isPart ? 'part of the' : 'the'} fix “${known.name}”`
      : `it is the scenario's wrong fix “${known.name}” (fails ${known.fails})`;
  return [...when.map((one) => `, ${one}`), ', in no step; ', what].join('');
}

/** "from 01:26 until 02:05, by `kubectl patch …`; ended by `kubectl delete …`" */
export function outageText({ from, until, cause, end }: PlaybookGrade['outages'][number]): string {
  const span = `from ${clock(from)} until ${until === undefined ? 'the end' : clock(until)}`;
  const began = cause ? `by ${withWho(cause)}` : 'by the fault';
  return [`${span}, ${began}`, ...(end ? [`ended by ${withWho(end)}`] : [])].join('; ');
}
