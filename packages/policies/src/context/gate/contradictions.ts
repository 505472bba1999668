import { valueTopic } from '../../memory/remember/statement.ts'

/** A result of a tool, in the order of the conversation. */
export interface Told {
  readonly tool: string
  /** JSON text. */
  readonly arguments: string
  readonly text: string
  readonly isError: boolean
}

/** How much a later result says otherwise, and which one. */
export interface Contradicted {
  /** 1 where the same call was answered otherwise; else the share of what both say of the same thing that differs. */
  readonly score: number
  readonly by: number
}

/** What is said of one thing: its members by name. */
interface Said {
  readonly about: string
  readonly members: ReadonlyMap<string, string>
}

const mostRecords = 200
const identities = /(?:^|_)id$|Id$|^(?:key|sku|isbn|slug|email|ticker)$/i
/** When something was said or changed is another each time. */
const volatile = /(?:_at|At|time|Time|date|Date|timestamp)$|^(?:at|ts|etag|cursor)$/
const longestText = 100_000

/** For each result the later one that contradicts it most; what failed contradicts nothing. */
export function contradictions(results: readonly Told[]): ReadonlyMap<number, Contradicted> {
  const found = new Map<number, Contradicted>()
  const tell = (earlier: number, score: number, by: number): void => {
    if (score > (found.get(earlier)?.score ?? 0)) found.set(earlier, { score, by })
  }
  const calls = new Map<string, number>()
  const said = new Map<string, { readonly at: number; readonly record: Said }[]>()
  for (const [at, { tool, arguments: args, text, isError }] of results.entries()) {
    if (isError) continue
    const call = `${tool}\n${args}`
    const before = calls.get(call)
    if (before !== undefined && results[before]?.text !== text) tell(before, 1, at)
    calls.set(call, at)
    for (const record of recordsOf(text)) {
      const others = said.get(record.about) ?? []
      for (const other of others) {
        if (other.at !== at) tell(other.at, difference(other.record, record), at)
      }
      said.set(record.about, [...others.slice(-mostCompared + 1), { at, record }])
    }
  }
  return found
}

const mostCompared = 20

function difference(one: Said, other: Said): number {
  let [common, different] = [0, 0]
  for (const [name, value] of one.members) {
    const otherwise = other.members.get(name)
    if (otherwise === undefined) continue
    common++
    if (otherwise !== value) different++
  }
  return common === 0 ? 0 : different / common
}

/** What a result says of things that have an identity: objects by their ids, sentences by what they give a number of. */
function recordsOf(text: string): Said[] {
  if (text.length > longestText) return []
  const value = parsed(text)
  if (value !== undefined) return objectsIn(value).flatMap((one) => recordOf(one) ?? [])
  return text.split(/(?<=[.!?])\s+|\n/).flatMap((sentence): Said[] => {
    const about = sentence.length > 400 ? undefined : valueTopic(sentence.trim())
    if (about === undefined) return []
    return [{ about, members: new Map([['number', (sentence.match(/\d+/g) ?? []).join(' ')]]) }]
  })
}

function recordOf(given: Readonly<Record<string, unknown>>): Said | undefined {
  const scalars = Object.entries(given).filter(
    ([, value]) => value === null || ['string', 'number', 'boolean'].includes(typeof value),
  )
  const [identity, value] = scalars.find(([name]) => identities.test(name)) ?? []
  if (identity === undefined) return undefined
  const members = scalars.filter(([name]) => name !== identity && !volatile.test(name))
  return {
    about: JSON.stringify([identity, value]),
    members: new Map(members.map(([name, one]) => [name, JSON.stringify(one)])),
  }
}

function objectsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  const objects: Readonly<Record<string, unknown>>[] = []
  const open: unknown[] = [value]
  while (open.length > 0 && objects.length < mostRecords) {
    const one = open.pop()
    if (typeof one !== 'object' || one === null) continue
    if (!Array.isArray(one)) objects.push(one as Readonly<Record<string, unknown>>)
    open.push(...Object.values(one))
  }
  return objects
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
