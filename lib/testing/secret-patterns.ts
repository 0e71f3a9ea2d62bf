// What gives a secret away: its name, its place or its form. Texts are read as bytes (latin1), plain, as JSON, or within
// the frames of an output.

/** How a secret was told: the keys of the counts of a recording. */
export type SecretKind =
  | 'given' // one of `secrets`
  | 'environment' // a variable of the recording process
  | 'custom' // a pattern of `mask`
  | 'name' // NAME=value
  | 'member' // "name": "value"
  | 'yaml' // name: value
  | 'flag' // --name value, -pvalue
  | 'url' // scheme://user:password@host
  | 'header' // Authorization: …
  | 'login' // the user of a login
  | 'token' // known by its form
  | 'key' // a private key in PEM

export interface SecretPattern {
  readonly kind: SecretKind
  /** The secret is the first group. */
  readonly pattern: RegExp
  /** `false` when it may be an honest word elsewhere: it is masked here only. */
  readonly isKnown?: false
}

const WORDS = [
  'pass(?:wd|word|phrase)?',
  'secret',
  'token',
  'credential',
  'api[_-]?key',
  'access[_-]?key',
  'private[_-]?key',
  '_key',
  '_auth',
  // DB_PWD and MYSQLPWD, but neither PWD nor OLDPWD
  '(?<=\\w)(?<!\\bold)pwd',
  '_pat(?![a-z])',
  '_dsn(?![a-z])',
]
/** Whole names: `AUTHOR` and `PATH` begin with them. */
const WHOLE = '(?:auth|pat)'

// A word begins here, or text begins behind the head of a frame.
const FRAME_HEAD = '(?<=[\\0-\\x02]\\0{3}[^]{4})'
const START = `(?:(?<!\\w)|${FRAME_HEAD})`
const JSON_TEXT = '(?:[^"\\\\]|\\\\.)*'
// To the end of a shell word; within a JSON text its escaped quotes and line ends end it too.
const VALUE = `(?:[^\\s"'&\\\\]|\\\\(?!["'nrt]|u002[67]))+`
const QUOTED = `\\\\*["']([^"'\\\\\\n]+)`
// Between two words of a command: in a shell, or in a list in JSON.
const GAP = '(?:\\s+|"\\s*,\\s*")'

const FLAG = `--?(?:[\\w-]{1,60}-)?(?:password|passwd|passphrase|pass|pwd|secret|token|credentials?|(?:api|access|secret|private)-?key|auth|pat)(?:-\\w+){0,3}`
// They name a place, not the secret.
const NO_SECRET_FLAG = `--?[\\w-]*-(?:dir|env|file|id|length|name|path|policy|stdin|ttl|type|url)(?![\\w-])`
// Options that begin with -p, and ports: what is glued to -p is a password otherwise.
const NO_PASSWORD =
  '(?!ar(?:ams?|ents)\\b|ath|attern|eriod|erm|ids?\\b|latform|lugin|olicy|orts?\\b|pid|re(?:fix|serve)|ri(?:nt|vileged)|ro(?:file|ject|xy)|rune|[\\d.:/\\-]+(?:tcp|udp|sctp)?(?:$|[\\s"\',;)|&\\\\]))'

const COMMANDS_WITH_PASSWORD: readonly string[] = [
  `\\b(?:login|sshpass|mongo(?:sh|dump|restore)?)${GAP}(?:[^\\s"]+${GAP}){0,8}?-p${GAP}`,
  `\\bredis-cli${GAP}(?:[^\\s"]+${GAP}){0,8}?-a${GAP}`,
  `\\b(?:curl|wget|https?)${GAP}(?:[^\\s"]+${GAP}){0,8}?(?:-u|--user)${GAP}[^\\s"':]+:`,
]

const DATABASE =
  '(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|valkeys?|amqps?|clickhouse|mssql|sqlserver|ldaps?|smtps?|nats)(?:\\+\\w+)?'

const FORMS: readonly string[] = [
  '\\b(eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*)',
  '\\b((?:gh[pousr]|github_pat|glpat|dckr_pat|SWMTKN|npm|hf|sk|[spr]k_live|xox[abeoprs]|shpat|dop_v1|lin_api)[_-][\\w-]{16,})',
  '\\b((?:AKIA|ASIA)[0-9A-Z]{16})\\b',
  '\\b(AIza[\\w-]{35})',
  'hooks\\.slack\\.com/services/([\\w/]{20,})',
  `(\\$(?:2[aby]|apr1|[156y])\\$[^\\s"',:]{8,})`,
]

