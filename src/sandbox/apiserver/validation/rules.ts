/** Small rules that many kinds share, in the words of apimachinery/pkg/util/validation. */
import type { FieldError } from '../status.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const labelName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);

export const subdomainRule = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`;
const labelRule = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`;

export const shown = (value: unknown) => JSON.stringify(value) ?? 'null';

export const required = (field: string, detail?: string): FieldError => ({
  type: 'Required',
  field,
  message: detail ? `Required value: ${detail}` : 'Required value',
});

export const invalidValue = (field: string, value: unknown, detail?: string): FieldError => ({
  type: 'Invalid',
  field,
  message: `Invalid value: ${shown(value)}${detail ? `: ${detail}` : ''}`,
});

export const forbiddenValue = (field: string, detail: string): FieldError => ({
  type: 'Forbidden',
  field,
  message: `Forbidden: ${detail}`,
});

export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'Duplicate',
  field,
  message: `Duplicate value: ${shown(value)}`,
});

export const notFoundValue = (field: string, value: unknown): FieldError => ({
  type: 'NotFound',
  field,
  message: `Not found: ${shown(value)}`,
});

/** `supported` in the order in which the message names them. */
export function oneOf(field: string, value: unknown, supported: string[]): FieldError[] {
  if (supported.includes(String(value))) return [];
  const names = supported.map(shown).join(', ');
  return [
    {
      type: 'NotSupported',
      field,
      message: `Unsupported value: ${shown(value)}: supported values: ${names}`,
    },
  ];
}

export function nonNegative(field: string, value: number | undefined): FieldError[] {
  if (value === undefined || value >= 0) return [];
  return [invalidValue(field, value, 'must be greater than or equal to 0')];
}

/** `most` in bytes. */
export const tooLong = (field: string, most: number): FieldError => ({
  type: 'TooLong',
  field,
  message: `Too long: may not be more than ${most} bytes`,
});

export const tooMany = (field: string, count: number, most: number): FieldError => ({
  type: 'TooMany',
  field,
  message: `Too many: ${count}: must have at most ${most} items`,
});

/** Of a value that says nothing, or of the place where it stands. */
export const wrong = (field: string, detail: string): FieldError => ({
  type: 'Invalid',
  field,
  message: `Invalid value: ${detail}`,
});

export function portNumber(field: string, value: number): FieldError[] {
  if (value >= 1 && value <= 65_535) return [];
  return [invalidValue(field, value, 'must be between 1 and 65535, inclusive')];
}

export function immutable(field: string, value: unknown): FieldError {
  return invalidValue(field, value, 'field is immutable');
}

/** What is wrong with a DNS subdomain. */
export function subdomainProblems(text: string): string[] {
  const problems = text.length > 253 ? ['must be no more than 253 characters'] : [];
  if (!whole(subdomain).test(text)) problems.push(subdomainRule);
  return problems;
}

/** What is wrong with a DNS label. */
export function labelProblems(text: string): string[] {
  if (text.includes('.')) return ['must not contain dots'];
  const problems = text.length > 63 ? ['must be no more than 63 characters'] : [];
  if (!whole(label).test(text)) problems.push(labelRule);
  return problems;
}

/** What is wrong with the key of a label or annotation: `[prefix/]name`. */
export function keyProblems(key: string): string[] {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  const problems: string[] = [];
  if (parts.length > 1) {
    return [
      `a qualified name ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (parts.length === 1) {
    if (parts[0] === '') problems.push('prefix part must be non-empty');
    else problems.push(...subdomainProblems(parts[0]!).map((problem) => `prefix part ${problem}`));
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push('name part must be no more than 63 bytes');
  if (!whole(labelName).test(name)) problems.push(`name part ${nameRule}`);
  return problems;
}

const nameRule = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${labelName}')`;

/** What is wrong with the value of a label. */
export function labelValueProblems(value: string): string[] {
  const problems = value.length > 63 ? ['must be no more than 63 bytes'] : [];
  if (!whole(`(${labelName})?`).test(value)) {
    problems.push(
      `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${labelName})?')`,
    );
  }
  return problems;
}

/** A named port: at most 15 of a-z, 0-9 and single hyphens, with a letter. */
export function portNameProblems(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
    return problems;
  }
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

/** What must have the form of a label's key: `[prefix/]name`. */
export function qualifiedName(field: string, value: string): FieldError[] {
  return keyProblems(value).map((problem) => invalidValue(field, value, problem));
}

/** A DNS label, as the name of a port. */
export function dnsLabel(field: string, value: string): FieldError[] {
  return labelProblems(value).map((problem) => invalidValue(field, value, problem));
}

export function dnsSubdomain(field: string, value: string): FieldError[] {
  return subdomainProblems(value).map((problem) => invalidValue(field, value, problem));
}

/** Port of a container: a number, or a name. */
export function portNumberOrName(field: string, value: number | string): FieldError[] {
  if (typeof value === 'number') return portNumber(field, value);
  return portNameProblems(value).map((problem) => invalidValue(field, value, problem));
}

/** `acme.io/foo` (IsDomainPrefixedPath). */
export function domainPrefixedPath(field: string, value: string): FieldError[] {
  if (!value) return [required(field)];
  const [domain = '', ...rest] = value.split('/');
  const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
  if (!domain || rest.length === 0 || rest.join('/') === '') return [invalidValue(field, value, why)];
  const path = rest.join('/');
  const isPath = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(path);
  return [
    ...subdomainProblems(domain).map((problem) => invalidValue(field, domain, problem)),
    ...(isPath
      ? []
      : [
          invalidValue(
            field,
            path,
            "Invalid path (e.g. 'acme.io/foo', regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
          ),
        ]),
  ];
}
