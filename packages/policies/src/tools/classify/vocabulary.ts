const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** What a verb does to its object. */
export type Action = 'read' | 'write' | 'destroy' | 'send' | 'run' | 'pay' | 'manage'

const verbs: Readonly<Record<Action, ReadonlySet<string>>> = {
  read: words(`get list read search find query fetch lookup look show describe view count check inspect
      stat stats status diff log history browse explain summarize summarise translate calculate
      calculator compute convert parse validate verify analyze analyse compare extract preview
      plan estimate classify detect rank suggest similarity screenshot snapshot retrieve load
      download scan monitor watch tail head cat grep glob ls tree info details peek poll recall
      recommend score measure forecast predict geocode resolve ping trace navigate visit crawl
      scrape observe examine review report export dump print render format transcribe ocr
      recognize answer ask think reason plan reflect lint tokenize hash encode decode sort
      filter sum aggregate math wait sleep select match autocomplete suggest identify locate
      track discover enumerate profile audit exists is has whoami health metrics open hover
      scroll capture evaluate generate embed embeddings similar nearest weather time clock date
      timezone now wikipedia arxiv news forecast quote price prices rate rates dictionary
      definition thesaurus spellcheck sentiment random uuid summary keywords keyword translation
      spelling grammar classification prediction distance statistics analysis analytics usage
      version blame research diagnose simulate`),
  write: words(`unlock lock arm disarm turn switch dim heat cool play pause mute park drive fly land
      dispense water feed adjust backup create add insert update set write save store put upsert
      append edit modify patch change rename move copy mark tag assign touch mkdir make new
      register record annotate label attach link map merge replace substitute apply commit stage
      checkout branch stash rebase cherry import sync replicate upload push fork clone star like
      unlike follow vote bookmark pin draft compose close reopen enable configure init
      initialize scaffold duplicate restore undo redo increment decrement enqueue submit fill
      type click press drag tap toggle schedule reserve index ingest learn memorize note bump
      compress resize crop zip unzip untar fix refactor approve reject accept decline confirm
      sign release publish complete remember disable suspend ban block unblock chmod chown
      provision`),
  destroy:
    words(`delete remove drop truncate purge erase wipe clear destroy reset empty unlink trash prune
      flush discard overwrite rm rmdir del shred cancel revert rollback unpublish forget expire
      archive deactivate uninstall detach evict terminate clean cleanup nuke obliterate
      eliminate vacuum alter drain cordon decommission`),
  send: words(
    `send email mail message reply notify tweet retweet post comment announce broadcast invite dm sms text call dial phone forward share chat page alert respond whatsapp slack telegram fax remind `,
  ),
  run: words(`run execute exec eval shell bash zsh sh powershell cmd terminal console command script
      python javascript ruby perl php code repl notebook interpreter subprocess spawn launch
      kill invoke install npm pip compile build test start trigger cron sandbox jupyter pty ssh
      workflow pipeline job automate macro applescript computer autogui gradle debug`),
  pay: words(
    `pay charge refund purchase buy checkout withdraw deposit donate payout payment payments bill sell trade remit reimburse topup bid swap stake redeem`,
  ),
  manage: words(
    `manage admin administer handle control operate crud manipulate process do perform generic helper handler`,
  ),
}

/** The action of a word, also where it is inflected: `deletes`, `sending`, `executed`. */
export function actionOf(word: string): Action | undefined {
  for (const form of forms(word)) {
    for (const [action, known] of Object.entries(verbs) as [Action, ReadonlySet<string>][]) {
      if (known.has(form)) return action
    }
  }
  return undefined
}

function forms(word: string): readonly string[] {
  const stems = [word]
  if (word.endsWith('ies')) stems.push(`${word.slice(0, -3)}y`)
  if (word.endsWith('es')) stems.push(word.slice(0, -2))
  if (word.endsWith('s') && !word.endsWith('ss')) stems.push(word.slice(0, -1))
  if (word.endsWith('ing'))
    stems.push(word.slice(0, -3), `${word.slice(0, -3)}e`, word.slice(0, -4))
  if (word.endsWith('ed')) stems.push(word.slice(0, -2), word.slice(0, -1), word.slice(0, -3))
  return stems
}

/** What a tool works on. */
export type Subject =
  | 'file'
  | 'database'
  | 'money'
  | 'secret'
  | 'identity'
  | 'infrastructure'
  | 'message'
  | 'web'
  | 'remote'
  | 'sql'
  | 'code'
  | 'repository'

