import type { CallOptions, Wire } from '../wire/call.ts'
import { path } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import type { Body } from './schema/body.ts'
import * as schema from './schema/nodes.ts'
import type { Node, NodeSpec } from './schema/nodes.ts'

export interface NodeListOptions {
  /** `id`, `label`, `membership`, `name`, `node.label`, `role` */
  readonly filters?: Filters | undefined
}

export interface NodeRemoveOptions {
  /** Also one that is up. */
  readonly force?: boolean | undefined
}

export interface SwarmObjectUpdateOptions {
  /** `Version.Index` of the inspect that the change is based on. @throws ApiError when it is not the newest */
  readonly version: number
}

/** Nodes of the swarm. */
export class Nodes {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /nodes` */
  async list(options: NodeListOptions = {}, call?: CallOptions): Promise<Node[]> {
    return this.#wire.json({ method: 'GET', path: '/nodes', query: { ...options }, call }, schema.nodes)
  }

  /** `GET /nodes/{id}`, by id, name, or `self`. @throws ApiError `NOT_FOUND` */
  async inspect(id: string, call?: CallOptions): Promise<Node> {
    return this.#wire.json({ method: 'GET', path: path`/nodes/${id}`, call }, schema.node)
  }

  /** `POST /nodes/{id}/update`: the whole specification. */
  async update(id: string, body: Body<NodeSpec>, options: SwarmObjectUpdateOptions, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'POST', path: path`/nodes/${id}/update`, query: { ...options }, json: body, call })
  }

  /** `DELETE /nodes/{id}` */
  async remove(id: string, options: NodeRemoveOptions = {}, call?: CallOptions): Promise<void> {
    await this.#wire.none({ method: 'DELETE', path: path`/nodes/${id}`, query: { ...options }, call })
  }
}
