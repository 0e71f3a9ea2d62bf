import type { RegistryAuth } from '../base/registry-auth.ts'
import type { ProgressMessage } from '../stream/progress.ts'
import type { CallOptions, Operation, Reading, Wire } from '../wire/call.ts'
import { imageName } from '../wire/path.ts'
import type { Filters } from '../wire/query.ts'
import { authHeader } from './auth-header.ts'
import { ProgressStream, streamFailure } from './progress-stream.ts'
import { progressMessage } from './schema/images.ts'
import * as schema from './schema/plugins.ts'
import type { Plugin, PluginPrivilege } from './schema/plugins.ts'
import { tarBytes, type TarSource } from './tar-body.ts'

export interface PluginListOptions {
  /** `capability`, `enable` */
  readonly filters?: Filters | undefined
}

export interface PluginPullOptions {
  /** Reference in a registry. */
  readonly remote: string
  /** Name it gets here; default the reference. */
  readonly name?: string | undefined
  readonly auth?: RegistryAuth | undefined
}

export interface PluginUpgradeOptions {
  /** Reference in a registry. */
  readonly remote: string
  readonly auth?: RegistryAuth | undefined
}

export interface PluginPushOptions {
  readonly auth?: RegistryAuth | undefined
}

/** Plugins of the engine. podman has none of these operations. */
export class Plugins {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** `GET /plugins` */
  async list(options: PluginListOptions = {}, call?: CallOptions): Promise<Plugin[]> {
    return this.#wire.json({ method: 'GET', path: '/plugins', query: { ...options }, call }, schema.plugins)
  }

  /** `GET /plugins/privileges`: what a plugin asks for, to be granted by `pull` and `upgrade`. */
  async privileges(options: PluginUpgradeOptions, call?: CallOptions): Promise<PluginPrivilege[]> {
    const { remote, auth } = options
    const headers = authHeader(auth, remote)
    return this.#wire.json(
      { method: 'GET', path: '/plugins/privileges', query: { remote }, headers, call },
      schema.pluginPrivileges,
    )
  }

  /** `POST /plugins/pull`: installs it, not yet enabled. */
  pull(
    privileges: readonly PluginPrivilege[],
    { auth, ...query }: PluginPullOptions,
    call?: CallOptions,
  ): ProgressStream<void> {
    return this.#progress(() => ({
      method: 'POST',
      path: '/plugins/pull',
      query,
      headers: authHeader(auth, query.remote),
      json: privileges,
      call,
    }))
  }

  /** `GET /plugins/{name}/json`. @throws ApiError `NOT_FOUND` */
  async inspect(name: string, call?: CallOptions): Promise<Plugin> {
    return this.#wire.json({ method: 'GET', path: `/plugins/${imageName(name)}/json`, call }, schema.plugin)
  }

  /** `DELETE /plugins/{name}`; with `force` also an enabled one. Gives what it was. */
  async remove(
    name: string,
    options: { readonly force?: boolean | undefined } = {},
    call?: CallOptions,
  ): Promise<void> {
    return this.#done({ method: 'DELETE', path: `/plugins/${imageName(name)}`, query: { ...options }, call })
  }

  /** `POST /plugins/{name}/enable`; `timeout` in seconds. */
  async enable(
    name: string,
    options: { readonly timeout?: number | undefined } = {},
    call?: CallOptions,
  ): Promise<void> {
    const path = `/plugins/${imageName(name)}/enable`
    // The engine reads the parameter as a number, and refuses none.
    return this.#done({ method: 'POST', path, query: { timeout: options.timeout ?? 0 }, long: true, call })
  }

  /** `POST /plugins/{name}/disable`; with `force` also one in use. */
  async disable(
    name: string,
    options: { readonly force?: boolean | undefined } = {},
    call?: CallOptions,
  ): Promise<void> {
    const path = `/plugins/${imageName(name)}/disable`
    return this.#done({ method: 'POST', path, query: { ...options }, long: true, call })
  }

  /** `POST /plugins/{name}/upgrade`, of a disabled one. */
  upgrade(
    name: string,
    privileges: readonly PluginPrivilege[],
    { auth, remote }: PluginUpgradeOptions,
    call?: CallOptions,
  ): ProgressStream<void> {
    return this.#progress(() => ({
      method: 'POST',
      path: `/plugins/${imageName(name)}/upgrade`,
      query: { remote },
      headers: authHeader(auth, remote),
      json: privileges,
      call,
    }))
  }

  /** `POST /plugins/create`: from a tar with `config.json` and `rootfs`. */
  async create(context: TarSource, options: { readonly name: string }, call?: CallOptions): Promise<void> {
    const raw = { type: 'application/x-tar', body: tarBytes(context) }
    return this.#done({ method: 'POST', path: '/plugins/create', query: { ...options }, raw, long: true, call })
  }

  /** `POST /plugins/{name}/push` */
  push(name: string, { auth }: PluginPushOptions = {}, call?: CallOptions): ProgressStream<void> {
    return this.#progress(() => ({
      method: 'POST',
      path: `/plugins/${imageName(name)}/push`,
      headers: authHeader(auth, name),
      call,
    }))
  }

  /** `POST /plugins/{name}/set`: `KEY=value` settings, of a disabled one. */
  async set(name: string, settings: readonly string[], call?: CallOptions): Promise<void> {
    return this.#done({ method: 'POST', path: `/plugins/${imageName(name)}/set`, json: settings, call })
  }

  async #done(operation: Operation): Promise<void> {
    await this.#wire.none(operation)
  }

  #progress(operation: () => Operation): ProgressStream<void> {
    const open = (reading: Reading<ProgressMessage>): AsyncIterable<ProgressMessage> =>
      this.#wire.lines(operation, progressMessage, reading)
    return new ProgressStream<void>({ open, failure: streamFailure, finish: () => Promise.resolve() })
  }
}
