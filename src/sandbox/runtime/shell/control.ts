/** `exit`, also from a function; ends the shell that it is in. */
export class Exit extends Error {
  constructor(readonly code: number) {
    super();
  }
}

/** `break` and `continue`, with how many loops are left to leave. */
export class Jump extends Error {
  constructor(
    readonly kind: 'break' | 'continue',
    readonly levels: number,
  ) {
    super();
  }
}

/** The variables of a container take more memory than it may. */
export class OutOfMemory extends Error {}
