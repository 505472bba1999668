import { firstText, type Inspection, readOptions, type Rule } from './command.ts'
import { checkWritten } from './files.ts'
import { destructiveWord } from './verbs.ts'
import type { Argument } from './word.ts'

const curlValues = [
  ...'XdFHoUuAbcDeEKmPQrtTwxyYzCh'.split(''),
  'request data data-raw data-binary data-urlencode data-ascii json form form-string header output user user-agent cookie cookie-jar config max-time connect-timeout retry retry-delay retry-max-time upload-file write-out proxy proxy-user proxy-header preproxy range referer cacert cert key key-type capath ciphers url resolve connect-to interface limit-rate max-filesize dump-header trace trace-ascii stderr unix-socket abstract-unix-socket netrc-file local-port oauth2-bearer aws-sigv4 mail-from mail-rcpt quote socks4 socks4a socks5 socks5-hostname time-cond url-query variable output-dir max-redirs rate parallel-max pass engine dns-servers doh-url hostpubmd5 ftp-port'.split(
    ' ',
  ),
].flat()

/** Reports a URL that must not be fetched, or of which a part is only known later. */
function checkUrl(url: Argument, inspection: Inspection): void {
  if (!url.known) {
    inspection.ask(
      'shell.unresolved',
      `Which address is called depends on ${url.text.replace(/^[^$`]*/, '')}.`,
    )
    return
  }
  const against = inspection.url(url.text)
  if (against !== undefined) inspection.deny('shell.url', against)
}

/** The name under which a download is kept. */
function fileOf(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^.*\//s, '')
}

const curl: Rule = ({ argv, stdin }, inspection) => {
  const options = readOptions(argv.slice(1), curlValues)
  const exact = new Set(options.names)
  const value = (...names: string[]) =>
    options.names.some((name) => names.includes(name)) ? options.values(...names) : []
  const urls = [...options.operands, ...value('url')]
  for (const url of urls) checkUrl(url, inspection)
  if (exact.has('O') || exact.has('remote-name')) {
    for (const { text } of urls) inspection.wrote(fileOf(text))
  }
  if (exact.has('K') || exact.has('config'))
    inspection.ask('shell.option-runs', 'curl --config takes its options from a file.')
  if (
    [
      'x',
      'proxy',
      'preproxy',
      'socks4',
      'socks4a',
      'socks5',
      'socks5-hostname',
      'unix-socket',
      'abstract-unix-socket',
      'connect-to',
      'resolve',
      'doh-url',
      'dns-servers',
      'interface',
    ].some((name) => exact.has(name))
  ) {
    inspection.ask('shell.network-route', 'curl goes another way than the address says.')
  }
  for (const file of [
    ...value('o', 'output'),
    ...value('c', 'cookie-jar'),
    ...value('D', 'dump-header'),
    ...value('trace', 'trace-ascii', 'stderr'),
    ...value('output-dir'),
  ]) {
    if (file.text !== '-') checkWritten(file, inspection)
  }
  const bodies = [
    ...value('d', 'data'),
    ...value('data-raw', 'data-binary', 'data-urlencode', 'data-ascii', 'json'),
    ...value('F', 'form', 'form-string'),
  ]
  for (const body of bodies) {
    const file = /^(?:[\w-]+)?=?[@<](.*)$/s.exec(body.text)
    if (!body.known)
      inspection.ask('shell.copy-out', 'curl sends something that is only known when it runs.')
    else if (file !== null && file[1] !== '-')
      inspection.ask('shell.copy-out', `curl sends the file ${file[1] ?? ''}.`)
    else if (file?.[1] === '-' && stdin.kind !== 'text')
      inspection.ask('shell.copy-out', 'curl sends what the command before it prints.')
  }
  if (exact.has('T') || exact.has('upload-file'))
    inspection.ask('shell.copy-out', 'curl uploads a file.')
  for (const header of value('H', 'header')) {
    if (!header.known)
      inspection.ask('shell.copy-out', 'curl sends a header that is only known when it runs.')
    if (/^x-http-method(?:-override)?:\s*(?:delete|put|patch)/i.test(header.text))
      inspection.ask('shell.http-write', 'The header turns the request into a change.')
  }
  if (exact.has('Q') || exact.has('quote'))
    inspection.ask('shell.http-write', 'curl --quote sends commands to a file server.')
  const given = value('X', 'request')
  const method = (
    given.at(-1)?.text ??
    (exact.has('I') || exact.has('head')
      ? 'HEAD'
      : bodies.length > 0 && !exact.has('G') && !exact.has('get')
        ? 'POST'
        : 'GET')
  ).toUpperCase()
  checkMethod(method, urls, bodies, inspection)
}

/** A request that changes something is asked for, unless it only posts a text that stands here. */
function checkMethod(
  method: string,
  urls: readonly Argument[],
  bodies: readonly Argument[],
  inspection: Inspection,
): void {
  if (/^(?:GET|HEAD|OPTIONS)$/.test(method)) return
  if (method === 'POST') {
    const words = [
      ...urls.map(({ text }) => text.replace(/^\w+:\/\/[^/]*/, '')),
      ...bodies.map(({ text }) => text),
    ].join(' ')
    if (
      destructiveWord(words) ||
      /\b(?:_close|_delete_by_query|_update_by_query|doDelete|deploy|restart|exec|rollback|settings|_reindex|_rollover|transfer|refund|credentials?)\b/i.test(
        words,
      )
    ) {
      inspection.ask('shell.http-write', 'The request deletes or changes something.')
    }
    return
  }
  inspection.ask('shell.http-write', `An HTTP ${method} deletes or changes something.`)
}

const wget: Rule = ({ argv }, inspection) => {
  const options = readOptions(argv.slice(1), [
    ...'OoaPUteTQABDIRXlwi'.split(''),
    'output-document',
    'directory-prefix',
    'output-file',
    'append-output',
    'input-file',
    'header',
    'user',
    'password',
    'post-data',
    'post-file',
    'body-data',
    'body-file',
    'method',
    'execute',
    'use-askpass',
    'user-agent',
    'referer',
    'tries',
    'timeout',
    'accept',
    'reject',
    'level',
    'domains',
  ])
  for (const url of options.operands) {
    checkUrl(url, inspection)
    inspection.wrote(fileOf(url.text))
  }
  if (
    options.names.some((name) =>
      /^(?:post-file|body-file|use-askpass|e|execute|input-file|i)$/.test(name),
    )
  )
    inspection.ask('shell.copy-out', 'wget sends a file, or takes its orders from one.')
  for (const body of options.values('post-data', 'body-data')) {
    if (!body.known)
      inspection.ask('shell.copy-out', 'wget sends something that is only known when it runs.')
  }
  for (const file of [
    ...options.values('O', 'output-document'),
    ...options.values('P', 'directory-prefix'),
    ...options.values('o', 'a'),
  ]) {
    if (file.text !== '-') checkWritten(file, inspection)
  }
  const method = options.names.includes('method')
    ? options.values('method')[0]?.text.toUpperCase()
    : undefined
  if (method !== undefined)
    checkMethod(method, options.operands, options.values('body-data'), inspection)
}

/** Other clients that fetch: `http DELETE https://…`, `xh`, `httpie`. */
const http: Rule = ({ argv }, inspection) => {
  const operands = argv.slice(1).filter(({ text }) => !text.startsWith('-'))
  const [first, ...rest] = operands
  const method =
    /^[A-Za-z]+$/.test(first?.text ?? '') && rest.length > 0
      ? (first?.text ?? 'GET').toUpperCase()
      : rest.length > 0
        ? 'POST'
        : 'GET'
  const url = /^[A-Za-z]+$/.test(first?.text ?? '') && rest.length > 0 ? rest[0] : first
  if (url !== undefined) checkUrl(url, inspection)
  if (operands.some(({ text }) => /@|<$/.test(text.replace(/^\w+:\/\/\S*/, ''))))
    inspection.ask('shell.copy-out', 'The request sends a file.')
  checkMethod(method, url === undefined ? [] : [url], rest, inspection)
}

