import type { CallOptions, Operation, Wire } from '../wire/call.ts'
import { path } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import { logsQuery, type LogsOptions } from './container-io.ts'
import { OutputStream } from './output-stream.ts'
import * as schema from './schema/tasks.ts'
import type { Task } from './schema/tasks.ts'

export interface TaskListOptions {
  /** `desired-state`, `id`, `label`, `name`, `node`, `service` */
  readonly filters?: Filters | undefined
}

/** Tasks of the swarm: each becomes a container of a node. */
export class Tasks {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /tasks` */
  async list(options: TaskListOptions = {}, call?: CallOptions): Promise<Task[]> {
    return this.#wire.json({ method: 'GET', path: '/tasks', query: { ...options }, call }, schema.tasks)
  }

  /** `GET /tasks/{id}`. @throws ApiError `NOT_FOUND` */
  async inspect(id: string, call?: CallOptions): Promise<Task> {
    return this.#wire.json({ method: 'GET', path: path`/tasks/${id}`, call }, schema.task)
  }

  /** `GET /tasks/{id}/logs`, both streams unless told otherwise. */
  logs(id: string, options: LogsOptions = {}, call?: CallOptions): OutputStream {
    const isTty = async (): Promise<boolean> =>
      (await this.inspect(id, { signal: call?.signal })).Spec.ContainerSpec?.TTY === true
    const operation = (): Operation => ({
      method: 'GET',
      path: path`/tasks/${id}/logs`,
      query: logsQuery(options),
      call,
    })
    return new OutputStream(this.#wire.frames(operation, isTty))
  }
}
