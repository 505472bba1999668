import type { Message, Part, ToolResultPart } from '@holdfast/core'

const keptAtStart = 600
const keptAtEnd = 300
/** What is hardly longer than its beginning and its end is left as it is. */
const worthwhile = 1_500

/** Long results of tools, with their middle left out. */
export function trimResults(message: Message): Message {
  return changeResults(message, (result) => {
    const parts = result.parts.map((part) => (part.type === 'text' ? trimText(part) : part))
    return parts.every((part, at) => part === result.parts[at]) ? result : { ...result, parts }
  })
}

/** Results of calls that were made again later, as a word that says so. */
export function dropSuperseded(message: Message, superseded: ReadonlySet<ToolResultPart>): Message {
  return changeResults(message, (result) =>
    superseded.has(result)
      ? { ...result, parts: [{ type: 'text', text: supersededNote }] }
      : result,
  )
}

const supersededNote = '[left out: the same call was made again later, see its newer result]'

/** The results of a conversation that a later call with the same arguments has replaced. */
export function supersededResults(messages: readonly Message[]): ReadonlySet<ToolResultPart> {
  const calls = new Map<string, string>()
  const newest = new Map<string, ToolResultPart>()
  const superseded = new Set<ToolResultPart>()
  let unnamed: string[] = []
  for (const { role, parts } of messages) {
    for (const part of parts) {
      if (part.type === 'tool-call') {
        const what = `${part.name}\n${part.arguments}`
        if (part.id === '') unnamed.push(what)
        else calls.set(part.id, what)
      } else if (part.type === 'tool-result') {
        const what = part.id === '' ? unnamed.shift() : calls.get(part.id)
        if (what === undefined) continue
        const before = newest.get(what)
        if (before !== undefined) superseded.add(before)
        newest.set(what, part)
      }
    }
    if (role === 'user') unnamed = []
  }
  return superseded
}

function changeResults(
  message: Message,
  change: (result: ToolResultPart) => ToolResultPart,
): Message {
  let changed = false
  const parts = message.parts.map((part): Part => {
    if (part.type !== 'tool-result') return part
    const next = change(part)
    changed ||= next !== part
    return next
  })
  return changed ? { ...message, parts } : message
}

function trimText(part: Extract<Part, { type: 'text' }>): Part {
  const { text } = part
  if (text.length < worthwhile) return part
  const start = whole(text.slice(0, keptAtStart))
  const end = text.slice(-keptAtEnd).replace(/^[\uDC00-\uDFFF]/, '')
  const left = text.length - start.length - end.length
  return { ...part, text: `${start}\n[… ${left} characters left out …]\n${end}` }
}

/** Not half of a character at the end. */
function whole(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, '')
}
