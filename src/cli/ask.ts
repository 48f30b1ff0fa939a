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
        if (answer === undefined) lines.prompt();
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
