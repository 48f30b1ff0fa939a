import { quoted } from '../../words/escape.ts';
import { plural } from '../../words/number.ts';
import type { Finding } from '../finding.ts';
import type { Course } from '../moments.ts';
import type { PlaybookGrade } from '../playbook/playbook.ts';
import type { DiagnosisTry } from './diagnosis.ts';
import type { ResponseGrade, WrongClaim } from './response.ts';

/** About tools and runbooks: what went before a wrong diagnosis or claim. */
export function responseFindings(
  { diagnosis, wrongClaims }: ResponseGrade,
  { name, steps }: PlaybookGrade,
  { search, faultEnd }: Pick<Course, 'search' | 'faultEnd'>,
): Finding[] {
  const since = (at = 0, until = faultEnd) => (until > at ? { span: { from: at, until } } : {});
  const base = { subject: 'response' as const, about: name, kind: 'improvement' as const };
  const wrong = diagnosis.tries.filter(({ originRight }) => originRight === false);
  const blamed = wrongClaims.filter(({ verifiedBy }) => verifiedBy !== undefined);
  const early = wrongClaims.filter(({ verifiedBy }) => verifiedBy === undefined);
  const verifying = steps.filter(({ phase }) => phase === 'verify');
  const isUnseen = verifying.some(({ status }) => status === 'not observable');
  return [
    ...(wrong[0]
      ? [
          {
            ...base,
            text: diagnosisText(wrong[0], diagnosis.origin),
            evidence: wrong,
            ...since(wrong[0].at, search.until),
          },
        ]
      : []),
    ...blamed.slice(0, 1).map(({ verifiedBy, text }) => ({
      ...base,
      text: `Step ${verifiedBy} was done, and did not show that the failure went on: ${text}.`,
      evidence: blamed,
      ...since(blamed[0]?.at),
    })),
    ...(early.length > 0 && verifying.length > 0 && !isUnseen
      ? [
          {
            ...base,
            text: earlyText(early, verifying.map(({ id }) => id).join(', ')),
            evidence: early,
            ...since(early[0]?.at),
          },
        ]
      : []),
  ];
}

/** Only what was opened before it may be named. */
function diagnosisText({ text, opened, isBypassed, who }: DiagnosisTry, origin: string): string {
  const said = `diagnosis (${text}${who === undefined ? '' : `, by ${who}`})`;
  if (opened.length === 0) {
    return isBypassed
      ? `The ${said} was made before anything was opened through the recorder; the origin was ${origin}.`
      : `The ${said} was made before anything was opened; the origin was ${origin}.`;
  }
  return `The ${said} came after ${opened.map(quoted).join(', ')}; the origin was ${origin}. Do they point to it?`;
}

function earlyText(claims: readonly WrongClaim[], step: string): string {
  const first = claims[0]?.beforeAnyChange
    ? claims.length === 1
      ? ', before any change'
      : '; the first before any change'
    : '';
  const were = claims.length === 1 ? 'was' : 'were';
  return `${plural(claims.length, 'claim')} ${were} made before the step ${step}${first}.`;
}
