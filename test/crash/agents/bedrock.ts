// A plain loop around Converse of Amazon Bedrock, with the SDK's own HTTP.
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import type {
  ContentBlock,
  ConverseCommandInput,
  ConverseStreamOutput,
  Message,
} from '@aws-sdk/client-bedrock-runtime'
import { Readable } from 'node:stream'
import { tool } from 'holdfast'
import { isStreamed } from '../agent/watch.ts'
import type { Watch, WatchedReply } from '../agent/watch.ts'
import type { ToolPlace } from '../truth.ts'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record, watch }) => {
  const client = new BedrockRuntimeClient({
    region: 'eu-central-1',
    endpoint: job.providerUrl,
    credentials: { accessKeyId: 'lab', secretAccessKey: 'lab' },
  })
  watchClient(client, watch)
  const recordOnce = tool({ name: recordTool.name }, record)
  const { name, description, parameters } = recordTool
  const messages: Message[] = [{ role: 'user', content: [{ text: question }] }]
  for (;;) {
    const request: ConverseCommandInput = {
      modelId: 'anthropic.claude-lab-v1:0',
      system: [{ text: job.instructions ?? instructions }],
      messages,
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name,
              description,
              inputSchema: { json: { ...parameters, required: ['step', 'slot'] } },
            },
          },
        ],
      },
    }
    const content =
      job.cell.reply === 'stream'
        ? await contentOf((await client.send(new ConverseStreamCommand(request))).stream)
        : (await client.send(new ConverseCommand(request))).output?.message?.content
    if (content === undefined) throw new Error('the model said nothing')
    messages.push({ role: 'assistant', content })
    const calls = content.flatMap(({ toolUse }) => toolUse ?? [])
    if (calls.length === 0) return content.map(({ text }) => text ?? '').join('')
    const results = await Promise.all(
      calls.map(async ({ toolUseId, input }) => ({
        toolResult: {
          toolUseId,
          content: [{ text: await recordOnce(input as unknown as ToolPlace) }],
        },
      })),
    )
    messages.push({ role: 'user', content: results })
  }
}

/** The message that a stream makes. */
async function contentOf(
  stream: AsyncIterable<ConverseStreamOutput> | undefined,
): Promise<ContentBlock[]> {
  const texts: string[] = []
  const uses: { toolUseId: string | undefined; name: string | undefined; input: string }[] = []
  for await (const { contentBlockStart, contentBlockDelta } of stream ?? []) {
    const begun = contentBlockStart?.start?.toolUse
    if (begun !== undefined) uses.push({ toolUseId: begun.toolUseId, name: begun.name, input: '' })
    const { text, toolUse } = contentBlockDelta?.delta ?? {}
    if (text !== undefined) texts.push(text)
    const last = uses.at(-1)
    if (last !== undefined) last.input += toolUse?.input ?? ''
  }
  return [
    ...(texts.length === 0 ? [] : [{ text: texts.join('') }]),
    ...uses.map(({ input, ...use }) => ({
      toolUse: { ...use, input: JSON.parse(input) as Record<string, number> },
    })),
  ]
}

/** The SDK does not use fetch: between its HTTP and what reads replies stands a middleware. */
function watchClient(client: BedrockRuntimeClient, watch: Watch): void {
  client.middlewareStack.add(
    (next) => async (given) => {
      const { body } = given.request as { readonly body?: unknown }
      const watchReply = watch(String(body))
      const result = await next(given)
      const response = result.response as {
        statusCode: number
        headers: Readonly<Record<string, string>>
        body: Readable
      }
      if (response.statusCode === 200) {
        const streamed = isStreamed(response.headers['content-type'])
        response.body = Readable.from(watched(response.body, watchReply({ streamed })))
      }
      return result
    },
    // The innermost: it gets what the SDK's handler has received.
    { step: 'deserialize', priority: 'low', name: 'watchReplies' },
  )
}

async function* watched(bytes: AsyncIterable<Uint8Array>, reply: WatchedReply) {
  for await (const chunk of bytes) {
    reply.bytes(chunk)
    yield chunk
  }
  reply.end()
}
