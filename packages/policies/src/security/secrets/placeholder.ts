import { createHash } from 'node:crypto'

/** Shannon entropy of a text, in bits per character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

// Google keys that documentation shows to everybody, as the start of their SHA-256: published by their owners, worth nothing.
const publishedSamples = new Set([
  'f56e323494a6ffc2',
  '2037abcaffb2b777',
  '3f370c9dd8225c63',
  'e4a5542bb7fd7b67',
  'a19f89ab3555eac1',
  '0b476bdf9acf2123',
  'eb540d2b6ee2a0a4',
  '37f8f09bdf12c2f2',
  '8731261cb72d8626',
  '49f777db995e8260',
  '27a9a42931dff7eb',
  'dc0fcf046c61640c',
  '4c98242dcadc8b29',
  'ea9bb1082cf95663',
  '3a8b61d0f636b007',
  'a6c814bc555ae62c',
])

const placeholderWords =
  /^(?:x+|X+|\*+|\.+|-+|_+|0+|1+|n\/?a|none|null|nil|undefined|true|false|test(?:ing)?|demo|dummy|fake|sample|example|placeholder|redacted|masked|hidden|removed|secret|password|passwd|pass|pwd|token|key|apikey|api[-_]key|username|user|changeme|change[-_]me|todo|tbd|foo|bar|baz|foo-?bar|foobar|string|value|default|admin|root|guest|your[-_ ]?\w*|my[-_]\w{0,10}|my(?:password|secret|token|key|pass|user)\w{0,3}|insert\w*|enter\w*|some[-_]?\w*)$/i

/** True for what stands where a secret would stand: `<token>`, `${TOKEN}`, `xxxx`, a sample of the documentation. */
export function isPlaceholder(value: string): boolean {
  if (placeholderWords.test(value)) return true
  if (
    /^(?:<.*>|\[.*\]|\{\{.*\}?\}?|\$\{?.*|%\w+%|@\w+@|\$\(.*|#\{.*|process\.env\b.*|os\.environ\b.*|env\(.*|secrets?\..*|vars?\..*)$/s.test(
      value,
    )
  )
    return true
  // A run of one mark, or of the same few characters, is somebody's drawing of a key.
  if (/([xX*.•#])\1{7}/.test(value) || /(.)\1{11}/.test(value)) return true
  if (
    /EXAMPLE(?:KEY)?$|^EXAMPLE|DUMMY|REPLACE[-_]|CHANGE_?ME|SAMPLE(?:KEY)?$|PLACEHOLDER|YOUR[-_]|REDACTED|(?:TOKEN|STRING|SECRET|KEY)[-_]?HERE/i.test(
      value,
    )
  )
    return true
  if (/abcdefgh|ABCDEFGHIJKL/.test(value) || /^(?:0?123456789?0?)+$/.test(value)) return true
  return (
    value.startsWith('AIza') &&
    publishedSamples.has(createHash('sha256').update(value).digest('hex').slice(0, 16))
  )
}
