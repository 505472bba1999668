import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { conversation, react, startLab } from '@holdfast/lab'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../examples')
const examples = globSync('*/package.json', { cwd: folder }).map((file) => dirname(file))

const script = {
  calls: [{ name: 'look_up_order', arguments: { order: '1042' } }],
  answer: 'Order 1042 is on its way and arrives on Friday.',
}

test.each(examples)(
  '%s: the agent answers, and its tool call is caught once',
  async (name) => {
    await using lab = await startLab({
      script: (request) =>
        // Whoever offers no tools asks for ReAct steps; in a thread on the server they were offered before.
        /"tools"|"thread"/.test(request.bodyText)
          ? conversation(script)(request)
          : react(script)(request),
    })
    const { baseUrls } = lab
    const { code, output, errors } = await runExample(name, {
      OPENAI_BASE_URL: baseUrls.openai,
      OPENAI_API_KEY: 'none',
      ANTHROPIC_BASE_URL: baseUrls.anthropic,
      ANTHROPIC_API_KEY: 'none',
      GOOGLE_GEMINI_BASE_URL: baseUrls.gemini,
      GEMINI_API_KEY: 'none',
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: baseUrls.bedrock,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
    })
    expect([code, output.trim().split('\n').at(-1)], errors).toEqual([0, script.answer])
    const caught = errors.split('\n').filter((line) => line.startsWith('caught: look_up_order'))
    expect(caught).toHaveLength(1)
    expect(caught[0]).toContain('1042')
    // What the tool found out got to the model.
    expect(lab.requests.at(-1)?.bodyText).toContain('Friday')
  },
  60_000,
)

async function runExample(
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(
    process.execPath,
    ['--conditions=@holdfast/source', '--no-warnings', '--import', 'holdfast/auto', 'agent.ts'],
    {
      cwd: join(folder, name),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        HOLDFAST_CONFIG: join(import.meta.dirname, 'holdfast.config.mjs'),
        KAIBAN_TELEMETRY_OPT_OUT: '1',
        ...env,
      },
    },
  )
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, output, errors }
}
