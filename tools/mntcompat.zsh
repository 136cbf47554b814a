#compdef mntcompat
# SPDX-License-Identifier: LGPL-2.1-or-later
# mntcompat.zsh - completion of mntcompat(1) for zsh. The tool knows what can follow (tools/complete.c).
_mntcompat()
{
	local line value help unfinished
	local -a rows more given

	# Quoted, so that an empty last word stays.
	given=("${(@Q)words[2,CURRENT]}")
	while IFS= read -r line; do
		case $line in
		@files)		_files; return;;
		@directories)	_files -/; return;;
		@command\ *)
			# words[1] is the tool, whose first word has the number 0.
			shift $((${line#@command } + 1)) words
			((CURRENT -= ${line#@command } + 1))
			_normal
			return;;
		@unfinished)	unfinished=1;;
		*)
			value=${line%%$'\t'*}
			help=
			[[ $line == *$'\t'* ]] && help=${line#*$'\t'}
			rows+=("${value//:/\\:}:$help");;
		esac
	done < <(_call_program words "${(q)words[1]}" complete -- "${(@q)given}" 2>/dev/null)
	(($#rows)) || return 1
	[[ -z $unfinished ]] || more=(-S "")
	_describe -V mntcompat rows "${more[@]}"
}
if [[ $funcstack[1] == _mntcompat ]]; then
	_mntcompat "$@"
else
	compdef _mntcompat mntcompat
fi
