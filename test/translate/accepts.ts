import { z } from 'zod'
import type { FormatName } from './formats.ts'

/**
 * What each provider's API takes of what can be composed, strictly: a member that is not named here is refused, as the
 * providers refuse it. From the types of their SDKs and the error messages of their APIs (2026-11-21).
 */
export function accepts(name: FormatName, body: unknown): string | undefined {
  const parsed = schemas[name].safeParse(body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return `${issue?.path.join('.')}: ${issue?.message}`
  }
  return conversationRules[name](body as never)
}

const text = z.string().min(1)
const said = z.string().regex(/\S/, 'no text')
const schema = z.looseObject({ type: z.literal('object') })
const anySchema = z.looseObject({})
const base64 = z.base64()
const openaiId = z.string().regex(/^[\w.:-]+$/)
const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const effort = z.enum(['low', 'medium', 'high'])
const url = z.url()
const dataOrUrl = z.string().regex(/^(https?:\/\/|data:image\/(png|jpeg|gif|webp);base64,)/)
const detail = z.enum(['auto', 'low', 'high', 'original']).optional()
const temperature = z.number().min(0).max(2)

const chatText = z.strictObject({ type: z.literal('text'), text: said })
const chatPart = z.union([
  chatText,
  z.strictObject({
    type: z.literal('image_url'),
    image_url: z.strictObject({ url: dataOrUrl, detail }),
  }),
  z.strictObject({
    type: z.literal('input_audio'),
    input_audio: z.strictObject({ data: base64, format: z.enum(['wav', 'mp3']) }),
  }),
  z.strictObject({
    type: z.literal('file'),
    file: z.strictObject({
      filename: text,
      file_data: z.string().startsWith('data:application/pdf;base64,'),
    }),
  }),
])
const chatMessage = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.enum(['system', 'developer']),
    content: z.union([said, z.array(chatText).min(1)]),
  }),
  z.strictObject({ role: z.literal('user'), content: z.union([said, z.array(chatPart).min(1)]) }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([z.string(), z.null(), z.array(chatText).min(1)]),
    refusal: z.string().optional(),
    tool_calls: z
      .array(
        z.strictObject({
          id: openaiId.max(40),
          type: z.literal('function'),
          function: z.strictObject({ name: toolName, arguments: z.string() }),
        }),
      )
      .min(1)
      .optional(),
  }),
  z.strictObject({
    role: z.literal('tool'),
    tool_call_id: openaiId.max(40),
    content: z.union([z.string(), z.array(chatText).min(1)]),
  }),
])
const chatFunction = z.strictObject({
  name: toolName,
  description: z.string().optional(),
  parameters: schema.optional(),
  strict: z.boolean().optional(),
})
const chat = z.strictObject({
  model: text,
  messages: z.array(chatMessage).min(1),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
  tools: z
    .array(z.strictObject({ type: z.literal('function'), function: chatFunction }))
    .min(1)
    .optional(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: toolName }) }),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
  temperature: temperature.optional(),
  top_p: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  stop: z.array(text).min(1).max(4).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  reasoning_effort: effort.optional(),
  user: text.optional(),
  response_format: z
    .union([
      z.strictObject({ type: z.enum(['text', 'json_object']) }),
      z.strictObject({
        type: z.literal('json_schema'),
        json_schema: z.strictObject({
          name: toolName,
          schema: anySchema,
          strict: z.boolean().optional(),
        }),
      }),
    ])
    .optional(),
})

const inputPart = z.union([
  z.strictObject({ type: z.literal('input_text'), text: said }),
  z.strictObject({ type: z.literal('input_image'), image_url: dataOrUrl, detail }),
  z.strictObject({
    type: z.literal('input_file'),
    filename: text.optional(),
    file_data: z.string().startsWith('data:').optional(),
    file_url: url.optional(),
  }),
])
const outputPart = z.union([
  z.strictObject({ type: z.literal('output_text'), text: said }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
])
const callId = openaiId.max(64)
const inputItem = z.union([
  z.strictObject({
    type: z.literal('message'),
    role: z.enum(['user', 'system', 'developer']),
    content: z.union([said, z.array(inputPart).min(1)]),
  }),
  z.strictObject({
    type: z.literal('message'),
    role: z.literal('assistant'),
    content: z.array(outputPart).min(1),
  }),
  z.strictObject({
    type: z.literal('function_call'),
    call_id: callId,
    name: toolName,
    arguments: z.string(),
  }),
  z.strictObject({
    type: z.literal('function_call_output'),
    call_id: callId,
    output: z.union([z.string(), z.array(inputPart).min(1)]),
  }),
])
const responses = z.strictObject({
  model: text,
  instructions: said.optional(),
  input: z.array(inputItem),
  stream: z.boolean().optional(),
  store: z.boolean(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        name: toolName,
        description: z.string().optional(),
        parameters: schema,
        strict: z.boolean(),
      }),
    )
    .min(1)
    .optional(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.strictObject({ type: z.literal('function'), name: toolName }),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  max_output_tokens: z.int().min(16).optional(),
  temperature: temperature.optional(),
  top_p: z.number().min(0).max(1).optional(),
  reasoning: z.strictObject({ effort }).optional(),
  user: text.optional(),
  metadata: z.record(z.string().max(64), z.string().max(512)).optional(),
  text: z
    .strictObject({
      format: z.union([
        z.strictObject({ type: z.enum(['text', 'json_object']) }),
        z.strictObject({
          type: z.literal('json_schema'),
          name: toolName,
          schema: anySchema,
          strict: z.boolean().optional(),
        }),
      ]),
    })
    .optional(),
})

