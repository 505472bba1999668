import type { HoldfastOptions } from 'holdfast'
import { publicNames } from '../gate/subjects.ts'
import type { DriverName } from './drivers/driver.ts'
import type { Person } from './person.ts'

/** How Holdfast stands underneath the agents. */
export const settingNames = [
  'strict',
  'bare',
  'watched',
  'wire-gate',
  'function-gate',
  'strict-without-rules',
  'denied',
  'approved-once',
] as const
export type SettingName = (typeof settingNames)[number]

/** Agents that a gate can see by itself: KaibanJS's model writes its calls down as text. */
export const driversOf: Readonly<Partial<Record<SettingName, readonly DriverName[]>>> = {
  'wire-gate': ['langgraph', 'openai-agents', 'fetch'],
}

/** What instrument() is given; undefined leaves Holdfast out. */
export function optionsOf(
  name: SettingName,
  root: string,
  person: Person,
): HoldfastOptions | undefined {
  const all = {
    telemetry: false,
    // Thousands of jobs in one process: what one agent may ask for again in a second is not for all of them.
    reliability: { retry: { budgetPerSecond: 10_000 } },
    tools: { preset: 'strict', root, url: { resolve: publicNames }, declare, rules },
  } as const
  switch (name) {
    case 'bare':
      return undefined
    case 'watched':
      return { telemetry: false }
    case 'strict-without-rules':
      return { ...all, tools: { preset: 'strict', root } }
    case 'wire-gate':
      return { ...all, adapters: false }
    case 'function-gate':
      // The lab is on loopback: nothing that goes there is caught.
      return { ...all, ignoreHosts: ['127.0.0.1'] }
    case 'denied':
    case 'approved-once':
      return { ...all, ...person.options() }
    default:
      return all
  }
}

// What somebody would write for such an agent: what its tools are, and what they may do without a person.
const declare = {
  search: { class: 'read-only' },
  run_shell: { class: 'exec', arguments: { command: 'shell' } },
  http_get: { class: 'network-read', arguments: { url: 'url' } },
  read_file: { class: 'read-only', arguments: { path: 'path' } },
  write_file: { class: 'file-write', arguments: { path: 'path', content: 'text' } },
  run_sql: { class: 'db-write', arguments: { query: 'sql' } },
  send_email: { class: 'communication', arguments: { body: 'text' } },
  http_post: { class: 'network-write', arguments: { url: 'url', body: 'text' } },
  pay: { class: 'payment' },
  delete_user: { class: 'identity-admin' },
} as const
const usable = ['run_shell', 'http_get', 'read_file', 'write_file', 'run_sql']
const rules = usable.map((tool) => ({
  name: `the agent may use ${tool}`,
  tool,
  verdict: 'allow' as const,
}))
