/** What is told of a call to whoever decides over faults. */
export interface FaultCall {
  /** 1 for the first call of this engine. */
  readonly n: number
  readonly method: string
  /** Without version prefix and query. */
  readonly path: string
}

/** Something that goes wrong with one call. */
export interface Fault {
  /**
   * `before`: the engine never gets to work on the call. `after`: it does, and then the answer goes wrong. `during`: it
   * does, and the answer goes wrong while it still works.
   */
  readonly kind: 'before' | 'during' | 'after'
  /**
   * `lose` breaks the connection, `error` answers 500, `cut` breaks the connection inside the answer; `none` lets the call
   * go on in a world that `run` has changed.
   */
  readonly action: 'lose' | 'error' | 'cut' | 'none'
  /** With `cut`: chunks of a stream that still arrive; default 1. */
  readonly chunks?: number | undefined
  /** Called at that moment, for instance to kill the client that is tested. */
  readonly run?: (() => void) | undefined
}

/** Decides, for each call, whether it fails. */
export type Faults = (call: FaultCall) => Fault | undefined
