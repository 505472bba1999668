import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('all is done at the end of a process, in order, by one listener', () => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', application], {
    encoding: 'utf8',
  })
  expect(stdout).toBe('1 listener; first 3; third 3; 0 listeners')
})

const application = `
  import { atExit } from ${JSON.stringify(new URL('at-exit.ts', import.meta.url).href)}
  const before = process.listenerCount('exit')
  const say = (text) => process.stdout.write(text)
  const first = atExit((code) => say('first ' + code + '; '))
  const second = atExit((code) => say('second ' + code + '; '))
  const third = atExit((code) => {
    say('third ' + code + '; ')
    first()
    third()
    say(process.listenerCount('exit') - before + ' listeners')
  })
  second()
  say(process.listenerCount('exit') - before + ' listener; ')
  process.exit(3)
`
