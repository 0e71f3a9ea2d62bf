import type { Command } from 'commander'

import { collect } from './flags.ts'

/** Flags of the admin service. */
export function withServeFlags(command: Command): Command {
  return command
    .description('serve the admin API: POST /admin/workspace-images/refresh, release webhooks, metrics and a page')
    .option('--listen <address>', 'HOST:PORT or unix:/path (default: DOCKLINE_LISTEN, else 127.0.0.1:8787)')
    .option('--allow-host <name>', 'name in Host that is answered to, besides loopback; repeatable', collect)
    .option('--token-file <name=path>', 'a further admin token; repeatable (ADMIN_TOKEN is named "admin")', collect)
    .option('--hook-secret-file <hook=path>', 'takes webhooks of ghcr, dockerhub or distribution; repeatable', collect)
    .option('--notify <url>', 'POST a signed JSON to this URL for every change of state')
    .option('--notify-secret-file <path>', 'what to sign with (default: DOCKLINE_NOTIFY_SECRET)')
    .option('--audit-file <path>', 'append a line for each mutating call (default: to the log)')
    .option('--auto-refresh', 'also refresh whenever a registry has something new (or IMAGE_AUTO_REFRESH=true)')
    .option('--recover', 'end replacements that were left unfinished, before listening')
    .option('--shutdown-timeout <seconds>', 'how long a refresh may take to a safe point at the end (default: 30)')
}
