import { createInterface } from 'node:readline';

/**
 * Yes (also by ⏎ alone) or no; no where the input ends. What was typed ahead, for what comes after, is no answer: it is
 * given back, not lost.
 */
export async function askYesOrNo(
  question: string,
  { stdin, stdout }: { stdin: NodeJS.ReadableStream; stdout: NodeJS.WritableStream },
): Promise<{ answer: boolean; typedAhead: string[] }> {
  const lines = createInterface({ input: stdin, output: stdout, prompt: question });
  const typedAhead: string[] = [];
  let answer: boolean | undefined;
  try {
    await new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        const text = line.trim();
        if (answer === undefined && /^(y(es)?|no?)?$/i.test(text)) {
          answer = !/^n/i.test(text);
          // More may have come with it.
          setImmediate(resolve);
          return;
        }
        if (text !== '') typedAhead.push(text);
        if (answer !== undefined) return;
        stdout.write('Answer y or n; what was typed is kept, not run.\n');
        lines.prompt();
      });
      lines.once('close', resolve);
      lines.prompt();
    });
    if (lines.line.trim() !== '') typedAhead.push(lines.line.trim());
    return { answer: answer ?? false, typedAhead };
  } finally {
    lines.close();
  }
}

export interface Question {
  key: string;
  text: string;
  /** What ⏎ alone means; undefined: an answer is needed. */
  fallback?: string;
  /** Why an answer cannot be; undefined if it can. */
  problem(answer: string): string | undefined;
}

/** Asks one question after the other, a wrong answer again. Gives the answers by key; undefined if the input ends before the last. */
export async function askTexts(
  questions: readonly Question[],
  { stdin, stdout }: { stdin: NodeJS.ReadableStream; stdout: NodeJS.WritableStream },
): Promise<Record<string, string> | undefined> {
  const lines = createInterface({ input: stdin, output: stdout });
  const typed = lines[Symbol.asyncIterator]();
  const answers: Record<string, string> = {};
  try {
    for (const { key, text, fallback, problem } of questions) {
      while (answers[key] === undefined) {
        stdout.write(fallback === undefined ? `${text}: ` : `${text} [${fallback}]: `);
        const { value, done } = await typed.next();
        if (done) return undefined;
        const answer = value.trim() || (fallback ?? '');
        const wrong = problem(answer);
        if (wrong === undefined) answers[key] = answer;
        else stdout.write(`${wrong}\n`);
      }
    }
    return answers;
  } finally {
    lines.close();
  }
}
