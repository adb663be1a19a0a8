/** Scripts that let a shell complete the command. */
const NAMED = 'stop restart status ping logs reload remove';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function completion(shell: (typeof SHELLS)[number], commands: string[]): string {
  const words = commands.join(' ');
  if (shell === 'fish') {
    return [
      `complete -c prong -f -n __fish_use_subcommand -a '${words}'`,
      `complete -c prong -f -n '__fish_seen_subcommand_from ${NAMED}' -a '(prong names)'`,
      `complete -c prong -F -n '__fish_seen_subcommand_from start unit'`,
      `complete -c prong -l json -d 'print JSON'`,
    ].join('\n');
  }
  const bash = [
    '_prong() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
    '  local word="${COMP_WORDS[COMP_CWORD]}"',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W '${words}' -- "$word"))`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
    '  elif [[ " start unit " == *" ${COMP_WORDS[1]} "* ]]; then',
    '    COMPREPLY=($(compgen -f -- "$word"))',
    `  elif [[ " ${NAMED} " == *" \${COMP_WORDS[1]} "* ]]; then`,
    '    COMPREPLY=($(compgen -W "$(prong names 2>/dev/null)" -- "$word"))',
    '  fi',
    '}',
    'complete -F _prong prong',
  ];
  return (shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit', ...bash] : bash).join('\n');
}
