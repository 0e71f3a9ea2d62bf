import { printable } from '../base/errors.ts'

/** Foreign text fit for a message, in which no form of these secrets is left: a registry may repeat what it was sent. */
export function redact(text: string, secrets: readonly string[], limit = 500): string {
  const forms = secrets.filter((secret) => secret !== '').flatMap(formsOf)
  return printable(
    forms.reduce((clean, form) => clean.replaceAll(form, '[redacted]'), text),
    limit,
  )
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const base64 = bytes.toString('base64')
  // The longest first, for the raw text may be a part of another form.
  return [
    ...new Set([encodeURIComponent(secret), base64, base64.replace(/=+$/, ''), bytes.toString('base64url'), secret]),
  ]
}
