import type { V1LabelSelector } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../kubernetes.ts';
import type { FieldError } from '../status.ts';
import { validateLabels } from './meta.ts';
import { forbiddenValue, invalidValue, keyProblems, labelValueProblems, required } from './rules.ts';

type Selector = Unvalidated<V1LabelSelector>;

/** A LabelSelector (apimachinery/pkg/apis/meta/v1/validation: ValidateLabelSelector). */
export function validateLabelSelector(field: string, selector: Selector | undefined): FieldError[] {
  const { matchLabels, matchExpressions = [] } = selector ?? {};
  return [
    ...validateLabels(`${field}.matchLabels`, matchLabels),
    ...matchExpressions.flatMap((one, index) =>
      validateRequirement(`${field}.matchExpressions[${index}]`, one),
    ),
  ];
}

function validateRequirement(
  field: string,
  { key = '', operator, values = [] }: NonNullable<Selector['matchExpressions']>[number],
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    const why = "must be specified when `operator` is 'In' or 'NotIn'";
    if (values.length === 0) errors.push(required(`${field}.values`, why));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    if (values.length > 0) errors.push(forbiddenValue(`${field}.values`, why));
  } else errors.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'));
  errors.push(...keyProblems(key).map((problem) => invalidValue(`${field}.key`, key, problem)));
  for (const [index, value] of values.entries()) {
    for (const problem of labelValueProblems(value)) {
      errors.push(invalidValue(`${field}.values[${index}]`, value, problem));
    }
  }
  return errors;
}
