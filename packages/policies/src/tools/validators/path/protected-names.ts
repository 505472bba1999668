/** Names of files that hold keys, wherever they lie; they are matched in lower case. */
export const credentialPaths: readonly RegExp[] = [
  /(?:^|\/)\.ssh(?:\/|$)/,
  /(?:^|\/)id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?!\.pub)(?:$|[^\w])/,
  /(?:^|\/)\.aws(?:\/|$)/,
  /(?:^|\/)\.(?:netrc|pgpass|my\.cnf|npmrc|pypirc|git-credentials|htpasswd|boto|s3cfg|vault-token|databrickscfg|terraformrc|yarnrc\.yml|dockercfg|credentials)$/,
  /(?:^|\/)_netrc$/,
  /(?:^|\/)\.env(?:\.(?!example$|sample$|template$|dist$|defaults?$|test$)[\w.-]+)?$/,
  /(?:^|\/)\.envrc$/,
  /(?:^|\/)\.(?:gnupg|password-store|kube|azure|oci)(?:\/|$)/,
  /(?:^|\/)\.docker\/config\.json$/,
  /(?:^|\/)\.(?:config|local\/share)\/(?:gcloud|gh|hub|op|keyrings|configstore|doctl|heroku|rclone|sops|containers\/auth\.json)(?:\/|$)/,
  /(?:^|\/)\.terraform\.d(?:\/|$)/,
  /(?:^|\/)\.cargo\/credentials(?:\.toml)?$/,
  /(?:^|\/)\.(?:mozilla|thunderbird)\/|(?:^|\/)(?:login data|cookies|logins\.json|key[34]\.db)$/,
  /(?:^|\/)(?:wallet\.dat|keystore\.jks|master\.key|credentials\.json|service[-_]account[\w-]*\.json|secrets?\.(?:ya?ml|json|toml|env))$/,
  /\.(?:pem|p12|pfx|jks|kdbx|ppk|keytab)$/,
  /(?:^|\/)\.(?:bash|zsh|psql|mysql|python|node_repl|sh)_history$/,
  /^[a-z]:\\windows\\(?:repair|system32\\config)|\\(?:sam|ntds\.dit)$/,
  /^\/etc\/(?:shadow|gshadow|sudoers|passwd|master\.passwd|krb5\.keytab|ssl\/private|ssh\/ssh_host)/,
  /^\/proc\/(?:[^/]+|\$\S*)\/(?:environ|cmdline|mem|maps|root|fd)/,
  /^\/(?:var\/run|run)\/secrets(?:\/|$)/,
  /(?:^|\/)library\/keychains(?:\/|$)/,
]

/** Names of files that run something for somebody later, or change what runs; matched in lower case. */
export const settingPaths: readonly RegExp[] = [
  /(?:^|\/)\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zprofile|zshenv|zlogin|cshrc|tcshrc|kshrc|inputrc|vimrc|exrc|emacs|gitconfig|tmux\.conf|xinitrc|xprofile|wgetrc|curlrc|gdbinit)$/,
  /(?:^|\/)\.git\/(?:hooks|config|info\/attributes)(?:\/|$)/,
  /(?:^|\/)\.husky(?:\/|$)/,
  /(?:^|\/)\.github\/workflows(?:\/|$)/,
  /(?:^|\/)(?:\.gitlab-ci\.yml|jenkinsfile|\.circleci\/|\.travis\.yml|azure-pipelines\.yml)/,
  /(?:^|\/)\.config\/(?:autostart|systemd|fish|git)(?:\/|$)/,
  /(?:^|\/)library\/launch(?:agents|daemons)(?:\/|$)/,
  /(?:^|\/)\.(?:vscode|idea|devcontainer)\/(?:tasks|launch|settings)\.json$/,
]