const toolUseId = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const textBlock = z.strictObject({ type: z.literal('text'), text: said })
const imageBlock = z.strictObject({
  type: z.literal('image'),
  source: z.union([
    z.strictObject({ type: z.literal('url'), url }),
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
      data: base64,
    }),
  ]),
})
const documentBlock = z.strictObject({
  type: z.literal('document'),
  title: text.optional(),
  source: z.union([
    z.strictObject({ type: z.literal('url'), url }),
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.literal('application/pdf'),
      data: base64,
    }),
    z.strictObject({
      type: z.literal('text'),
      media_type: z.literal('text/plain'),
      data: z.string(),
    }),
  ]),
})
const resultBlock = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: toolUseId,
  is_error: z.boolean().optional(),
  content: z
    .union([z.string(), z.array(z.union([textBlock, imageBlock, documentBlock]))])
    .optional(),
})
const toolUseBlock = z.strictObject({
  type: z.literal('tool_use'),
  id: toolUseId,
  name: text,
  input: z.looseObject({}),
})
const anthropicTool = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: schema,
  strict: z.boolean().optional(),
})
const messages = z.strictObject({
  model: text,
  max_tokens: z.int().min(1),
  system: z.union([said, z.array(textBlock).min(1)]).optional(),
  messages: z
    .array(
      z.discriminatedUnion('role', [
        z.strictObject({
          role: z.literal('user'),
          content: z.union([
            said,
            z.array(z.union([textBlock, imageBlock, documentBlock, resultBlock])).min(1),
          ]),
        }),
        z.strictObject({
          role: z.literal('assistant'),
          content: z.union([said, z.array(z.union([textBlock, toolUseBlock])).min(1)]),
        }),
      ]),
    )
    .min(1),
  stream: z.boolean().optional(),
  tools: z.array(anthropicTool).min(1).optional(),
  tool_choice: z
    .union([
      z.strictObject({ type: z.literal('none') }),
      z.strictObject({
        type: z.enum(['auto', 'any']),
        disable_parallel_tool_use: z.boolean().optional(),
      }),
      z.strictObject({
        type: z.literal('tool'),
        name: text,
        disable_parallel_tool_use: z.boolean().optional(),
      }),
    ])
    .optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  stop_sequences: z.array(said).optional(),
  metadata: z.strictObject({ user_id: text.max(256) }).optional(),
  thinking: z
    .union([
      z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1024) }),
      z.strictObject({ type: z.literal('adaptive') }),
    ])
    .optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
      format: z.strictObject({ type: z.literal('json_schema'), schema: anySchema }).optional(),
    })
    .optional(),
})

const blob = z.strictObject({ mimeType: text, data: base64 })
const file = z.strictObject({ mimeType: text, fileUri: url })
const mediaPart = z.union([
  z.strictObject({ inlineData: blob }),
  z.strictObject({ fileData: file }),
])
const geminiPart = z.union([
  z.strictObject({ text: said }),
  mediaPart,
  z.strictObject({
    functionCall: z.strictObject({ id: text.optional(), name: text, args: z.looseObject({}) }),
    thoughtSignature: text.optional(),
  }),
  z.strictObject({
    functionResponse: z.strictObject({
      id: text.optional(),
      name: text,
      response: z.looseObject({}),
      parts: z.array(mediaPart).min(1).optional(),
    }),
  }),
])
const gemini = z.strictObject({
  contents: z
    .array(z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(geminiPart).min(1) }))
    .min(1),
  systemInstruction: z
    .strictObject({ parts: z.array(z.strictObject({ text: said })).min(1) })
    .optional(),
  tools: z
    .array(
      z.strictObject({
        functionDeclarations: z
          .array(
            z.strictObject({
              name: z.string().regex(/^[a-zA-Z_][\w.:-]{0,127}$/),
              description: z.string().optional(),
              parametersJsonSchema: schema,
            }),
          )
          .min(1),
      }),
    )
    .min(1)
    .optional(),
  toolConfig: z
    .strictObject({
      functionCallingConfig: z.strictObject({
        mode: z.enum(['AUTO', 'ANY', 'NONE']),
        allowedFunctionNames: z.array(text).optional(),
      }),
    })
    .optional(),
  generationConfig: z
    .strictObject({
      maxOutputTokens: z.int().min(1).optional(),
      temperature: temperature.optional(),
      topP: z.number().min(0).max(1).optional(),
      topK: z.number().optional(),
      seed: z.int().optional(),
      stopSequences: z.array(text).max(5).optional(),
      thinkingConfig: z
        .strictObject({
          thinkingLevel: z.enum(['minimal', 'low', 'medium', 'high']).optional(),
          thinkingBudget: z.int().optional(),
        })
        .optional(),
      responseMimeType: z.literal('application/json').optional(),
      responseJsonSchema: z.unknown().optional(),
    })
    .optional(),
})

