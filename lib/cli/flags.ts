import { InvalidArgumentError, Option, type Command } from 'commander'

/** A repeatable option: its values in order. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least)
      throw new InvalidArgumentError(`write a whole number of at least ${least}.`)
    return value
  }
}

/** Seconds, fractions allowed. */
export function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw new InvalidArgumentError('write seconds, for instance 30 or 2.5.')
  return value
}

/** `os/arch[/variant]` */
export function platform(text: string): string {
  if (!/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/.test(text))
    throw new InvalidArgumentError('write OS/ARCH or OS/ARCH/VARIANT, for instance linux/arm64.')
  return text
}

/** `keep=N` */
export function keep(text: string): { keep: number } {
  if (!/^keep=\d+$/.test(text)) throw new InvalidArgumentError('write keep=N, for instance keep=1.')
  return { keep: Number(text.slice('keep='.length)) }
}

/** Flags that choose the engine. */
export function withEngineFlags(command: Command): Command {
  return command
    .option(
      '--host <url>',
      'engine to talk to, for instance unix:///var/run/docker.sock (default: DOCKER_HOST, the docker context, or the usual sockets)',
    )
    .option('--context <name>', 'docker context that names the engine')
}

/** Flags that say how registries are asked. */
export function withRegistryFlags(command: Command): Command {
  return command
    .option('--ca <file>', 'certificates in PEM that registries are trusted by, besides the usual; repeatable', collect)
    .option('--insecure <host[:port]>', 'registry that may be asked over http; repeatable', collect)
}

/** Flags that say which images and containers. */
export function withSelectionFlags(command: Command): Command {
  return withContainerFlags(
    command
      .option('--image <ref>', 'image to refresh; repeatable', collect)
      .option('--runtime <name>', 'workspace runtime to refresh; repeatable', collect),
  )
}

/** Flags that say which containers. */
export function withContainerFlags(command: Command): Command {
  return command
    .option('--name <name>', 'container by its exact name; repeatable', collect)
    .option('--name-prefix <prefix>', 'containers whose name begins so')
    .option('--label <key[=value]>', 'containers with this label; repeatable, all must be there', collect)
    .option('--all', 'every container of the engine')
}

/** Flags that say how containers are moved. */
export function withMoveFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--strategy <strategy>', 'move containers, or remove them for others to bring back')
        .choices(['replace', 'remove'])
        .default('replace'),
    )
    .addOption(
      new Option(
        '--order <order>',
        'stop the old container before the new one starts, or after, where nothing forbids it',
      )
        .choices(['stop-first', 'start-first'])
        .default('stop-first'),
    )
    .option('--concurrency <n>', 'containers of one image at once, after the first', wholeNumber(1))
    .option('--platform <os/arch>', 'platform to pull', platform)
    .option('--health-timeout <seconds>', 'how long a health check may take to say healthy', seconds)
    .option('--stable-for <seconds>', 'how long a container without health check must run', seconds)
    .option('--pull-timeout <seconds>', 'how long one pull may take', seconds)
    .option('--cleanup <keep=N>', 'then remove old images that nothing uses, but for the newest N', keep)
    .option(
      '--hooks',
      'run the commands of the labels dockline.hook.pre-stop and dockline.hook.post-start in their containers',
    )
    .option('--self', 'hand the container that dockline itself runs in over to a helper container, as the last of all')
    .option(
      '--keep-mac',
      'keep the MAC addresses that are in use, where the engine does not tell whether they were asked for',
    )
    .option(
      '--keep-ip',
      'keep the addresses in use of containers of podman, which does not show whether they were asked for',
    )
    .option('--keep-changes', 'leave containers alone in which something was written outside of their mounts')
    .option('--allow-no-rollback', 'also replace --rm containers, for which there is no way back')
}
