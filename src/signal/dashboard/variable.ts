/** What a variable of a dashboard stands for. */
export interface VariableValue {
  values: string[];
  /** How they are shown, where that differs from the values. */
  texts?: string[];
  /** It can hold several values (multi, or with "All"): filled in as a regular expression. */
  multi: boolean;
  /** A custom "all" value. */
  verbatim?: string;
}

export interface Variables {
  values: Record<string, VariableValue>;
  /** Why a variable has no value, by name. */
  problems: Record<string, string>;
  /** What ad-hoc filters add to each selector, as PromQL writes matchers. */
  matchers: string[];
}

/** A template variable as far as it is read here. */
export interface Template {
  name: string;
  type: string;
  query?: unknown;
  datasource?: unknown;
  regex?: string;
  sort?: number;
  current?: { value?: unknown; text?: unknown };
  options?: { value?: unknown; text?: unknown; selected?: boolean }[];
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string | null;
  auto?: boolean;
  auto_count?: unknown;
  auto_min?: unknown;
  filters?: unknown;
  valuesFormat?: string;
  enabledValue?: unknown;
  disabledValue?: unknown;
}

/** Grafana's word for "All" in `current`. */
export const all = '$__all';

export interface Option {
  value: string;
  text: string;
}

/** What was saved as the value: one word, or several. */
export function savedValues({ current }: Template): string[] {
  const { value } = current ?? {};
  if (Array.isArray(value)) return value.map(String);
  return value === undefined || value === null || typeof value === 'object' ? [] : [String(value)];
}

export function isMulti({ multi, includeAll }: Template): boolean {
  return multi === true || includeAll === true;
}

/**
 * Which of its options a variable stands for when somebody opens the dashboard: what was saved as far as it is still
 * there, else "All" where that can be chosen, else the first; no options: ''. Source: Grafana's scenes,
 * MultiValueVariable.
 */
export function chosen(template: Template, options: readonly Option[]): VariableValue {
  const multi = isMulti(template);
  const saved = savedValues(template);
  const still = saved
    .filter((word) => word !== all)
    .flatMap((word) => options.find(({ value, text }) => value === word || text === word) ?? []);
  const isAll = template.includeAll === true && (saved.includes(all) || still.length === 0);
  if (isAll) return allOf(template, options);
  const kept = still.length > 0 ? (multi ? still : still.slice(0, 1)) : options.slice(0, 1);
  if (kept.length === 0) return { values: [''], multi };
  return { values: kept.map(({ value }) => value), texts: kept.map(({ text }) => text), multi };
}

/** All values; a custom "all" value is filled in instead of them, but repeated is for each. */
export function allOf({ allValue }: Template, options: readonly Option[]): VariableValue {
  const values = options.map(({ value }) => value);
  const whole = { values, texts: options.map(({ text }) => text), multi: true };
  if (allValue) return { ...whole, verbatim: allValue };
  return options.length > 0 ? whole : { values: [''], multi: true };
}
