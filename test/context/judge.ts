import type { WireName } from './conversation.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * What a provider would refuse in a request, or the application would miss, judged from the bytes alone: it shares no
 * code with what is tested.
 */
export function judge(wire: WireName, original: string, sent: string): string | undefined {
  const before = JSON.parse(original) as Json
  const after = JSON.parse(sent) as Json
  const list = wire === 'gemini' ? 'contents' : wire === 'openai-responses' ? 'input' : 'messages'
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (name === list) continue
    if (JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      return `${name} is not the same`
  }
  const elements = after[list] as Json[]
  return (
    rules[wire](elements, before[list] as Json[]) ?? lastIsSame(elements, before[list] as Json[])
  )
}

type Rule = (after: readonly Json[], before: readonly Json[]) => string | undefined

const rules: Readonly<Record<WireName, Rule>> = {
  'openai-chat': chatRule,
  'openai-responses': responsesRule,
  'anthropic-messages': anthropicRule,
  gemini: geminiRule,
}

function chatRule(messages: readonly Json[], before: readonly Json[]): string | undefined {
  let open: string[] = []
  if (messages[0]?.['role'] !== before[0]?.['role']) return 'another role begins'
  for (const { role, tool_calls: calls, tool_call_id: id } of messages) {
    if (role === 'tool') {
      if (!open.includes(id as string)) return `orphan: result ${String(id)}`
      open = open.filter((one) => one !== id)
      continue
    }
    if (open.length > 0) return `orphan: call ${open[0]}`
    open = ((calls ?? []) as { id: string }[]).map((call) => call.id)
  }
  return open.length > 0 ? `orphan: call ${open[0]} at the end` : undefined
}

function responsesRule(items: readonly Json[], before: readonly Json[]): string | undefined {
  const called = new Set<unknown>()
  const answered = new Set<unknown>()
  const led = new Set(before.map((item, at) => JSON.stringify([item, before[at + 1]])))
  for (const [at, item] of items.entries()) {
    const { type, call_id: id } = item
    if (type === 'function_call') called.add(id)
    if (type === 'function_call_output') {
      if (!called.has(id)) return `orphan: result ${String(id)}`
      answered.add(id)
    }
    if (type === 'reasoning' && !led.has(JSON.stringify([item, items[at + 1]]))) {
      return `reasoning in item ${at} is not followed by what it led to`
    }
  }
  for (const [at, item] of before.entries()) {
    if (item['type'] !== 'reasoning') continue
    const what = JSON.stringify(before[at + 1])
    const there = items.findIndex((one) => JSON.stringify(one) === what)
    if (there >= 0 && items[there - 1]?.['type'] !== 'reasoning' && !hasTwin(before, what)) {
      return 'an item is without the reasoning that led to it'
    }
  }
  for (const id of called) if (!answered.has(id)) return `orphan: call ${String(id)}`
  return undefined
}

function hasTwin(items: readonly Json[], text: string): boolean {
  return items.filter((one) => JSON.stringify(one) === text).length > 1
}

function anthropicRule(messages: readonly Json[], before: readonly Json[]): string | undefined {
  if (messages[0]?.['role'] !== before[0]?.['role']) return 'another role begins'
  const originals = new Set(before.map((one) => JSON.stringify(one)))
  let open: string[] = []
  for (const [at, message] of messages.entries()) {
    const { role, content } = message
    if (at > 0 && messages[at - 1]?.['role'] === role && !repeats(before))
      return 'roles do not alternate'
    const blocks = typeof content === 'string' ? [] : (content as Json[])
    if (role === 'assistant') {
      if (!originals.has(JSON.stringify(message))) return 'what the model said was changed'
      open = blocks.flatMap(({ type, id }) => (type === 'tool_use' ? [id as string] : []))
      continue
    }
    const results = blocks.filter(({ type }) => type === 'tool_result')
    if (blocks.slice(0, results.length).some(({ type }) => type !== 'tool_result'))
      return 'results are not first'
    const ids = results.map((one) => one['tool_use_id'] as string)
    if (ids.toSorted().join() !== open.toSorted().join())
      return `orphan: ${open.join()} answered by ${ids.join()}`
    open = []
  }
  return open.length > 0 ? `orphan: call ${open[0]} at the end` : undefined
}

function repeats(messages: readonly Json[]): boolean {
  return messages.some(({ role }, at) => at > 0 && messages[at - 1]?.['role'] === role)
}

function geminiRule(contents: readonly Json[], before: readonly Json[]): string | undefined {
  if (contents[0]?.['role'] !== before[0]?.['role']) return 'another role begins'
  const originals = new Set(before.map((one) => JSON.stringify(one)))
  let open: string[] = []
  for (const [at, content] of contents.entries()) {
    const { role, parts } = content
    if (at > 0 && contents[at - 1]?.['role'] === role && !repeats(before))
      return 'roles do not alternate'
    const named = (member: string): string[] =>
      (parts as Json[]).flatMap((part) =>
        part[member] ? [(part[member] as { name: string }).name] : [],
      )
    if (role === 'model') {
      if (!originals.has(JSON.stringify(content))) return 'what the model said was changed'
      open = named('functionCall')
      continue
    }
    const results = named('functionResponse')
    if (results.join() !== open.join())
      return `orphan: ${open.join()} answered by ${results.join()}`
    open = []
  }
  return open.length > 0 ? `orphan: call ${open[0]} at the end` : undefined
}

/** What the model is asked now is what the application asked. */
function lastIsSame(after: readonly Json[], before: readonly Json[]): string | undefined {
  const last = JSON.stringify(after.at(-1))
  const asked = before.at(-1)
  if (last === JSON.stringify(asked)) return undefined
  const content = asked?.['content'] ?? asked?.['parts'] ?? asked?.['output']
  const texts =
    typeof content === 'string'
      ? [content]
      : (content as { text?: string }[]).map(({ text }) => text ?? '')
  return texts.every((text) => last.includes(JSON.stringify(text).slice(1, -1)))
    ? undefined
    : 'the last message is not the same'
}
