import { WorkspaceError } from '../base/errors.ts'
import type { Backend, BackendOptions, RemoveOptions, Started } from './backend.ts'
import { DEFAULT_RUNTIME } from './image.ts'
import type { InstanceStore, RowStatus } from './store/store.ts'
import type { Workspace } from './workspace.ts'

/** Workspaces that are run and kept on file at once. */
export interface Life {
  /** On file as `provisioning`, then `online` with its URL, or `failed`. */
  start(workspace: Workspace, options?: BackendOptions): Promise<Started>
  /** On file as `paused` once it is stopped. */
  stop(id: string, options?: BackendOptions): Promise<void>
  /** On file as `removed` first: whatever else looks after workspaces leaves it alone from then on. */
  remove(id: string, options?: RemoveOptions): Promise<void>
}

const GONE: readonly RowStatus[] = ['removed']

function removed(id: string): WorkspaceError {
  return new WorkspaceError('WORKSPACE_REMOVED', `workspace ${id} was removed: its id is not used again`)
}

/** Joins a backend with the file on which its workspaces are. */
export function workspaceLife(backend: Backend, store: InstanceStore): Life {
  return {
    start: async (workspace, options) => {
      const { id, runtime = DEFAULT_RUNTIME, tier = 2 } = workspace
      if (!(await store.save(id, { status: 'provisioning', runtime, tier, url: null }, GONE))) throw removed(id)
      try {
        const started = await backend.start(workspace, options)
        if (await store.save(id, { status: 'online', url: started.url ?? null }, GONE)) return started
        await backend.remove(id) // removed meanwhile, by somebody who found nothing yet
        throw removed(id)
      } catch (error) {
        await store.save(id, { status: 'failed' }, GONE).catch(() => {}) // the error of the start is the one to tell
        throw error
      }
    },
    stop: async (id, options) => {
      await backend.stop(id, options)
      await store.save(id, { status: 'paused', url: null }, GONE)
    },
    remove: async (id, options) => {
      await store.save(id, { status: 'removed', url: null })
      await backend.remove(id, options)
    },
  }
}

/** Whether a workspace is on file as removed: what a start asks before it makes a container. */
export function isRemovedIn(store: Pick<InstanceStore, 'get'>): (id: string) => Promise<boolean> {
  return async (id) => (await store.get(id))?.status === 'removed'
}