const subjects: Readonly<Record<Subject, ReadonlySet<string>>> = {
  file: words(
    `file files filesystem fs directory directories dir folder folders path disk draft
      clipboard workspace patch pdf csv zip tarball artifact text_file symlink chmod chown trash`,
  ),
  database:
    words(`table tables row rows record records database db databases collection document documents memory memories note notes todo todos task tasks entity entities contact contacts customer customers lead leads
    item items inventory product products order orders cart entry entries schema migration migrations index indices indexes vector vectors embedding embeddings knowledge graph edge relation relations observation observations bookmark
    cell cells spreadsheet sheet airtable notion reservation appointment case opportunity deal survey kv redis mongo postgres mysql sqlite dynamodb firestore supabase bigquery snowflake elasticsearch label labels preference preferences session sessions feedback rating backup backups column columns reminder reminders tag tags sprint epic story block blocks`),
  money: words(
    `payment payments money fund funds invoice invoices charge charges refund refunds payout payouts card wallet bank iban crypto bitcoin eth usd dollars cents stock stocks trade trades subscription subscriptions billing purchase purchases balance transaction transactions transfer transfers wire ach paypal stripe order_payment checkout loan credit debit donation ticket_purchase salary payroll bet `,
  ),
  secret: words(
    `secret secrets password passwords credential credentials vault keychain env environ dotenv
      passphrase certificate certificates cert otp totp keystore apikey apikeys privatekey
      cookie cookies jwt token tokens oauth login authenticate signin kms`,
  ),
  identity: words(
    `user users role roles permission permissions member members group groups account accounts
      acl iam mfa 2fa sso admin admins collaborator collaborators privilege privileges policy
      policies password owner ownership tenant tenants serviceaccount superuser`,
  ),
  infrastructure:
    words(`server servers instance instances vm vms bucket buckets cluster clusters deployment
      deployments deploy dns cdn cache queue queues service services container containers lambda
      firewall loadbalancer balancer terraform kubernetes k8s kubectl helm pod pods namespace
      namespaces node nodes replica replicas host hosts machine machines vpc subnet volume
      volumes domain domains ec2 s3 gcp aws azure cloud cloudformation pulumi ansible stack
      stacks production prod staging rollout traffic autoscaling droplet nginx systemd reboot
      shutdown restart failover thermostat door lock light lights lamp garage alarm device
      devices robot drone valve pump heater oven switch plug sprinkler hvac blinds vehicle car
      motor relay printer gate elevator feature_flag temperature engine flag flags`),
  message: words(
    `email emails mail mails message messages sms slack discord teams telegram whatsapp tweet tweets notification notifications comment comments meeting meetings calendar invite invites invitation attendees chat channel thread newsletter announcement inbox phone call voicemail post posts social linkedin facebook instagram twitter reddit dm event events attendee webinar push_notification`,
  ),
  web: words(
    `url urls web website webpage internet browser page pages http https html link links search_engine google bing duckduckgo tavily serper wikipedia arxiv news weather forecast flight flights hotel hotels stock_price maps map place places route directions geocode rss feed feeds youtube online crawl scrape scraper download site exchange_rate currency restaurant restaurants movie movies recipe recipes sports earthquake dictionary trains train airline airport airbnb podcast patents papers pubmed`,
  ),
  remote: words(
    `api webhook webhooks request pr pull pull_request issue issues ticket tickets jira linear github gitlab bitbucket package npm_package pypi registry upload ftp form crm salesforce hubspot zendesk remote graphql rest endpoint shopify wordpress blog cms gist repo repos release releases trello asana board sftp gdrive drive dropbox sharepoint onedrive figma confluence`,
  ),
  sql: words(`sql`),
  code: words(`code shell bash terminal command script python javascript process pty repl kernel`),
  repository: words(`git commit branch stash rebase worktree diff`),
}

/** Everything that a list of words is about. */
export function subjectsOf(list: readonly string[]): ReadonlySet<Subject> {
  const found = new Set<Subject>()
  for (const [subject, known] of Object.entries(subjects) as [Subject, ReadonlySet<string>][]) {
    if (list.some((word) => known.has(word))) found.add(subject)
  }
  return found
}

/** A name or a text as lower-case words: `createPR`, `create_pr`, `create-pr` and `Create PR` are the same. */
export function wordsOf(text: string): readonly string[] {
  return text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(Boolean)
}
