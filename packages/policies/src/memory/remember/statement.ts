import type { MemoryKind } from '@holdfast/core/memory'
import { termsOf } from '../recall/terms.ts'
import { forms } from './forms.ts'
import type { FormName } from './forms.ts'

/** Something lasting that somebody says of themselves or wants from now on. */
export interface Statement {
  readonly text: string
  readonly kind: Extract<MemoryKind, 'fact' | 'preference'>
  /** What it is about: said again otherwise, it supersedes what was said before. */
  readonly topic?: string | undefined
  readonly importance: number
}

/** The statements of a text, by the forms that they have; questions, quotations and code are none. */
export function statementsOf(text: string): Statement[] {
  const said = text
    .replaceAll(/```[^]*?(?:```|$)/g, '\n')
    .replaceAll(/(?:"[^"\n]*"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|「[^」\n]*」)/g, ' … ')
  return said
    .split(/(?<=[.!?])\s+|(?<=[。！？])|\n/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length >= 4 && sentence.length <= 400)
    .filter((sentence) => !/[?？…]/.test(sentence))
    .flatMap((sentence) => clausesOf(sentence).flatMap((clause) => readStatement(clause) ?? []))
}

/** The parts of a sentence that each say something of their own; one part where they do not. */
function clausesOf(sentence: string): string[] {
  const clauses: string[] = []
  let from = 0
  for (const { index, 0: joint } of sentence.matchAll(
    /\s*[,;，、](?:\s*(?:and|but|und|aber|et|mais|y|pero|e|ma|mas)\s)?\s*|\s(?:and|but|und|aber|et|mais|y|pero|e|ma|mas)\s+/giu,
  )) {
    const rest = sentence.slice(index + joint.length)
    // `Hi, my name is` is one: what stands before says nothing by itself.
    const before = sentence.slice(from, index)
    if (readStatement(before) === undefined || readStatement(rest) === undefined) continue
    if (!forms.some(({ pattern }) => pattern.exec(rest)?.index === 0)) continue
    clauses.push(before)
    from = index + joint.length
  }
  return [...clauses, sentence.slice(from)]
}

/**
 * What a statement with a number gives the number of: said again with another one, it has changed. Nothing of the kind
 * is learnt from a conversation by itself.
 */
export function valueTopic(text: string): string | undefined {
  const [, about = ''] =
    /^(?:the|our|my|its?|der|die|das|unsere?|le|la|les|el|los|las|o|a|os|as|il)\s+(.{3,60}?)\s+(?:is|are|was|were|will be|has moved to|have moved to|moved to|is now|ist|sind|est|sont|es|son|é|è)\s.*\d/iu.exec(
      text,
    ) ?? []
  const terms = [...new Set(termsOf(about))].toSorted()
  return terms.length === 0 || terms.length > 6 ? undefined : `value:${terms.join(' ')}`
}

/** What kind of statement a sentence is; undefined where it is none that is known. */
export function readStatement(sentence: string): Statement | undefined {
  const text = sentence.trim().replace(/[.!。！]+$/u, '')
  for (const { name, pattern } of forms) {
    const match = pattern.exec(text)
    if (match === null) continue
    const statement = stated(name, match, text)
    if (statement !== undefined) return statement
  }
  return undefined
}

/** Things of which something is said for the moment only. */
const passing =
  /^(?:question|problem|issue|point|guess|code|error|task|goal|idea|request|message|bug|prompt|test|file|function|frage|problem|fehler|pregunta|problema|question|problème)\b/i

function stated(name: FormName, match: RegExpExecArray, text: string): Statement | undefined {
  const [, first = '', second = ''] = match
  const fact = (topic: string, importance = 0.6): Statement => ({
    text,
    kind: 'fact',
    topic,
    importance,
  })
  const preference = (topic: string | undefined, importance = 0.6): Statement => ({
    text,
    kind: 'preference',
    topic,
    importance,
  })
  switch (name) {
    case 'name':
      return first.trim() === '' ? undefined : fact('name', 0.9)
    case 'called':
      return preference('called', 0.9)
    case 'home':
    case 'employer':
    case 'job':
    case 'origin':
      return fact(name, 0.7)
    case 'allergy':
      return topicOf('allergy', first, (topic) => fact(topic, 0.9))
    case 'diet':
      return fact('diet', 0.8)
    case 'favorite':
      return topicOf('favorite', first, preference)
    case 'own':
      return passing.test(first) || second === '' ? undefined : topicOf('own', first, fact)
    case 'taste':
      return topicOf('taste', first, preference)
    case 'choice':
      return topicOf('choice', `${first} ${second}`, preference)
    case 'rule':
      // One rule about which language to answer in is enough.
      return isAboutLanguage(text)
        ? preference('language', 0.8)
        : topicOf('rule', first, (topic) => preference(topic, 0.8))
    case 'note':
      return readStatement(first) ?? { text: first.trim(), kind: 'fact', importance: 0.7 }
    default:
      return undefined
  }
}

/** The topic of something, whatever order its words come in; undefined where nothing is said of it. */
function topicOf(
  name: string,
  about: string,
  make: (topic: string) => Statement,
): Statement | undefined {
  const terms = [...new Set(termsOf(about))].toSorted()
  return terms.length === 0 || terms.length > 12 ? undefined : make(`${name}:${terms.join(' ')}`)
}

function isAboutLanguage(text: string): boolean {
  return /\b(?:answer|reply|respond|write|speak|antworte|antworten|schreib|réponds|répondez|responde|responda|rispondi)\b.*\b(?:in|auf|en|em)\s+(?:english|german|french|spanish|italian|portuguese|dutch|chinese|japanese|korean|polish|russian|arabic|hindi|thai|deutsch|englisch|französisch|spanisch|italienisch|anglais|allemand|français|espagnol|inglés|español|alemán|francés|inglês|português|espanhol|inglese|italiano)\b/iu.test(
    text,
  )
}

/** True for a text that says that something is not so. */
export function isNegative(text: string): boolean {
  return /\b(?:not|never|no|none|cannot|without|hate|dislike|avoid|stop|stopped|nicht|nie|niemals|kein\w*|hasse|pas|jamais|déteste|nunca|odio|não|odeio|non|mai)\b|n['’]t\b|不|没|別|讨厌|ない|ません|嫌い/iu.test(
    text,
  )
}
