/**
 * Kubernetes' types for the whole program: those of @kubernetes/client-node (`import type`, so nothing is loaded), seen
 * through one of these. The client reads JSON into classes; we keep the JSON.
 */

/**
 * A type of the client as the API's JSON has it: times are RFC 3339 strings, and a field whose name is a word of
 * JavaScript (`from`, `default`, `continue`) has no underscore before it.
 */
export type Json<T> = T extends Date
  ? string
  : T extends (infer Element)[]
    ? Json<Element>[]
    : T extends object
      ? { [Field in keyof T as Name<Field>]: Json<T[Field]> }
      : T;

/** The same before it is validated: any field may be missing. */
export type Unvalidated<T> = T extends Date
  ? string
  : T extends (infer Element)[]
    ? Unvalidated<Element>[]
    : T extends object
      ? string extends keyof T
        ? { [Key in keyof T]: Unvalidated<T[Key]> }
        : { [Field in keyof T as Name<Field>]?: Unvalidated<T[Field]> }
      : T;

/** With the fields that the API server's defaults fill in or its validation asks for, where the client's types do not. */
export type Filled<T, Field extends keyof T> = T & { [Each in Field]-?: NonNullable<T[Each]> };

type Name<Field> = Field extends `_${infer Word}` ? Word : Field;
