/** A text that must not be shown: printing or serialising it gives `[redacted]`, inspecting it nothing. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The text itself, for the header it goes into. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[redacted]'
  }

  toJSON(): string {
    return '[redacted]'
  }
}

/** The text of a secret or of a plain string. */
export function reveal(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value
}
