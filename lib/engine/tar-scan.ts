// What the tar reader does not tell of the entries of an archive: it takes kinds that it does not know for files.
import { StreamError, printable } from '../base/errors.ts'

const BLOCK = 512
const FLAG = 156
// Links, devices, directories, fifos: they have no content, whatever their size says.
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '6'])
const PAX = 'x'
// A header with the name or the link of the entry behind it.
const BEFORE_ENTRY: ReadonlySet<string> = new Set(['g', 'L', 'K'])
// The content of these is no file (GNU tar, tar.h).
const FOREIGN: Readonly<Record<string, string>> = {
  S: 'a sparse file',
  D: 'a listing of a directory',
  M: 'the rest of a file from another volume',
  V: 'the label of a volume',
  N: 'a list of long names',
}

/**
 * Looks at the headers of an archive as it passes, and refuses what only GNU tar makes: of a sparse file the archive holds
 * its packed parts, which are not the file.
 */
export class TarScan {
  #header = Buffer.alloc(BLOCK)
  #fill = 0
  #skip = 0
  #records: Uint8Array[] | undefined
  #size: number | undefined

  /** @throws StreamError `UNSUPPORTED` */
  see(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const step = Math.min(this.#skip > 0 ? this.#skip : BLOCK - this.#fill, chunk.length - at)
      const bytes = chunk.subarray(at, at + step)
      at += step
      if (this.#skip > 0) this.#pass(bytes)
      else {
        this.#header.set(bytes, this.#fill)
        this.#fill = (this.#fill + step) % BLOCK
        if (this.#fill === 0) this.#read()
      }
    }
  }

  #pass(bytes: Uint8Array): void {
    this.#records?.push(Buffer.from(bytes))
    this.#skip -= bytes.length
    if (this.#skip > 0 || this.#records === undefined) return
    const records = Buffer.concat(this.#records).toString('latin1')
    const size = /^\d+ size=(\d+)$/m.exec(records)?.[1]
    this.#size = size === undefined ? undefined : Number(size)
    this.#records = undefined
    if (/^\d+ GNU\.sparse\./m.test(records)) throw foreign(/ GNU\.sparse\.name=(.*)$/m.exec(records)?.[1] ?? '', 'S')
  }

  #read(): void {
    if (!isHeader(this.#header)) return
    const flag = String.fromCharCode(this.#header[FLAG] as number)
    if (FOREIGN[flag] !== undefined) throw foreign(textOf(this.#header.subarray(0, 100)), flag)
    const size = numberOf(this.#header.subarray(124, 136))
    if (flag === PAX) this.#records = []
    const content = WITHOUT_CONTENT.has(flag) ? 0 : flag === PAX || BEFORE_ENTRY.has(flag) ? size : (this.#size ?? size)
    if (flag !== PAX && !BEFORE_ENTRY.has(flag)) this.#size = undefined
    this.#skip = Math.ceil(content / BLOCK) * BLOCK
  }
}

function foreign(name: string, flag: string): StreamError {
  const what = FOREIGN[flag] as string
  return new StreamError(
    'UNSUPPORTED',
    `entry ${JSON.stringify(printable(name, 120))} of a tar is ${what} as GNU tar packs it: pack it anew without --sparse, or as ustar`,
  )
}

// Its checksum counts its own eight bytes as blanks.
function isHeader(block: Buffer): boolean {
  let sum = 8 * 32
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= FLAG) sum += block[i] as number
  return sum === Number.parseInt(textOf(block.subarray(148, FLAG)).trim(), 8)
}

function textOf(field: Uint8Array): string {
  const text = Buffer.from(field).toString('latin1')
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

// Octal digits, or base 256 where the first bit is set.
function numberOf(field: Uint8Array): number {
  if (((field[0] as number) & 0x80) === 0) return Number.parseInt(textOf(field).trim(), 8) || 0
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] as number) & 0x7f)
}
