import {
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { type Answer, type AnswerToolCall, usage } from './answer.ts'
import type { SdkAnswer } from './sdk.ts'
import { bedrockClient } from './sdk-bedrock-converse.ts'

const question = { modelId: 'recorded', body: '{}', contentType: 'application/json' }

/**
 * What the AWS SDK hands over of an answer of InvokeModel: the vendor's JSON. Of it only the text and the token counts
 * are looked at, by a list of the vendors' names for them.
 */
export async function invokeAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = bedrockClient(baseUrl)
  const values: unknown[] = []
  if (streaming) {
    const { body = [] } = await client.send(new InvokeModelWithResponseStreamCommand(question))
    for await (const { chunk } of body) values.push(jsonOf(chunk?.bytes))
  } else values.push(jsonOf((await client.send(new InvokeModelCommand(question))).body))
  return { answer: answerOf(values as Value[]) }
}

// oxlint-disable-next-line typescript/no-explicit-any
type Value = any

function jsonOf(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(new TextDecoder().decode(bytes))
}

function answerOf(values: readonly Value[]): Answer {
  let text = ''
  let finish: string | undefined
  for (const value of values) {
    text += textOf(value)
    finish ??=
      value.stop_reason ??
      value.stopReason ??
      value.messageStop?.stopReason ??
      value.delta?.stop_reason ??
      value.completionReason ??
      value.results?.[0]?.completionReason ??
      value.outputs?.[0]?.stop_reason ??
      value.choices?.[0]?.finish_reason ??
      value.generations?.[0]?.finish_reason ??
      value.completions?.[0]?.finishReason?.reason ??
      value.finish_reason ??
      undefined
  }
  const said = { text, reasoning: '', refusal: '', toolCalls: toolCallsOf(values) }
  return { choices: [{ ...said, finish }], usage: usageOf(values) }
}

/** Tool calls of Anthropic's and of Amazon's models. */
function toolCallsOf(values: readonly Value[]): AnswerToolCall[] {
  const calls: { id: string; name: string; input: unknown; json: string }[] = []
  for (const value of values) {
    const blocks = value.content ??
      value.output?.message?.content ?? [
        value.content_block ?? value.contentBlockStart?.start ?? {},
      ]
    for (const block of Array.isArray(blocks) ? blocks : []) {
      const call = block.toolUse ?? (block.type === 'tool_use' ? block : undefined)
      if (call === undefined) continue
      const { id = call.toolUseId, name, input } = call
      calls.push({ id, name, input, json: '' })
    }
    const last = calls.at(-1)
    const piece = value.delta?.partial_json ?? value.contentBlockDelta?.delta.toolUse?.input
    if (last !== undefined && piece !== undefined) last.json += piece
  }
  return calls.map(({ id, name, input, json }) => {
    return { id, name, arguments: json === '' ? input : JSON.parse(json) }
  })
}

function textOf(value: Value): string {
  if (value.event_type === 'stream-end') return ''
  const blocks = value.content ?? value.output?.message?.content
  if (Array.isArray(blocks)) return blocks.map((block: Value) => block.text ?? '').join('')
  return (
    value.delta?.text ??
    value.contentBlockDelta?.delta.text ??
    value.generation ??
    value.outputText ??
    value.completion ??
    value.results?.[0]?.outputText ??
    value.outputs?.[0]?.text ??
    value.choices?.[0]?.message?.content ??
    value.choices?.[0]?.delta?.content ??
    value.generations?.[0]?.text ??
    value.completions?.[0]?.data?.text ??
    value.text ??
    ''
  )
}

/** The vendor's counts; else Bedrock's, which stand in the last piece of a stream. */
function usageOf(values: readonly Value[]): Answer['usage'] {
  let found: Answer['usage']
  for (const value of values) {
    const counts = value.usage ?? value.message?.usage ?? value.metadata?.usage
    const metrics = found === undefined ? value['amazon-bedrock-invocationMetrics'] : undefined
    if (counts !== undefined || metrics !== undefined) {
      const all = { ...counts, ...metrics }
      const cached = all.cache_read_input_tokens ?? all.cacheReadInputTokenCount
      const written = all.cache_creation_input_tokens ?? all.cacheWriteInputTokenCount
      const input = all.input_tokens ?? all.inputTokens ?? all.inputTokenCount
      const plain = input === undefined ? undefined : input + (cached ?? 0) + (written ?? 0)
      found = usage({
        ...found,
        ...usage({
          inputTokens: plain ?? all.prompt_tokens,
          outputTokens:
            all.output_tokens ?? all.outputTokens ?? all.outputTokenCount ?? all.completion_tokens,
          cachedInputTokens: cached,
          cacheWriteTokens: written,
          reasoningTokens: all.output_tokens_details?.thinking_tokens,
        }),
      })
    }
    const own = usage({
      inputTokens: value.prompt_token_count ?? value.inputTextTokenCount,
      outputTokens:
        value.generation_token_count ??
        value.totalOutputTextTokenCount ??
        value.results?.[0]?.tokenCount,
    })
    if (Object.keys(own).length > 0) found = { ...found, ...own }
  }
  return found
}
