import { formatPath } from '../../cluster/fields/path.ts';
import { controlledReason, emptyReason, ignoredFields, ignoredKinds } from './ignored.ts';

/** docs/what-may-differ.md: the reviewed list of what a restored cluster may differ in. */
export function comparisonPage(): string {
  const fields = ignoredFields.map(({ path, kind, whereNew, reason }) => {
    return `| \`${formatPath(path)}\`${whereNew ? ', where it was not there' : ''} | ${kind ?? 'all'} | ${reason} |`;
  });
  const kinds = ignoredKinds.map(({ kind, reason }) => `| ${kind} | ${reason} |`);
  return `# What may differ after a restore

<!-- Generated from src/fault/compare/ignored.ts; \`npx vitest run test/fault/compare/page.test.ts -u\` writes it anew. -->

\`misfortune recover --verify\`, \`misfortune validate\` and the crash test compare all objects of the game's namespaces, and
the nodes, with how they were before. Everything has to be equal but what is listed here.

| field | of | reason |
| --- | --- | --- |
${fields.join('\n')}

| kind | reason |
| --- | --- |
${kinds.join('\n')}
| what a controller owns (pods, replica sets) | ${controlledReason} |

Empty maps and lists count as absent: ${emptyReason}.
`;
}
