import type { Members } from './json.ts'
import { memberList, members, textMember } from './json.ts'
import type { LabRequest } from './request.ts'

/** Something that stands in a conversation, in the words of no wire. */
export type Turn =
  | { readonly from: 'person' | 'model'; readonly text: string }
  | { readonly from: 'tool'; readonly id: string; readonly text: string }

/** The names of the tools that a request offers, on any wire. */
export function offeredTools(request: Pick<LabRequest, 'wire' | 'body'>): string[] {
  const body = members(request.body)
  const tools = memberList(body['tools'])
  switch (request.wire) {
    case 'gemini':
      return names(
        tools.flatMap((tool) =>
          memberList(tool['functionDeclarations'] ?? tool['function_declarations']),
        ),
      )
    case 'openai-chat':
    case 'cohere-chat':
    case 'ollama-chat':
      return names(tools.map((tool) => members(tool['function'])))
    case 'bedrock-converse': {
      const { tools } = members(body['toolConfig'])
      return names(memberList(tools).map((tool) => members(tool['toolSpec'])))
    }
    default:
      return names(tools)
  }
}

/** The conversation that a request carries, in order; instructions and the model's tool calls are left out. */
export function turns(request: Pick<LabRequest, 'wire' | 'body'>): Turn[] {
  const body = members(request.body)
  switch (request.wire) {
    case 'openai-chat':
    case 'cohere-chat':
    case 'ollama-chat':
      return memberList(body['messages']).flatMap(chatTurn)
    case 'openai-responses':
      return typeof body['input'] === 'string'
        ? [{ from: 'person', text: body['input'] }]
        : memberList(body['input']).flatMap(responsesTurn)
    case 'bedrock-converse':
      return memberList(body['messages']).flatMap(converseTurns)
    case 'anthropic-messages':
    case 'bedrock-anthropic':
      return memberList(body['messages']).flatMap(anthropicTurns)
    case 'gemini':
      return memberList(body['contents']).flatMap(geminiTurns)
    default:
      return []
  }
}

function chatTurn(message: Members): Turn[] {
  const text = textOf(message['content'])
  switch (message['role']) {
    case 'tool':
    case 'function':
      return [{ from: 'tool', id: textMember(message['tool_call_id']), text }]
    case 'assistant':
      return [{ from: 'model', text }]
    case 'user':
      return [{ from: 'person', text }]
    default:
      return []
  }
}

function responsesTurn(item: Members): Turn[] {
  if (item['type'] === 'function_call_output') {
    return [{ from: 'tool', id: textMember(item['call_id']), text: textOf(item['output']) }]
  }
  const text = textOf(item['content'])
  if (item['role'] === 'user') return [{ from: 'person', text }]
  if (item['role'] === 'assistant') return [{ from: 'model', text }]
  return []
}

function anthropicTurns(message: Members): Turn[] {
  const from = message['role'] === 'assistant' ? 'model' : 'person'
  if (typeof message['content'] === 'string') return [{ from, text: message['content'] }]
  const blocks = memberList(message['content'])
  const results = blocks
    .filter((block) => block['type'] === 'tool_result')
    .map((block) => ({
      from: 'tool' as const,
      id: textMember(block['tool_use_id']),
      text: textOf(block['content']),
    }))
  // Text beside tool results is a remark about them, not a new question.
  return results.length > 0 ? results : [{ from, text: textOf(blocks) }]
}

function converseTurns(message: Members): Turn[] {
  const blocks = memberList(message['content'])
  const results = blocks.flatMap((block): Turn[] => {
    const { toolUseId, content } = members(block['toolResult'])
    if (toolUseId === undefined) return []
    return [{ from: 'tool', id: textMember(toolUseId), text: textOf(content) }]
  })
  if (results.length > 0) return results
  return [{ from: message['role'] === 'assistant' ? 'model' : 'person', text: textOf(blocks) }]
}

function geminiTurns(content: Members): Turn[] {
  const parts = memberList(content['parts'])
  const results = parts
    .map((part) => members(part['functionResponse'] ?? part['function_response']))
    .filter((response) => response['name'] !== undefined)
    .map((response) => ({
      from: 'tool' as const,
      id: textMember(response['id']),
      text: JSON.stringify(response['response'] ?? null),
    }))
  if (results.length > 0) return results
  return [{ from: content['role'] === 'model' ? 'model' : 'person', text: textOf(parts) }]
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return memberList(content)
    .map((part) => textMember(part['text']))
    .join('')
}

function names(tools: readonly Members[]): string[] {
  return tools.flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
}
