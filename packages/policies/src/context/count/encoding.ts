import type { Tiktoken } from 'tiktoken'

/** The tokeniser's name of a model of OpenAI's; undefined for models of others, whose tokenisers nobody has published. */
export function encodingOf(model: string): EncodingName | undefined {
  if (/^(gpt-(4o|4\.1|4\.5|[5-9])|chatgpt-4o|o[1-9](-|$)|codex|computer-use)/.test(model)) {
    return 'o200k_base'
  }
  return /^(gpt-4|gpt-3\.5|gpt-35)/.test(model) ? 'cl100k_base' : undefined
}

export type EncodingName = 'o200k_base' | 'cl100k_base'

/** Counts the tokens of a text. */
export type CountText = (text: string) => number

const loaded = new Map<EncodingName, Promise<CountText>>()

/** The tokeniser, loaded once per process: that takes a third of a second and some 60 MB, so it is done at first use. */
export function loadEncoding(name: EncodingName): Promise<CountText> {
  let encoding = loaded.get(name)
  if (encoding === undefined) {
    encoding = import('tiktoken').then(({ get_encoding }) => countWith(get_encoding(name)))
    loaded.set(name, encoding)
  }
  return encoding
}

// The tokeniser takes quadratic time for what it cannot cut into words: 100,000 times one letter, 48 s.
const longRun = /[\p{L}\p{M}]{256,}|\s{256,}|[^\s\p{L}\p{N}]{256,}/gu
const runPiece = 128

function countWith(encoding: Tiktoken): CountText {
  return function countText(text) {
    if (text.length < 256) return encoding.encode_ordinary(text).length
    let tokens = 0
    const rest = text.replaceAll(longRun, (run) => {
      for (let at = 0; at < run.length; at += runPiece) {
        tokens += encoding.encode_ordinary(run.slice(at, at + runPiece)).length
      }
      return ''
    })
    return tokens + encoding.encode_ordinary(rest).length
  }
}
