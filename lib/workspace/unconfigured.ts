import { WorkspaceError } from '../base/errors.ts'
import type { Backend } from './backend.ts'

/** The error of everything that needs a backend where none is set up. */
export function noBackend(): WorkspaceError {
  return new WorkspaceError(
    'NO_BACKEND',
    'no workspace backend is set up: give it an engine (DOCKER_HOST or a default socket) or a control plane (MOLECULE_ORG_ID)',
  )
}

function refuse(): Promise<never> {
  return Promise.reject(noBackend())
}

/** The backend of a platform that has none: it says so, and never that something is stopped. */
export function unconfiguredBackend(): Backend {
  return {
    kind: 'none',
    start: refuse,
    stop: refuse,
    remove: refuse,
    console: refuse,
    status: async () => ({ state: 'unknown', reason: 'no workspace backend is set up', error: noBackend() }),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}
