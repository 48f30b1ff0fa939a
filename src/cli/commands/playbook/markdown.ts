import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { limits } from '../../../document/limits.ts';
import { describeError, exitCodes, MisfortuneError } from '../../../errors.ts';
import { loadLibrary } from '../../../game/library/library.ts';
import { importRunbook } from '../../../playbook/markdown/import.ts';
import { renderPlaybook } from '../../../playbook/markdown/render.ts';
import { findPlaybook } from '../../../scenario/library.ts';
import { plural } from '../../../words/number.ts';
import { print } from '../../output.ts';
import { schemaFor } from '../new-scenario.ts';

/** `misfortune playbook import FILE`: what could not be understood goes to standard error, it is no failure. */
export function importFile(file: string, options: { out?: string; json?: boolean }): void {
  const { out } = options;
  const imported = importRunbook(file, textOf(file), schemaFor(resolve(out ?? 'playbook.yaml'), 'playbook'));
  const { playbook, text, notes, recognised } = imported;
  if (out !== undefined) writeNew(out, text);
  const { steps } = playbook as { steps: unknown[] };
  const summary = `${plural(steps.length, 'step')}, ${recognised} recognised by a command, ${steps.length - recognised} manual`;
  const described = notes.map(({ code, message, todo, place }) => ({ code, message, todo, ...place }));
  print(
    { ...(out !== undefined && { out }), steps: steps.length, recognised, notes: described, playbook },
    options,
    () => (out === undefined ? [text.trimEnd()] : [`wrote ${shown(out)}: ${summary}`]),
  );
  if (options.json) return;
  for (const note of notes) process.stderr.write(`${describeError(note)}\n`);
}

/** `misfortune playbook render NAME` */
export async function renderNamed(name: string, options: { out?: string; json?: boolean }): Promise<void> {
  const { out } = options;
  const { library } = await loadLibrary();
  const { playbook } = findPlaybook(library, name);
  if (!playbook) return;
  const page = renderPlaybook(playbook);
  if (out !== undefined) writeNew(out, page);
  print({ name, page, ...(out !== undefined && { out }) }, options, () =>
    out === undefined ? [page.trimEnd()] : [`wrote ${shown(out)}`],
  );
}

function textOf(file: string): string {
  const place = { file };
  const refuse = (message: string, cause?: unknown) =>
    new MisfortuneError('unreadable-file', message, { place, exitCode: exitCodes.usage, cause });
  let bytes: Buffer;
  try {
    const found = statSync(file);
    if (!found.isFile()) throw refuse('Expected a file of Markdown, got something else.');
    if (found.size > limits.bytes)
      throw refuse(`Expected a page of at most 1 MiB, got ${(found.size / limits.bytes).toFixed(1)} MiB.`);
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof MisfortuneError) throw error;
    throw refuse(`The file cannot be read: ${(error as Error).message}.`, error);
  }
  if (bytes.includes(0)) throw refuse('Expected a page of Markdown, got a file that is no text.');
  return bytes.toString('utf8');
}

/** Never over a file that is there: somebody may have worked on it. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw new MisfortuneError(
      exists ? 'file-exists' : 'not-written',
      exists ? `${file} exists already.` : `${file} cannot be written: ${(cause as Error).message}.`,
      { todo: 'Name another file with --out.', exitCode: exitCodes.usage, cause },
    );
  }
}

function shown(file: string): string {
  return relative(process.cwd(), resolve(file)) || file;
}