const schemas = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': messages,
  gemini,
}

/** Rules that go over several messages. */
const conversationRules = {
  'openai-chat': chatRules,
  'openai-responses': responsesRules,
  'anthropic-messages': messagesRules,
  gemini: geminiRules,
}

function chatRules(body: z.infer<typeof chat>): string | undefined {
  let open: string[] = []
  for (const message of body.messages) {
    if (message.role === 'tool') {
      if (!open.includes(message.tool_call_id)) return 'a tool message does not follow its call'
      open = open.filter((id) => id !== message.tool_call_id)
      continue
    }
    if (open.length > 0) return `tool calls without results: ${open.join(', ')}`
    if (message.role === 'assistant') {
      open = (message.tool_calls ?? []).map(({ id }) => id)
      const says = message.content?.length ?? message.refusal?.length ?? 0
      if (open.length + says === 0) return 'an assistant message says nothing'
    }
    if (new Set(open).size !== open.length) return 'two calls have one id'
  }
  if (body.stream_options !== undefined && body.stream !== true)
    return 'stream_options without stream'
  if (body.tools === undefined && (body.tool_choice ?? body.parallel_tool_calls) !== undefined) {
    return 'a choice without tools'
  }
  return open.length > 0 ? 'the last tool calls have no results' : undefined
}

function responsesRules(body: z.infer<typeof responses>): string | undefined {
  const called = new Set<string>()
  const answered = new Set<string>()
  for (const item of body.input) {
    if (item.type === 'function_call') {
      if (called.has(item.call_id)) return 'two calls have one id'
      called.add(item.call_id)
    } else if (item.type === 'function_call_output') {
      if (!called.has(item.call_id)) return 'No tool call found for function call output'
      answered.add(item.call_id)
    }
  }
  if (body.tools === undefined && (body.tool_choice ?? body.parallel_tool_calls) !== undefined) {
    return 'a choice without tools'
  }
  return [...called].some((id) => !answered.has(id))
    ? 'No tool output found for function call'
    : undefined
}

function messagesRules(body: z.infer<typeof messages>): string | undefined {
  const { messages: said, thinking, max_tokens, tools, tool_choice } = body
  if (said[0]?.role !== 'user') return 'first message must use the "user" role'
  if (said.at(-1)?.role !== 'user') return 'prefill is not supported'
  const ids = new Set<string>()
  let open: string[] = []
  for (const [at, { role, content }] of said.entries()) {
    if (at > 0 && said[at - 1]?.role === role) return 'roles do not alternate'
    const blocks = typeof content === 'string' ? [] : content
    if (role === 'assistant') {
      open = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []))
      if (open.some((id) => ids.has(id)) || new Set(open).size !== open.length) {
        return '`tool_use` ids must be unique'
      }
      for (const id of open) ids.add(id)
    } else {
      const results = blocks.flatMap((block) =>
        block.type === 'tool_result' ? [block.tool_use_id] : [],
      )
      if (blocks.slice(0, results.length).some(({ type }) => type !== 'tool_result')) {
        return 'tool_result blocks do not come first'
      }
      if ([...open].toSorted().join() !== [...results].toSorted().join()) {
        return '`tool_use` ids were found without `tool_result` blocks immediately after, or the other way round'
      }
      open = []
    }
  }
  const forced = tool_choice?.type === 'any' || tool_choice?.type === 'tool'
  if (thinking !== undefined && (forced || body.temperature !== undefined)) {
    return 'Thinking may not be enabled with a forced tool or a temperature'
  }
  if (thinking?.type === 'enabled' && thinking.budget_tokens >= max_tokens)
    return 'max_tokens below the budget'
  return tools === undefined && tool_choice !== undefined ? 'a choice without tools' : undefined
}

function geminiRules(body: z.infer<typeof gemini>): string | undefined {
  if (body.contents[0]?.role !== 'user') return "the first turn is not the user's"
  if (body.contents.at(-1)?.role !== 'user') return "the last turn is not the user's"
  let open: string[] = []
  for (const [at, { role, parts }] of body.contents.entries()) {
    if (at > 0 && body.contents[at - 1]?.role === role) return 'roles do not alternate'
    const calls = parts.flatMap((part) => ('functionCall' in part ? [part.functionCall.name] : []))
    const results = parts.flatMap((part) =>
      'functionResponse' in part ? [part.functionResponse.name] : [],
    )
    if (role === 'user' && results.join() !== open.join()) {
      return 'the number of function response parts is not that of the function call parts'
    }
    const first = parts.find((part) => 'functionCall' in part)
    if (first !== undefined && first.thoughtSignature === undefined) {
      return 'Function call is missing a thought_signature'
    }
    open = role === 'model' ? calls : []
  }
  return open.length > 0 ? 'the last function calls have no responses' : undefined
}
