/** What a registry answers; a header without a value is left out. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

export function jsonAnswer(value: object, status = 200, headers: Answer['headers'] = {}): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  }
}

/** An error of the Distribution API. */
export function refused(status: number, code: string, message: string, headers: Answer['headers'] = {}): Answer {
  return jsonAnswer({ errors: [{ code, message, detail: {} }] }, status, headers)
}
