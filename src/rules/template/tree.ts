/** The syntax tree of a Go template (https://pkg.go.dev/text/template). Offsets are into its text. */
export interface Pipeline {
  /** `$i, $e :=` or `$x =`; in a range the first of two is the index. */
  readonly variables: readonly string[];
  /** Makes new variables, instead of setting known ones. */
  readonly declares: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
}

/** A value, or a function or field with arguments. */
export interface Command {
  readonly operands: readonly Operand[];
  readonly at: number;
}

export type Operand = { readonly at: number } & (
  | { readonly kind: 'constant'; readonly value: string | number | bigint | boolean | undefined }
  | { readonly kind: 'dot'; readonly fields: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'function'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly fields: readonly string[] }
);

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | {
      readonly kind: 'template';
      readonly name: string;
      readonly pipeline: Pipeline | undefined;
      readonly at: number;
    }
  | { readonly kind: 'break' | 'continue' };

export interface Template {
  readonly body: readonly Node[];
  /** By name: `{{ define "x" }}`. */
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/** A template that cannot be parsed; `at` is an offset into its text. */
export class TemplateError extends Error {
  readonly code = 'TEMPLATE';
  override readonly name = 'TemplateError';
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}
