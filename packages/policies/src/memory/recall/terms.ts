import { stem } from './stem.ts'
import { isStopWord } from './stop-words.ts'

/** Scripts that put no spaces between words: their text is cut into pairs of characters. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]/u
const unspacedRuns = new RegExp(
  `(?:${unspaced.source}\\p{M}*)+|[^\\s]+?(?=${unspaced.source}|$)`,
  'gu',
)
const words = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)*/gu
const asciiWords = /[a-z0-9]+(?:'[a-z]+)*/g

/**
 * What a text is found by: words in lower case, without accents and endings, without the words that every text has;
 * of scripts without spaces every two neighbouring characters.
 */
export function termsOf(text: string): string[] {
  const plain = text.toLowerCase()
  const terms: string[] = []
  // eslint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(plain)) {
    for (const [word] of plain.matchAll(asciiWords)) addWord(word, terms)
    return terms
  }
  for (const [word] of plain.normalize('NFKC').matchAll(words)) {
    if (!unspaced.test(word)) addWord(word.replaceAll('’', "'"), terms)
    else
      for (const [run] of word.matchAll(unspacedRuns)) {
        if (unspaced.test(run)) addPairs(run, terms)
        else addWord(run, terms)
      }
  }
  return terms
}

function addWord(word: string, terms: string[]): void {
  if (isStopWord(word)) return
  const apostrophe = word.indexOf("'")
  if (apostrophe === -1) terms.push(stem(withoutAccents(word)))
  // `l'école` is about the school, `Ada's` about Ada.
  else if (apostrophe <= 2) addWord(word.slice(apostrophe + 1), terms)
  else addWord(word.slice(0, apostrophe), terms)
}

function addPairs(run: string, terms: string[]): void {
  const characters = run.match(/\P{M}\p{M}*/gu) ?? []
  if (characters.length === 1) terms.push(run)
  for (let index = 1; index < characters.length; index++) {
    terms.push(`${characters[index - 1]}${characters[index]}`)
  }
}

/** Marks stay where they are vowels, as in Thai. */
function withoutAccents(word: string): string {
  // eslint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(word)) return word
  return word
    .normalize('NFKD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu, '$1')
    .normalize('NFC')
    .replaceAll('ß', 'ss')
}
