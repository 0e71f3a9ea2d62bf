import { literal } from './literal.ts'

const SHORTEST = 6

/**
 * The spellings in which a secret shows in a text: as it is, in JSON (also as Go's encoding/json writes it), in a URL, and
 * in both base64 alphabets at each of the three places that it may have in an encoded text.
 */
export function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const goJson = json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
  return [...new Set([secret, json, goJson, encodeURIComponent(secret), ...base64Spellings(secret)])]
}

/** A text with no spelling of these secrets left in it: a server may repeat what it was sent. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== '')
  // The longest first: one may be the beginning of another.
  const words = [...new Set(known.flatMap(spellings))].toSorted((a, b) => b.length - a.length)
  const encoded = new Set(known.flatMap(base64Spellings))
  return words.reduce(
    (clean, word) => clean.replace(encoded.has(word) ? wholeRun(word) : new RegExp(literal(word), 'g'), '[redacted]'),
    text,
  )
}

// What depends on the secret alone: without the characters that also hold bits of what stands before or behind it.
function base64Spellings(secret: string): string[] {
  const inside = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString('base64')
    const end = text.endsWith('=') ? text.indexOf('=') - 1 : text.length
    return text.slice(offset === 0 ? 0 : offset + 1, end)
  })
  return inside
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')])
}

// The characters around it hold bits of the secret too.
function wholeRun(word: string): RegExp {
  return new RegExp(`[A-Za-z0-9+/_-]*${literal(word)}[A-Za-z0-9+/_-]*={0,2}`, 'g')
}
