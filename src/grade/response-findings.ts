import type { PlaybookGrade } from './playbook.ts';
import type { ResponseGrade } from './response.ts';
import type { Finding } from './scorecard.ts';

/** About tools and runbooks: what in them led to a wrong diagnosis or claim. */
export function responseFindings(
  { diagnosis, wrongClaims }: ResponseGrade,
  { name }: PlaybookGrade,
): Finding[] {
  const wrong = diagnosis.tries.filter(({ originRight }) => originRight === false);
  return [
    ...(wrong.length > 0
      ? [
          {
            subject: 'response' as const,
            about: name,
            kind: 'improvement' as const,
            text: `What was visible pointed to ${wrong[0]?.text} first; ${diagnosis.origin} was the origin.`,
            evidence: wrong.map(({ at, text }) => ({ at, text })),
          },
        ]
      : []),
    ...(wrongClaims.length > 0
      ? [
          {
            subject: 'response' as const,
            about: name,
            kind: 'improvement' as const,
            text: `The playbook's way to verify did not tell that it was not over: ${wrongClaims[0]?.text}.`,
            evidence: wrongClaims,
          },
        ]
      : []),
  ];
}
