import { HoldfastError } from '@holdfast/core'
import type { Identity } from '@holdfast/core'
import { identityMissing } from '@holdfast/core/memory'
import type { MemoryPlace, MemoryVersion } from '@holdfast/core/memory'

/** Who asks or writes: what is not named is that of the current run. */
export interface MemoryCaller extends Identity {
  readonly session?: string
  readonly runId?: string
  readonly callId?: string
}

/** Which agents may do what in a namespace; `*` for all. Nobody else may. */
export interface NamespaceGrants {
  readonly read?: readonly string[]
  readonly write?: readonly string[]
}

export type Namespaces = Readonly<Record<string, NamespaceGrants>>

/** Whose memory is meant. */
export interface Whose {
  readonly tenant?: string | undefined
  readonly user?: string | undefined
  readonly namespaces?: readonly string[] | undefined
}

/** The places of long-term memory that somebody means, those that the caller may use. */
export class Places {
  readonly #namespaces: Namespaces

  constructor(namespaces: Namespaces = {}) {
    this.#namespaces = namespaces
  }

  /**
   * @throws HoldfastError IDENTITY_MISSING where nobody is named, PERMISSION_DENIED for a namespace that the agent has no
   * grant for
   */
  readable(whose: Whose, caller: MemoryCaller): readonly [MemoryPlace, ...MemoryPlace[]] {
    const { namespaces = [] } = whose
    const user = whose.user ?? caller.user
    const tenant = whose.tenant ?? caller.tenant
    const places: MemoryPlace[] = namespaces.map((name) =>
      this.#granted(name, 'read', tenant, caller),
    )
    if (user !== undefined) places.unshift(ofUser(user, tenant))
    const [first, ...more] = places
    if (first === undefined) throw identityMissing()
    return [first, ...more]
  }

  /** @throws the same */
  writable(
    whose: {
      readonly tenant?: string | undefined
      readonly user?: string | undefined
      readonly namespace?: string | undefined
    },
    caller: MemoryCaller,
  ): MemoryPlace {
    const tenant = whose.tenant ?? caller.tenant
    if (whose.namespace !== undefined)
      return this.#granted(whose.namespace, 'write', tenant, caller)
    const user = whose.user ?? caller.user
    if (user === undefined) throw identityMissing()
    return ofUser(user, tenant)
  }

  /** Whether a memory stands in a place that the caller may use in that way. */
  reaches(
    version: MemoryVersion,
    whose: Whose,
    caller: MemoryCaller,
    right: 'read' | 'write',
  ): boolean {
    const { tier, tenant, user, namespace } = version.place
    if (tenant !== (whose.tenant ?? caller.tenant)) return false
    if (namespace !== undefined && tier === 'long-term' && user === undefined) {
      return whose.namespaces?.includes(namespace) === true && this.#may(namespace, right, caller)
    }
    return user !== undefined && user === (whose.user ?? caller.user)
  }

  #granted(
    namespace: string,
    right: 'read' | 'write',
    tenant: string | undefined,
    caller: MemoryCaller,
  ): MemoryPlace {
    if (!this.#may(namespace, right, caller)) {
      const who = caller.agent === undefined ? 'code outside of an agent' : `agent ${caller.agent}`
      throw new HoldfastError(
        'PERMISSION_DENIED',
        `${who} may not ${right} the memory namespace ${JSON.stringify(namespace)}; grant it in memory.namespaces`,
      )
    }
    return { tier: 'long-term', ...(tenant === undefined ? {} : { tenant }), namespace }
  }

  #may(namespace: string, right: 'read' | 'write', { agent }: MemoryCaller): boolean {
    const grants = Object.hasOwn(this.#namespaces, namespace)
      ? (this.#namespaces[namespace]?.[right] ?? [])
      : []
    return grants.includes('*') || (agent !== undefined && grants.includes(agent))
  }
}

function ofUser(user: string, tenant: string | undefined): MemoryPlace {
  return { tier: 'long-term', ...(tenant === undefined ? {} : { tenant }), user }
}
