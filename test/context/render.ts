import type { Conversation, Step } from './conversation.ts'

type Json = Record<string, unknown>

/** The body that an SDK would send after so many steps: written by hand here, not by what is tested. */
export function bodyAfter(conversation: Conversation, steps: number): string {
  const { wire, model, system, answerTokens } = conversation
  const said = conversation.steps.slice(0, steps)
  switch (wire) {
    case 'openai-chat':
      return JSON.stringify({
        model,
        messages: [{ role: 'system', content: system }, ...said.flatMap(chat)],
        tools: toolNames.map((name) => ({ type: 'function', function: { name, ...toolSays } })),
        max_completion_tokens: answerTokens,
      })
    case 'openai-responses':
      return JSON.stringify({
        model,
        instructions: system,
        input: said.flatMap(responses),
        tools: toolNames.map((name) => ({ type: 'function', name, ...toolSays })),
        max_output_tokens: answerTokens,
        store: false,
      })
    case 'anthropic-messages':
      return JSON.stringify({
        model,
        max_tokens: answerTokens,
        system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
        messages: said.flatMap(anthropic),
        tools: toolNames.map((name) => ({ name, input_schema: toolSays.parameters })),
      })
    default:
      return JSON.stringify({
        contents: said.flatMap(gemini),
        systemInstruction: { parts: [{ text: system }] },
        tools: [{ functionDeclarations: toolNames.map((name) => ({ name, ...toolSays })) }],
        generationConfig: { maxOutputTokens: answerTokens },
      })
  }
}

const toolNames = ['tool_0', 'tool_1', 'tool_2', 'tool_3']
const toolSays = {
  description: 'Reads something.',
  parameters: {
    type: 'object',
    properties: { path: { type: 'string' }, line: { type: 'number' } },
  },
}

function chat(step: Step): Json[] {
  if (step.by !== 'model') return [{ role: step.by, content: step.text }]
  const { text, uses } = step
  const calls = uses.map(({ id, name, args }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }))
  return [
    {
      role: 'assistant',
      content: text ?? (calls.length > 0 ? null : ''),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    },
    ...uses.map(({ id, result }) => ({ role: 'tool', tool_call_id: id, content: result })),
  ]
}

function responses(step: Step): Json[] {
  if (step.by !== 'model')
    return [{ role: step.by, content: [{ type: 'input_text', text: step.text }] }]
  const { text, thought, uses } = step
  const id = `rs_${uses[0]?.id ?? text?.length ?? 0}`
  const isThought = thought !== undefined && (text !== undefined || uses.length > 0)
  return [
    ...(isThought
      ? [
          {
            type: 'reasoning',
            id,
            summary: [{ type: 'summary_text', text: thought }],
            encrypted_content: 'gAAAA',
          },
        ]
      : []),
    ...(text === undefined
      ? []
      : [
          {
            type: 'message',
            role: 'assistant',
            content: [{ type: 'output_text', text, annotations: [] }],
          },
        ]),
    ...uses.map(({ id: call_id, name, args }) => ({
      type: 'function_call',
      id: `fc_${call_id}`,
      call_id,
      name,
      arguments: JSON.stringify(args),
    })),
    ...uses.map(({ id: call_id, result }) => ({
      type: 'function_call_output',
      call_id,
      output: result,
    })),
  ]
}

function anthropic(step: Step): Json[] {
  if (step.by !== 'model') return [{ role: 'user', content: step.text }]
  const { text, thought, uses } = step
  const content = [
    ...(thought === undefined
      ? []
      : [{ type: 'thinking', thinking: thought, signature: 'c2lnbmVk' }]),
    ...(text === undefined ? [] : [{ type: 'text', text }]),
    ...uses.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args })),
  ]
  return [
    { role: 'assistant', content },
    ...(uses.length === 0
      ? []
      : [
          {
            role: 'user',
            content: uses.map(({ id, result }) => ({
              type: 'tool_result',
              tool_use_id: id,
              content: result,
            })),
          },
        ]),
  ]
}

function gemini(step: Step): Json[] {
  if (step.by !== 'model') return [{ role: 'user', parts: [{ text: step.text }] }]
  const { text, uses } = step
  const parts = [
    ...(text === undefined ? [] : [{ text }]),
    ...uses.map(({ name, args }, at) => ({
      functionCall: { name, args },
      ...(at === 0 ? { thoughtSignature: 'c2lnbmVk' } : {}),
    })),
  ]
  return [
    { role: 'model', parts },
    ...(uses.length === 0
      ? []
      : [
          {
            role: 'user',
            parts: uses.map(({ name, result }) => ({
              functionResponse: { name, response: { result } },
            })),
          },
        ]),
  ]
}