function asks(rule: string, reason: string): Rule {
  return ({ argv }, inspection) => {
    if (argv.length === 2 && /^--?(?:v|V|version|h|help)$|^version$/.test(firstText(argv.slice(1))))
      return
    inspection.ask(rule, `${firstText(argv)} ${reason}`)
  }
}

const rawSocket: Rule = ({ argv }, inspection) => {
  const runs = argv.some(({ text }) =>
    /^-[a-z]*[ec]$|^--(?:exec|sh-exec)|EXEC:|SYSTEM:|^SHELL/i.test(text),
  )
  const scan = argv.some(({ text }) => /^-[a-z]*z[a-z]*$/.test(text))
  if (runs) inspection.deny('shell.reverse-shell', 'This hands a shell to the network.')
  else if (!scan) inspection.ask('shell.raw-socket', `${firstText(argv)} opens a raw connection.`)
}

const openssl: Rule = ({ argv, stdin }, inspection) => {
  const verb = argv[1]?.text ?? ''
  if (/^s_(?:client|server|time)$/.test(verb))
    inspection.ask('shell.raw-socket', `openssl ${verb} opens a raw connection.`)
  for (const [index, { text }] of argv.entries()) {
    const next = argv[index + 1]
    if (text === '-out' && next !== undefined) checkWritten(next, inspection)
    if (/^-(?:engine|provider|provider-path)$/.test(text))
      inspection.ask('shell.option-runs', 'openssl loads code.')
  }
  void stdin
}

