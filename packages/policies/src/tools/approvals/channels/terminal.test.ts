import { PassThrough } from 'node:stream'
import { canonicalArguments } from '@holdfast/core'
import type { ApprovalQuestion } from '@holdfast/core'
import { afterEach, expect, test } from 'vitest'
import { approver } from '../approver.ts'
import type { RunningApprover } from '../approver.ts'
import { terminal } from './terminal.ts'

const running: RunningApprover[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
})

/** A terminal, what stands on it, and who types. */
function start() {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let screen = ''
  output.setEncoding('utf8').on('data', (piece: string) => (screen += piece))
  const one = approver({ channels: [terminal({ input, output, by: 'terminal:ada' })] })
  running.push(one)
  const ask = (given: unknown, more: Partial<ApprovalQuestion> = {}) => {
    const { text: argumentsText, hash: argumentsHash } = canonicalArguments(given)
    const checkEdited = (text: string) => (text.includes('rm') ? 'It still deletes.' : undefined)
    const question = {
      runId: 'run',
      tool: 'shell',
      toolClass: 'exec',
      rule: 'shell.unknown',
      reason: 'It runs something.',
      argumentsText,
      argumentsHash,
      ...more,
    }
    return one.ask(question, undefined, { checkEdited })
  }
  const until = async (shown: string, times = 1): Promise<void> => {
    while (screen.split(shown).length <= times) {
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  const type = (line: string) => input.write(`${line}\n`)
  return { approver: one, ask, until, type, screen: () => screen }
}

test('what would be executed is shown, with nothing hidden in it, and y allows it', async () => {
  const { ask, until, type, screen } = start()
  const asking = ask({ command: 'ls \u202egpj.exe \u001b[2J' }, { reason: 'It\u200b runs.' })
  await until('[a]lways: ')
  expect(screen()).toContain('"command": "ls \\u202egpj.exe \\u001b[2J"')
  expect(screen()).toContain('It\\u200b runs. [shell.unknown]')
  for (const hidden of ['\u202e', '\u200b', '\u001b']) expect(screen()).not.toContain(hidden)
  type('what?')
  await until('[a]lways: ', 2)
  type('y')
  await expect(asking).resolves.toMatchObject({ verdict: 'approved', by: 'terminal:ada' })
})

test('n denies, with a reason for the model', async () => {
  const { ask, until, type } = start()
  const asking = ask({ command: 'ls' })
  await until('[a]lways: ')
  type('n')
  await until('Why not?')
  type('Use the list tool.')
  await expect(asking).resolves.toMatchObject({ verdict: 'denied', reason: 'Use the list tool.' })
})

test('e takes other arguments, where they pass', async () => {
  const { ask, until, type, screen } = start()
  const asking = ask({ command: 'rm -rf /' })
  await until('[a]lways: ')
  for (const [count, line] of ['{"command":', '{"command":"rm a"}', '{"command":"ls"}'].entries()) {
    type('e')
    await until('Arguments: ', count + 1)
    type(line)
    if (count < 2) await until('[a]lways: ', count + 2)
  }
  await expect(asking).resolves.toMatchObject({ editedText: '{"command":"ls"}' })
  expect(screen()).toContain('That is no JSON.')
  expect(screen()).toContain('It still deletes.')
})

test('a is remembered for as long as it is said', async () => {
  const { approver, ask, until, type, screen } = start()
  const asking = ask({ command: 'ls' }, { agent: 'clerk' })
  await until('[a]lways: ')
  type('a')
  await until('[a] always: ')
  expect(screen()).toContain('[r] run, [g] agent, [a] always')
  type('g')
  await asking
  await expect(ask({ command: 'pwd' }, { agent: 'clerk', runId: 'r2' })).resolves.toMatchObject({
    by: 'rule',
  })
  expect(await approver.desk.sticky()).toMatchObject([{ scope: 'agent', agent: 'clerk' }])
})

test('several questions stand in line, and one that is answered elsewhere goes', async () => {
  const { approver, ask, until, type, screen } = start()
  const all = ['a', 'b', 'c'].map((command) => ask({ command }))
  await until('"command": "a"')
  const waiting = await approver.desk.list()
  const ofB = waiting.find(({ argumentsText }) => argumentsText.includes('"b"'))
  await approver.desk.deny(ofB?.id ?? '', 'Not b.')
  expect(screen()).not.toContain('"command": "b"')
  const ofA = waiting.find(({ argumentsText }) => argumentsText.includes('"a"'))
  await approver.desk.approve(ofA?.id ?? '', { by: 'cli' })
  await until('answered elsewhere')
  await until('"command": "c"')
  type('y')
  const answers = await Promise.all(all)
  expect(answers.map(({ verdict }) => verdict)).toEqual(['approved', 'denied', 'approved'])
  expect(screen()).not.toContain('"command": "b"')
})
