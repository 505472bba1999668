import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A labelled input of the attack cases. */
export interface AttackCase {
  readonly id: string
  readonly input: string
  readonly label: string
  readonly category: string
}

const sets = ['shell', 'ssrf', 'path', 'sql', 'secrets', 'pii', 'injection', 'toolclass'] as const

/** The name of a file of cases. */
export type SetName = (typeof sets)[number]

/** The folder of the attack cases; undefined where there is none. */
export function attacksFolder(): string | undefined {
  const folder = resolve(
    process.env['HOLDFAST_ATTACKS'] ?? join(import.meta.dirname, '../../../shared/attacks'),
  )
  return existsSync(join(folder, 'shell.jsonl')) ? folder : undefined
}

/** The cases of a set. */
export function loadCases(folder: string, name: SetName): readonly AttackCase[] {
  return readFileSync(join(folder, `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const row = JSON.parse(line) as AttackCase & { input_base64?: string }
      const input = row.input_base64
      return input === undefined
        ? row
        : { ...row, input: Buffer.from(input, 'base64').toString('utf8') }
    })
}