const lookup: Rule = ({ argv }, inspection) => {
  for (const { text, known } of argv.slice(1)) {
    if (!known)
      inspection.ask('shell.copy-out', `A name that depends on ${text} can carry data out.`)
  }
}

const copyOut = asks('shell.copy-out', 'copies files to or from another machine.')
const listens = asks('shell.listen', 'opens something to the network.')

/** The rules of programs that talk to the network. */
export const networkRules: Readonly<Record<string, Rule>> = {
  curl,
  curlie: curl,
  wget,
  wget2: wget,
  http,
  https: http,
  xh: http,
  aria2c: asks('shell.network', 'downloads in ways that are not looked into.'),
  axel: asks('shell.network', 'downloads in ways that are not looked into.'),
  lynx: asks('shell.network', 'can run commands of a page.'),
  w3m: asks('shell.network', 'can run commands of a page.'),
  links: asks('shell.network', 'can run commands of a page.'),
  nc: rawSocket,
  ncat: rawSocket,
  netcat: rawSocket,
  socat: rawSocket,
  telnet: rawSocket,
  openssl,
  scp: copyOut,
  sftp: copyOut,
  ftp: copyOut,
  lftp: copyOut,
  tftp: copyOut,
  ncftp: copyOut,
  croc: copyOut,
  'magic-wormhole': copyOut,
  wormhole: copyOut,
  transfer: copyOut,
  mail: asks('shell.message', 'sends mail.'),
  mailx: asks('shell.message', 'sends mail.'),
  sendmail: asks('shell.message', 'sends mail.'),
  mutt: asks('shell.message', 'sends mail.'),
  msmtp: asks('shell.message', 'sends mail.'),
  swaks: asks('shell.message', 'sends mail.'),
  wall: asks('shell.message', 'sends a message to everybody on this machine.'),
  ngrok: listens,
  cloudflared: listens,
  localtunnel: listens,
  lt: listens,
  chisel: listens,
  frpc: listens,
  bore: listens,
  nmap: asks('shell.scan', 'scans other machines.'),
  masscan: asks('shell.scan', 'scans other machines.'),
  hping3: asks('shell.scan', 'sends forged packets.'),
  tcpdump: asks('shell.scan', 'reads what others send.'),
  tshark: asks('shell.scan', 'reads what others send.'),
  msfconsole: asks('shell.scan', 'attacks other machines.'),
  msfvenom: asks('shell.scan', 'builds attacks.'),
  hydra: asks('shell.scan', 'guesses passwords.'),
  dig: lookup,
  host: lookup,
  nslookup: lookup,
  drill: lookup,
  ping: lookup,
  ping6: lookup,
  traceroute: lookup,
  whois: lookup,
}
