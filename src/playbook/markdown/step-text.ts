import { parse, stringify } from 'yaml';
import { parseDuration } from '../../words/duration.ts';

/** What a rendered step says beside its text: in a line for people, and what that cannot say in a comment. */
export type StepExtras = Record<string, unknown>;

/** `<!-- step … -->`: YAML of what Markdown cannot show. Undefined: another comment, or no comment. */
export function extrasIn(html: string): StepExtras | undefined {
  const found = /^<!--\s*step\b([\s\S]*?)-->$/.exec(html.trim());
  if (!found) return undefined;
  const value: unknown = parse((found[1] ?? '').replaceAll('-\u200B-', '--')) ?? {};
  return typeof value === 'object' && !Array.isArray(value) ? (value as StepExtras) : undefined;
}

/** The inverse of `extrasIn`. A comment of HTML ends at `--`, so that within it a space without width parts the two. */
export function extrasComment(extras: StepExtras): string {
  if (Object.keys(extras).length === 0) return '<!-- step -->';
  const text = stringify(extras, { collectionStyle: 'flow', lineWidth: 0 }).trim();
  return `<!-- step ${text.replaceAll('--', '-\u200B-')} -->`;
}

/** `*After [look](#look) · within 5m · optional*`: undefined where a paragraph is something else. */
export function attributesIn(paragraph: string): StepExtras | undefined {
  const inner = /^\*([^*]+)\*$/.exec(paragraph.trim())?.[1];
  if (inner === undefined) return undefined;
  const extras: StepExtras = {};
  for (const part of inner.split(' · ')) {
    const [first = '', ...rest] = part.trim().split(/\s+/);
    const word = first.toLowerCase();
    const value = rest.join(' ');
    const after = [...value.matchAll(/\]\(#([^)\s]+)\)/g)].map(([, id]) => id);
    if (word === 'after' && after.length > 0) extras.after = after;
    else if (word === 'within' && parseDuration(value) !== undefined) extras.within = value;
    else if (word === 'optional' && value === '') extras.optional = true;
    else if (word === 'manual' && value === '') extras.kind = 'manual';
    else return undefined;
  }
  return extras;
}

/** The inverse of `attributesIn`; undefined where there is nothing to say. `titles`: what steps are called by their ids. */
export function attributesLine(
  { after, within, optional, kind }: StepExtras,
  titles: ReadonlyMap<string, string>,
): string | undefined {
  const parts = [
    ...(Array.isArray(after) && after.length > 0
      ? [`after ${after.map((id: string) => `[${(titles.get(id) ?? id).toLowerCase()}](#${id})`).join(', ')}`]
      : []),
    ...(typeof within === 'string' ? [`within ${within}`] : []),
    ...(optional === true ? ['optional'] : []),
    ...(kind === 'manual' ? ['manual'] : []),
  ];
  const text = parts.join(' · ');
  return text === '' ? undefined : `*${text[0]!.toUpperCase()}${text.slice(1)}*`;
}

/** What stands above a list of alternatives. */
export const oneOfThese = 'One of these:';
