/** A call that the engine refuses: status and words. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, words: string) {
    super(words)
    this.status = status
  }
}

/** Status and words of one refusal. */
export type Said = readonly [status: number, words: string]

/** Throws what the engine says, if it says anything. */
export function refuseIf(said: Said | undefined): void {
  if (said !== undefined) refuse(said)
}

/** Throws what the engine says. */
export function refuse([status, words]: Said): never {
  throw new Refusal(status, words)
}
