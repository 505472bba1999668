import { createHash } from 'node:crypto'
import { HoldfastError } from '@holdfast/core'
import type { LlmCall, Run, ToolCall } from '@holdfast/core'
import { tellDecision } from '../decide.ts'
import { keyOf, keyHeaders } from '../keys/key-headers.ts'
import type { Environment } from '../secrets/known-keys.ts'
import { globsFit } from './globs.ts'
import type { AccessList, PermissionOptions, PermissionRule } from './options.ts'

/** What stands against the use of something. */
export interface PermissionFinding {
  readonly rule: string
  readonly verdict: 'deny'
  readonly reason: string
}

/** A tool that somebody wants to use. */
export interface ToolUse {
  readonly run: Run | undefined
  readonly tool: string
  readonly toolClass?: string | undefined
}

interface CompiledRule {
  readonly name: string
  readonly fits: (run: Run | undefined) => boolean
  readonly tools: Access | undefined
  readonly models: Access | undefined
  readonly hosts: Access | undefined
}

/** True where one of the names is let through. */
type Access = (names: readonly string[]) => boolean

/** Who may use which tools, models, hosts and keys. */
export class Permissions {
  readonly environment: string
  readonly #rules: readonly CompiledRule[]
  readonly #keys: readonly (readonly [environment: string, keys: readonly string[]])[]
  readonly #environmentsOfKeys = new Map<string, readonly string[]>()

  constructor(
    { environment, keys = {}, rules = [] }: PermissionOptions,
    from: Environment = process.env,
  ) {
    this.environment = environmentName(
      environment ?? (from['HOLDFAST_ENV'] || from['NODE_ENV'] || 'development'),
    )
    this.#keys = Object.entries(keys).map(([name, list]) => [environmentName(name), list])
    this.#rules = rules
      .filter((rule) => globsFit(withAliases(rule.environment))(this.environment))
      .map(compiled)
  }

  /** What stands against the use of a tool; undefined where nothing does. */
  permit({ run, tool, toolClass }: ToolUse): PermissionFinding | undefined {
    const names = toolClass === undefined ? [tool] : [tool, `class:${toolClass}`]
    return this.#against(run, 'tools', names, `the tool ${tool}`)
  }

  /** @throws HoldfastError PERMISSION_DENIED */
  checkModel(call: LlmCall): void {
    const { run, model, host } = call
    this.#refuse(call, 'model', model, this.#against(run, 'models', [model], `the model ${model}`))
    const hosts = [host, host.replace(/:\d+$/, '')]
    this.#refuse(call, 'host', host, this.#against(run, 'hosts', hosts, `the host ${host}`))
    this.#refuse(call, 'host', host, this.#foreignKey(call))
  }

  /** True where the call may be made; where it may not, everybody is told. */
  lets(call: LlmCall): boolean {
    try {
      this.checkModel(call)
      return true
    } catch (error) {
      if (HoldfastError.is(error)) return false
      throw error
    }
  }

  /** @throws HoldfastError PERMISSION_DENIED */
  checkTool(call: ToolCall, toolClass: string | undefined): void {
    const { run, name } = call
    this.#refuse(call, 'tool', name, this.permit({ run, tool: name, toolClass }), toolClass)
  }

  #against(
    run: Run | undefined,
    kind: 'tools' | 'models' | 'hosts',
    names: readonly string[],
    what: string,
  ): PermissionFinding | undefined {
    for (const rule of this.#rules) {
      const access = rule[kind]
      if (access === undefined || access(names) || !rule.fits(run)) continue
      const who = run?.agent === undefined ? 'This agent' : `The agent ${run.agent}`
      return {
        rule: `permissions.${rule.name}`,
        verdict: 'deny',
        reason: `${who} may not use ${what} in ${this.environment}.`,
      }
    }
    return undefined
  }

  /** A key of another environment. */
  #foreignKey(call: LlmCall): PermissionFinding | undefined {
    if (this.#keys.length === 0) return undefined
    for (const name of keyHeaders) {
      const value = call.http.headers.get(name)
      if (value === null) continue
      const environments = this.#environmentsOf(keyOf(value))
      if (environments.length === 0 || environments.includes(this.environment)) continue
      return {
        rule: 'permissions.key-environment',
        verdict: 'deny',
        reason: `A key of ${environments.join(' and ')} is used in ${this.environment}.`,
      }
    }
    return undefined
  }

  #environmentsOf(key: string): readonly string[] {
    const fingerprint = `sha256:${createHash('sha256').update(key).digest('hex')}`
    const known = this.#environmentsOfKeys.get(fingerprint)
    if (known !== undefined) return known
    const environments = this.#keys
      .filter(([, keys]) =>
        keys.some((one) =>
          one.startsWith('sha256:')
            ? fingerprint.startsWith(one.toLowerCase())
            : key.startsWith(one),
        ),
      )
      .map(([environment]) => environment)
    if (this.#environmentsOfKeys.size >= mostKeys) this.#environmentsOfKeys.clear()
    this.#environmentsOfKeys.set(fingerprint, environments)
    return environments
  }

  #refuse(
    call: LlmCall | ToolCall,
    kind: 'model' | 'host' | 'tool',
    name: string,
    finding: PermissionFinding | undefined,
    toolClass?: string,
  ): void {
    if (finding === undefined) return
    const { rule, verdict, reason } = finding
    tellDecision(call, {
      policy: 'security.permissions',
      verdict,
      rule,
      reason,
      subject: { kind, name, ...(toolClass === undefined ? {} : { toolClass }) },
    })
    throw new HoldfastError('PERMISSION_DENIED', `${reason} The rule is ${rule}.`)
  }
}

const mostKeys = 1_000

function compiled(rule: PermissionRule): CompiledRule {
  const { name, agent, user, tenant, tools, models, hosts } = rule
  const whom = [
    [agent, globsFit(agent), (run: Run | undefined) => run?.agent],
    [user, globsFit(user), (run: Run | undefined) => run?.user],
    [tenant, globsFit(tenant), (run: Run | undefined) => run?.tenant],
  ] as const
  const asked = whom.filter(([globs]) => globs !== undefined)
  return {
    name,
    // Who does not say who it is gets what the rule gives to nobody in particular: only `*` fits.
    fits: (run) => asked.every(([, fit, of]) => fit(of(run) ?? '')),
    tools: accessOf(tools),
    models: accessOf(models),
    hosts: accessOf(hosts),
  }
}

function accessOf(list: AccessList | undefined): Access | undefined {
  if (list === undefined) return undefined
  const { allow, deny = [] } = list
  const [allowed, denied] = [globsFit(allow), globsFit(deny)]
  return (names) => !names.some(denied) && names.some(allowed)
}

function environmentName(name: string): string {
  const plain = name.trim().toLowerCase()
  return aliases[plain] ?? plain
}

const aliases: Readonly<Record<string, string>> = {
  dev: 'development',
  local: 'development',
  stage: 'staging',
  prod: 'production',
}

function withAliases(globs: PermissionRule['environment']): PermissionRule['environment'] {
  if (globs === undefined) return undefined
  return (typeof globs === 'string' ? [globs] : globs).map(environmentName)
}
