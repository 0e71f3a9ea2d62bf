// What a real engine answered to the script, kept so that the model can be calibrated without it.
import { readFileSync } from 'node:fs'

import { canonicalJson, parseJson, type JsonObject } from '../../../lib/base/json.ts'
import type { ProfileName } from '../../../lib/testing/model/index.ts'
import type { Seen } from './run.ts'

export interface Recording {
  readonly profile: ProfileName
  /** Name and version of the real engine. */
  readonly engine: string
  readonly seen: readonly Seen[]
}

/** One line for each step; a state is written only when it differs from the one before. The engine's words are left out. */
export function printRecording({ profile, engine, seen }: Recording): string {
  let before = ''
  const lines = seen.map(({ step, status, code, whole, state }) => {
    const rest = { step, status, code, whole }
    const now = canonicalJson(state)
    const same = now === before
    before = now
    return JSON.stringify(same ? rest : { ...rest, state })
  })
  return `${JSON.stringify({ profile, engine })}\n${lines.join('\n')}\n`
}

export function readRecording(path: string): Recording {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  let state: JsonObject = {}
  const seen = lines.map((line) => {
    const one = parseJson(line) as unknown as Seen
    state = (one as Partial<Seen>).state ?? state
    return { ...one, words: '', state }
  })
  return { ...(parseJson(head) as unknown as Pick<Recording, 'profile' | 'engine'>), seen }
}
