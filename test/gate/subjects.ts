import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  personalDataScanner,
  type PersonalDataScanner,
  scanInjection,
  secretScanner,
  type SecretScanner,
} from '@holdfast/policies/security'
import {
  classifyTool,
  inspectPath,
  inspectShell,
  inspectSql,
  inspectUrl,
  resolveUrl,
  type ResolvedAddress,
} from '@holdfast/policies/tools'

/** Everything that is judged, ready to be asked. */
export interface Subjects {
  readonly shell: (input: string) => boolean
  readonly url: (input: string) => boolean
  readonly resolvedUrl: (input: string) => Promise<boolean>
  readonly path: (input: string) => boolean
  readonly sql: (input: string) => boolean
  readonly secret: (input: string) => boolean
  readonly personalData: (input: string) => boolean
  readonly injection: (input: string, fromUser: boolean) => boolean
  readonly toolClass: (input: string) => string
  readonly close: () => void
}

/** Each answers true where something is stopped, asked for or found. */
export async function subjects(): Promise<Subjects> {
  const secrets: SecretScanner = await secretScanner({ environment: {} })
  const personal: PersonalDataScanner = await personalDataScanner()
  const root = jail()
  return {
    shell: (input) => inspectShell(input).decision !== 'allow',
    url: (input) => inspectUrl(input).decision !== 'allow',
    resolvedUrl: async (input) =>
      (await resolveUrl(input, { resolve: publicNames })).decision !== 'allow',
    path: (input) =>
      inspectPath(input.replace(/^\/workspace/, root), { root }).decision !== 'allow',
    sql: (input) => inspectSql(input).decision !== 'allow',
    secret: (input) => secrets.scan(input).length > 0,
    personalData: (input) => personal.scan(input).length > 0,
    injection: (input, fromUser) =>
      scanInjection(input, { source: fromUser ? 'user' : 'tool-result' }).action !== 'pass',
    toolClass: (input) => {
      const tool = JSON.parse(input) as { name: string; description: string; parameters: unknown }
      return classifyTool(tool).toolClass
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** A real folder with a link that leads out of it. */
function jail(): string {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-gate-root-'))
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'src/index.ts'), '')
  symlinkSync('/', join(root, 'link-to-root'))
  return root
}

/**
 * What the name servers of the internet would answer, for a machine without one: names that carry an address lead to
 * it, well-known traps to this machine, everything else to a public address.
 */
export async function publicNames(host: string): Promise<readonly ResolvedAddress[]> {
  const carried = /(?:^|[.-])((?:\d{1,3}[.-]){3}\d{1,3})(?=[.-])/.exec(host)?.[1]
  const hex = /(?:^|\.)([\da-f]{8})\./.exec(host)?.[1]
  if (carried !== undefined) return [{ address: carried.replaceAll('-', '.'), family: 4 }]
  if (hex !== undefined) {
    const bytes = (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))
    return [{ address: bytes.join('.'), family: 4 }]
  }
  const trap = /(?:^|\.)(?:localtest\.me|lvh\.me|localh\.st|localhost)$/.test(host)
  return [{ address: trap ? '127.0.0.1' : '93.184.215.14', family: 4 }]
}
