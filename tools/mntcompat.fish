# SPDX-License-Identifier: LGPL-2.1-or-later
# mntcompat.fish - completion of mntcompat(1) for fish. The tool knows what can follow (tools/complete.c).
function __mntcompat_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case @files
                __fish_complete_path (commandline -ct)
            case @directories
                __fish_complete_directories (commandline -ct)
            case '@command *'
                set -l first (math (string replace '@command ' '' -- $line) + 2)
                complete -C (string join ' ' -- (string escape -- $words[$first..-2]) $words[-1])
            case @unfinished
                # fish adds no blank after a comma by itself.
            case '*'
                echo $line
        end
    end
end
complete -c mntcompat -f -a '(__mntcompat_complete)'
