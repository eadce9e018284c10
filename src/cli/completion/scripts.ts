/** Each asks `klaw __complete` what may stand where the cursor is; where that knows nothing, the shell offers files. */
export const COMPLETION_SCRIPTS = {
	bash: `# klaw completion for bash. Load it with: source <(klaw completion bash)
_klaw() {
	local IFS=$'\\n'
	COMPREPLY=($(klaw __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
	[[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
}
complete -o default -F _klaw klaw
`,
	zsh: `#compdef klaw
# klaw completion for zsh. Load it with: source <(klaw completion zsh)
_klaw() {
	local -a candidates
	candidates=("\${(@f)$(klaw __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
	if [[ -n "\${candidates[1]}" ]]; then
		compadd -- "\${candidates[@]}"
	else
		_files
	fi
}
if [ "$funcstack[1]" = "_klaw" ]; then
	_klaw
else
	compdef _klaw klaw
fi
`,
	fish: `# klaw completion for fish. Load it with: klaw completion fish | source
function __klaw_complete
	set -l words (commandline -opc) (commandline -ct)
	klaw __complete -- $words[2..-1] 2>/dev/null
end
complete -c klaw -a '(__klaw_complete)'
complete -c klaw -s f -l filename -r -F
`,
} as const;

export type Shell = keyof typeof COMPLETION_SCRIPTS;
