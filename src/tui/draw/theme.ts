/** Colours by meaning; screens never name a colour. With NO_COLOR (or no colour support) all of them are plain. */
export interface Theme {
  good?: string;
  bad?: string;
  warn?: string;
  accent?: string;
  quiet?: string;
}

export function themeFor(env: NodeJS.ProcessEnv): Theme {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return {};
  return { good: 'green', bad: 'red', warn: 'yellow', accent: 'cyan', quiet: 'gray' };
}
