import { objectAt, textAt, type JsonObject } from '../../base/json.ts'

/** The entry `HOME=…` that podman itself has put into an environment. */
export interface GeneratedHome {
  /** `undefined` where there is none. */
  readonly entry: string | undefined
  /** False where it may have been asked for. */
  readonly isSure: boolean
}

const NONE: GeneratedHome = { entry: undefined, isSure: true }

/**
 * podman 5 sets `HOME` at a start, by the user and the working directory, where nobody asked for it, and shows it from then
 * on as if somebody had: behind all other entries, but for the hostname (libpod container_internal_common.go).
 *
 * @param wasAsked whether it was asked for; `undefined` where that is not known
 */
export function generatedHome(raw: JsonObject, wasAsked: boolean | undefined): GeneratedHome {
  const config = objectAt(raw, 'Config')
  const { Env } = config
  const entries = Array.isArray(Env) ? Env.filter((entry) => typeof entry === 'string') : []
  const rest = entries.at(-1)?.startsWith('HOSTNAME=') === true ? entries.slice(0, -1) : entries
  const last = rest.at(-1)
  const hasRun = textAt(objectAt(raw, 'State'), 'StartedAt') > '0001-01-02'
  if (wasAsked === true || !hasRun || last?.startsWith('HOME=') !== true) return NONE
  const home = last.slice('HOME='.length)
  // A user that the image does not know has the working directory for a home.
  const isUsual = ['', '/', '/root', textAt(config, 'WorkingDir')].includes(home)
  return { entry: last, isSure: wasAsked === false || isUsual }
}
