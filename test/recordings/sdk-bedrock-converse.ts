import {
  BedrockRuntimeClient,
  type ContentBlock,
  ConverseCommand,
  ConverseStreamCommand,
  type TokenUsage,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { type Answer, type AnswerToolCall, usage } from './answer.ts'
import type { SdkAnswer } from './sdk.ts'

const question = {
  modelId: 'recorded',
  messages: [{ role: 'user' as const, content: [{ text: 'Hello' }] }],
}

/** The AWS SDK over HTTP/1.1, for a server on loopback. */
export function bedrockClient(endpoint: string): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  })
}

/** What the AWS SDK makes of an answer of Converse. */
export async function converseAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = bedrockClient(baseUrl)
  if (streaming) return { answer: await streamed(client) }
  const { output, stopReason, usage } = await client.send(new ConverseCommand(question))
  return { answer: answerOf(output?.message?.content ?? [], stopReason, usage) }
}

function answerOf(
  blocks: readonly ContentBlock[],
  finish: string | undefined,
  counts: TokenUsage | undefined,
): Answer {
  let text = ''
  let reasoning = ''
  const toolCalls: AnswerToolCall[] = []
  for (const block of blocks) {
    text += block.text ?? ''
    for (const piece of block.citationsContent?.content ?? []) text += piece.text ?? ''
    reasoning += block.reasoningContent?.reasoningText?.text ?? ''
    if (isOwn(block.toolUse)) {
      const { toolUseId = '', name = '', input } = block.toolUse
      toolCalls.push({ id: toolUseId, name, arguments: input ?? {} })
    }
  }
  return {
    choices: [{ text, reasoning, refusal: '', toolCalls, finish }],
    usage: counts && usageOf(counts),
  }
}

/** Tools that Bedrock runs itself are none of the application's. */
function isOwn<Use extends { readonly type?: string | undefined }>(
  use: Use | undefined,
): use is Use {
  return use !== undefined && use.type !== 'server_tool_use'
}

async function streamed(client: BedrockRuntimeClient): Promise<Answer> {
  const { stream = [] } = await client.send(new ConverseStreamCommand(question))
  let text = ''
  let reasoning = ''
  let finish: string | undefined
  let counts: TokenUsage | undefined
  const calls = new Map<number | undefined, { id: string; name: string; input: string }>()
  for await (const event of stream) {
    const { contentBlockStart: start, contentBlockDelta: piece } = event
    const use = start?.start?.toolUse
    if (isOwn(use)) {
      const { toolUseId = '', name = '' } = use
      calls.set(start?.contentBlockIndex, { id: toolUseId, name, input: '' })
    }
    text += piece?.delta?.text ?? ''
    reasoning += piece?.delta?.reasoningContent?.text ?? ''
    const call = calls.get(piece?.contentBlockIndex)
    if (call !== undefined) call.input += piece?.delta?.toolUse?.input ?? ''
    finish = event.messageStop?.stopReason ?? finish
    counts = event.metadata?.usage ?? counts
  }
  const toolCalls = [...calls.values()].map(({ id, name, input }): AnswerToolCall => {
    return { id, name, arguments: JSON.parse(input || '{}') as unknown }
  })
  return {
    choices: [{ text, reasoning, refusal: '', toolCalls, finish }],
    usage: counts && usageOf(counts),
  }
}

function usageOf(counts: TokenUsage): Answer['usage'] {
  const { inputTokens = 0, cacheReadInputTokens, cacheWriteInputTokens } = counts
  return usage({
    inputTokens: inputTokens + (cacheReadInputTokens ?? 0) + (cacheWriteInputTokens ?? 0),
    outputTokens: counts.outputTokens,
    cachedInputTokens: cacheReadInputTokens,
    cacheWriteTokens: cacheWriteInputTokens,
  })
}
