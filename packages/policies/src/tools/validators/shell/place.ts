import { credentialPaths, settingPaths } from '../path/protected-names.ts'

/** What a path in a command points at. */
export type Place =
  | 'credential'
  | 'device'
  | 'home'
  | 'root'
  | 'settings'
  | 'system'
  | 'temporary'
  | 'network'
  | 'outside'
  | 'project'

const temporaryRoots = ['/tmp', '/var/tmp', '/private/tmp', '/private/var/tmp']
const harmlessDevices = /^\/dev\/(?:null|zero|u?random|std(?:in|out|err)|fd\/\d+|tty|full)$/
const systemRoots =
  /^\/(?:bin|boot|dev|etc|lib|lib32|lib64|libx32|opt|proc|root|sbin|srv|sys|usr|var|run|home|Users|System|Library|Applications|Volumes|data|mnt|media)(?:\/|$)/

/** Names that a pattern may be after; a glob is tried against each. */
const credentialSamples: readonly string[] = [
  '.ssh/id_rsa',
  '.ssh/id_ed25519',
  '.ssh/authorized_keys',
  '.ssh',
  '.aws/credentials',
  '.aws',
  '.netrc',
  '.npmrc',
  '.env',
  '.env.production',
  '.git-credentials',
  '.kube/config',
  '.gnupg/secring.gpg',
  '.docker/config.json',
  '.pgpass',
  '.bash_history',
  'id_rsa',
  'id_ed25519',
  '/etc/shadow',
  '/etc/passwd',
  '/etc/sudoers',
  '/proc/self/environ',
  '/proc/1/environ',
]

/** Where a path of a command leads, without looking at the disk. */
export function placeOf(path: string): Place {
  const clean = normalize(path)
  if (/^\/dev\/(?:tcp|udp)\//.test(clean)) return 'network'
  if (isCredentialPath(clean)) return 'credential'
  if (settingPaths.some((pattern) => pattern.test(clean.toLowerCase()))) return 'settings'
  if (harmlessDevices.test(clean)) return 'temporary'
  if (clean.startsWith('/dev/')) return 'device'
  if (/^\/+(?:\*|\.\*)?$/.test(clean) || /^[A-Za-z]:[\\/]?\*?$/.test(clean)) return 'root'
  if (/^~[\w.-]*(?:\/(?:\*|\.\*)?)?$/.test(clean)) return 'home'
  if (temporaryRoots.some((root) => clean === root || clean.startsWith(`${root}/`)))
    return 'temporary'
  if (/^\/(?:home|Users)\/?[^/]*\/?\*?$/.test(clean) || clean === '/root') return 'home'
  if (systemRoots.test(clean)) return 'system'
  if (/^\/[^/]*[*?[]/.test(clean)) return 'system'
  if (clean.startsWith('/') || clean.startsWith('~') || /^[A-Za-z]:/.test(clean)) return 'outside'
  if (clean === '..' || clean.startsWith('../')) return 'outside'
  return 'project'
}

/** True for a file that holds keys, also where a pattern could mean one. */
export function isCredentialPath(path: string): boolean {
  const lower = path.toLowerCase()
  if (credentialPaths.some((pattern) => pattern.test(lower))) return true
  if (!/[*?[{]/.test(path)) return false
  const pattern = globPattern(path.replace(/^(?:~|\$HOME|\.)\//, ''))
  return pattern !== undefined && credentialSamples.some((sample) => pattern.test(sample))
}

/** Takes `.`, `..` and doubled slashes out of a path. */
export function normalize(path: string): string {
  const absolute = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (kept.length > 0 && kept.at(-1) !== '..' && kept.at(-1) !== '~') kept.pop()
      else if (!absolute) kept.push('..')
    } else kept.push(part)
  }
  return (absolute ? '/' : '') + kept.join('/') || (absolute ? '/' : '.')
}

/** The regular expression of a glob that names something; a pattern of wildcards alone names nothing. */
function globPattern(glob: string): RegExp | undefined {
  if (glob.length > 256 || !/[\w.]/.test(glob)) return undefined
  // Stars next to each other mean one star, and no more than a few are tried: the match must stay cheap.
  const stars = glob.replace(/\*+/g, '*')
  if ((stars.match(/\*/g)?.length ?? 0) > 6) return undefined
  const source = stars.replace(/\*|\?|\[[^\]/]*\]|[^*?[]|\[/g, (piece, index: number) => {
    const first = index === 0 || stars[index - 1] === '/'
    if (piece === '*') return first ? '(?!\\.)[^/]*' : '[^/]*'
    if (piece === '?') return first ? '(?!\\.)[^/]' : '[^/]'
    if (piece.length > 1) return '[^/]'
    return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${source}$`)
}
