/** How many tokens a text makes, about: from what kinds of characters it has, in one pass over it. */
export function estimateText(text: string): number {
  let tokens = 0
  let at = 0
  while (at < text.length) {
    const kind = kindOf(text.charCodeAt(at))
    let end = at + 1
    while (end < text.length && kindOf(text.charCodeAt(end)) === kind) end++
    tokens += tokensOf(kind, end - at)
    at = end
  }
  return tokens
}

type Kind = 'letters' | 'digits' | 'space' | 'newlines' | 'marks' | 'other-letters' | 'ideographs'

function kindOf(code: number): Kind {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return 'letters'
  if (code >= 48 && code <= 57) return 'digits'
  if (code === 32 || code === 9) return 'space'
  if (code === 10 || code === 13) return 'newlines'
  if (code < 128) return 'marks'
  if (code < 0x0250) return 'letters'
  return code >= 0x2e80 && code < 0xfb00 ? 'ideographs' : 'other-letters'
}

/** What the tokenisers of the big providers make of a run of one kind, in the mean. */
function tokensOf(kind: Kind, length: number): number {
  switch (kind) {
    // A word has one token, a long one more; the space before it is part of it.
    case 'letters':
      return length <= 7 ? 1 : 1 + (length - 7) / 4
    case 'digits':
      return Math.ceil(length / 3)
    case 'space':
      return length === 1 ? 0 : 1
    case 'newlines':
      return 1
    case 'marks':
      return 0.5 + length / 3
    case 'ideographs':
      return length * 0.8
    default:
      return length / 2.5
  }
}
