import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const piece = { candidates: [{ content: { role: 'model', parts: [{ text: 'It begins' }] } }] }

const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(`data: ${JSON.stringify(piece)}\n\n`)
  setTimeout(() => response.destroy(), 20)
})
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** Reads a stream that breaks as LangChain's model does, in a process of its own. */
async function readIn(
  before: string,
): Promise<{ code: number | null; told: string; errors: string }> {
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const program = `${before}
    const { GoogleGenerativeAI } = await import('@google/generative-ai')
    const model = new GoogleGenerativeAI('none').getGenerativeModel({ model: 'gemini' }, { baseUrl: '${baseUrl}' })
    const { stream } = await model.generateContentStream('Go on')
    const texts = []
    try {
      for await (const chunk of stream) texts.push(chunk.text())
    } catch (error) {
      texts.push(error.constructor.name)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
    console.log(texts.join())`
  const child = execFile(
    process.execPath,
    ['--conditions=@holdfast/source', '--no-warnings', '--input-type=module', '--eval', program],
    { cwd: fileURLToPath(new URL('..', import.meta.url)) },
  )
  let told = ''
  let errors = ''
  child.stdout?.on('data', (text: string) => (told += text))
  child.stderr?.on('data', (text: string) => (errors += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, told: told.trim(), errors }
}

test('a Gemini stream that breaks fails where it is read, and the process lives on', async () => {
  const held = await readIn(
    `import { instrument } from 'holdfast'
     instrument({ telemetry: false, reliability: false })`,
  )
  expect(held).toEqual({
    code: 0,
    told: 'It begins,GoogleGenerativeAIError',
    errors: '',
  })
})

test('without Holdfast it ends the process, which is why there is a patch', async () => {
  const bare = await readIn('')
  expect([bare.code, bare.told]).toEqual([1, ''])
  expect(bare.errors).toContain('Error reading from the stream')
})
