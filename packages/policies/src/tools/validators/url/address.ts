import ipaddr from 'ipaddr.js'

// What answers on these networks is this machine, its neighbours, or nobody: never a public service.
const blockedV6 = [
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '3fff::/20',
  '5f00::/16',
  'fec0::/10',
].map((range) => ipaddr.IPv6.parseCIDR(range))
const blockedV4 = [
  '0.0.0.0/8',
  '192.0.0.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.175.48.0/24',
].map((range) => ipaddr.IPv4.parseCIDR(range))
// Platform addresses inside public ranges: Azure's wire server, Oracle's and Alibaba's metadata.
const platformAddresses = new Set([
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  '169.254.169.254',
  '169.254.170.2',
])

/** Why an IP address is not a public one; undefined where it is. Addresses in IPv6 that carry one in IPv4 are opened. */
export function privateAddress(text: string): string | undefined {
  const plain = text.replace(/^\[|\]$/g, '')
  if (plain.includes('%')) return `${plain} is bound to an interface of this machine`
  if (!ipaddr.isValid(plain)) return `${plain} is no IP address`
  const address = ipaddr.parse(plain)
  if (address.kind() === 'ipv4') return privateV4(address as ipaddr.IPv4)
  const v6 = address as ipaddr.IPv6
  const carried = carriedV4(v6)
  if (carried !== undefined) return privateV4(carried) ?? `${plain} hides an IPv4 address`
  const range = v6.range()
  if (range !== 'unicast') return `${plain} is ${range}, not public`
  if (blockedV6.some((network) => v6.match(network))) return `${plain} is reserved, not public`
  // Everything that is given out today lies in 2000::/3.
  return ((v6.parts[0] ?? 0) & 0xe000) === 0x2000 ? undefined : `${plain} is not public`
}

function privateV4(address: ipaddr.IPv4): string | undefined {
  const range = address.range()
  if (range !== 'unicast') return `${address.toString()} is ${range}, not public`
  if (platformAddresses.has(address.toString()))
    return `${address.toString()} belongs to the platform`
  return blockedV4.some((network) => address.match(network))
    ? `${address.toString()} is reserved, not public`
    : undefined
}

/** The IPv4 address inside of a mapped, compatible, translated, 6to4, Teredo or ISATAP address. */
function carriedV4(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const parts = address.parts
  const last = () => v4Of(parts[6] ?? 0, parts[7] ?? 0)
  if (parts.slice(0, 5).every((part) => part === 0) && (parts[5] === 0 || parts[5] === 0xffff))
    return last()
  if (parts.slice(0, 4).every((part) => part === 0) && parts[4] === 0xffff && parts[5] === 0)
    return last()
  if (parts[0] === 0x64 && parts[1] === 0xff9b) return last()
  if (parts[0] === 0x2002) return v4Of(parts[1] ?? 0, parts[2] ?? 0)
  if (parts[0] === 0x2001 && parts[1] === 0)
    return v4Of((parts[6] ?? 0) ^ 0xffff, (parts[7] ?? 0) ^ 0xffff)
  return parts[5] === 0x5efe && (parts[4] === 0 || parts[4] === 0x200) ? last() : undefined
}

function v4Of(high: number, low: number): ipaddr.IPv4 {
  return new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255])
}
