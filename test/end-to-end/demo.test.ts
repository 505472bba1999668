import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'

const demo = resolve(import.meta.dirname, '../../packages/demo/src')

describe('npm run demo', () => {
  let shown: Awaited<ReturnType<typeof runDemo>>
  beforeAll(async () => {
    shown = await runDemo([])
  }, 90_000)

  test('every agent fails without Holdfast and finishes with it', () => {
    expect(lastLine(shown.stdout), shown.stdout).toBe(
      '3 of 3 agents fail without Holdfast, 3 of 3 finish with it',
    )
    expect(shown.exitCode).toBe(0)
  })

  test('shows why each of them fails, and what Holdfast did about it', () => {
    expect(shown.stdout).toMatch(/no answer, but exit code 0 +✓ finished/)
    expect(shown.stdout).toMatch(/hangs: stopped after 15\.\d s +✓ finished/)
    expect(shown.stdout).toMatch(/fails: The team stopped: BLOCKED +✓ finished/)
    expect(shown.stdout).toMatch(/given up after 5\.\d s/)
    expect(shown.stdout).toContain('over to the backup')
  })

  test('counts the tokens of every answer once, whatever was tried in between', () => {
    for (const tokens of ['1,436', '470', '2,375']) {
      expect(shown.stdout).toMatch(new RegExp(`  ${tokens} tokens, \\$0\\.00\\d{3}$`, 'm'))
    }
  })

  test('fits on a screen of 80 columns, without colours where there is no terminal', () => {
    expect(Math.max(...shown.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(shown.stdout).not.toContain('\u001B')
  })
})

test('the agents know nothing of Holdfast', () => {
  for (const folder of ['agents', 'memory/agents']) {
    for (const agent of ['langgraph', 'openai-agents', 'kaiban']) {
      expect(readFileSync(join(demo, folder, `${agent}.ts`), 'utf8')).not.toMatch(/holdfast/i)
    }
  }
})

test('what agents are told in one process they know in the next', { timeout: 90_000 }, async () => {
  const { exitCode, stdout } = await runDemo(['memory'])
  expect(lastLine(stdout), stdout).toBe(
    '3 of 3 agents have forgotten it without Holdfast, 3 of 3 know it with it',
  )
  expect(exitCode).toBe(0)
})

test('--live without a key says which one it needs', async () => {
  const { exitCode, stderr } = await runDemo(['--live'])
  expect(stderr).toContain('needs OPENAI_API_KEY or ANTHROPIC_API_KEY')
  expect(exitCode).toBe(2)
})

async function runDemo(
  args: readonly string[],
): Promise<{ stdout: string; stderr: string; exitCode: number | null }> {
  const { OPENAI_API_KEY: _, ANTHROPIC_API_KEY: __, FORCE_COLOR: ___, ...env } = process.env
  const child = spawn(
    process.execPath,
    ['--conditions=@holdfast/source', join(demo, 'main.ts'), ...args],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [stdout, stderr, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exit,
  ])
  return { stdout, stderr, exitCode }
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)
}
