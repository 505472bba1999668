import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { instrument } from 'holdfast'
import { expect, test } from 'vitest'

test('an endpoint that speaks HTTP/2 alone is answered to the AWS SDK as before, and the report says that it goes by', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const message = { role: 'assistant', content: [{ text: 'over HTTP/2' }] }
    response.end(JSON.stringify({ output: { message }, stopReason: 'end_turn' }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const holdfast = instrument({ telemetry: false })
  const client = new BedrockRuntimeClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  })
  const messages = [{ role: 'user' as const, content: [{ text: 'Hello' }] }]
  // The first one finds out; the second one knows.
  for (const calls of [1, 2]) {
    const { output } = await client.send(new ConverseCommand({ modelId: 'm', messages }))
    expect(output?.message?.content?.[0]?.text).toBe('over HTTP/2')
    expect(holdfast.report().caught).toMatchObject([{ layer: 'http', calls: 1 }])
    expect(holdfast.report().passing).toMatchObject([
      {
        layer: 'http2',
        path: '/model/m/converse',
        why: expect.stringMatching(/^HTTP\/2 is not caught: .*new NodeHttpHandler/),
        calls,
      },
    ])
  }
  client.destroy()
  await holdfast.uninstrument()
  server.close()
})