/** The patterns; `names` are more names whose values are secrets. */
export function secretPatterns(names: readonly string[] = []): SecretPattern[] {
  const word = `(?:${[...WORDS, ...names.map((name) => name.replace(/[^\w-]/g, '\\$&'))].join('|')})`
  const name = `(?:[\\w.-]{0,80}${word}\\w{0,80}|${WHOLE})`
  const member = `(?:[^"'\\\\]{0,80}${word}\\w{0,80}|(?:[^"'\\\\]{0,80}[^\\w"'])?${WHOLE}|identitytoken)`
  return [
    of('flag', `"(?!${NO_SECRET_FLAG})${FLAG}"\\s*,\\s*"(${JSON_TEXT})"`),
    of('flag', `(?<![\\w-])(?!${NO_SECRET_FLAG})${FLAG}(?:=|\\s+(?!-))(?:\\\\*["'])?(${VALUE})`),
    of('flag', `(?<![\\w-])(?!${NO_SECRET_FLAG})${FLAG}(?:=|\\s+)${QUOTED}`),
    of('flag', `(?<=["'\\s])-p${NO_PASSWORD}([^\\s"'\\\\-][^\\s"'\\\\]{3,})`, 'dg'),
    ...COMMANDS_WITH_PASSWORD.map((command) => of('flag', `${command}(?:\\\\*["'])?(${VALUE})`)),
    of('flag', `\\b(?:identified\\s+by|password)\\s+\\\\*'([^'\\\\]+)`),
    of('name', `"${name}=(${JSON_TEXT})"`),
    of('name', `${START}${name}\\s?=\\s?(${VALUE})`),
    of('name', `${START}${name}\\s?=\\s?${QUOTED}`),
    of('member', `"${member}"\\s*:\\s*"(${JSON_TEXT})"`),
    // JSON within a text of JSON, and single quotes
    of('member', `\\\\+"${member}\\\\+"\\s*:\\s*\\\\+"([^"\\\\]+)`),
    of('member', `'${member}'\\s*:\\s*'([^'\\\\]+)`),
    // the value of swarm secrets and configs
    of('member', `"Data"\\s*:\\s*"(${JSON_TEXT})"`, 'dg'),
    of(
      'header',
      `\\b(?:(?:proxy-)?authorization|x-[\\w-]*(?:token|key|auth)|private-token|api-key|cookie)\\s*:\\s*(?:(?:bearer|basic|token)\\s+)?(${VALUE})`,
    ),
    of('header', '\\b(?:Bearer|Basic) ([\\w+/=.~-]{16,})'),
    // A whole line, or a single word with a digit within a line.
    of(
      'yaml',
      `(?:^|\\n|\\\\n|["']|${FRAME_HEAD})[ \\t]*(?:- +)?${name}[ \\t]*:[ \\t]+(?:\\\\*["'])?([^\\s"'\\\\][^\\n\\r"'\\\\]*)`,
    ),
    of('yaml', `${START}${name}:[ \\t]+(?=[^\\s"']*\\d)([^\\s"'\\\\,;]{6,})`),
    of('url', `${DATABASE}://([^\\s"'/@?]*:[^\\s"'?]+)@`),
    of('url', `://([^/\\s"'@]*:[^/\\s"'@]*)@`),
    of('url', `(?<=^|["'\\s=])([\\w.%+-]+:[^\\s"'@]+)@(?:tcp|udp|unix)\\(`),
    { ...of('url', `(?<!\\b(?:ssh|git|sftp))://([^/\\s"'@:]+)@`), isKnown: false },
    ...FORMS.map((form) => of('token', form, 'dg')),
    of('key', '-----BEGIN [A-Z ]*PRIVATE KEY-----([^]*?)-----END', 'dg'),
    { ...of('login', `"username"\\s*:\\s*"(${JSON_TEXT})"`), isKnown: false },
  ]
}

/** Whether a variable of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return new RegExp(`^(?:\\w{0,80}(?:${WORDS.join('|')})\\w{0,80}|${WHOLE})$`, 'i').test(name)
}

function of(kind: SecretKind, source: string, flags = 'dgi'): SecretPattern {
  return { kind, pattern: new RegExp(source, flags) }
}
