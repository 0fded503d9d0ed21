/// The scripts that make shells ask ``CompleteCommand``.
enum CompletionScript {
    /// The script for a shell.
    static func text(for shell: CompletionCommand.Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    /// bash breaks words at the marks of COMP_WORDBREAKS too, and puts in place only what follows the last of them; and
    /// it would set a backslash before a colon in what it takes for the name of a file.
    private static let bash = #"""
        # Completion of wharf for bash: source this, or put it into the folder of bash-completion.

        _wharf() {
            local line="${COMP_LINE:0:COMP_POINT}"
            local program="${COMP_WORDS[0]/#\~/$HOME}"
            # The word that is typed; a space behind a backslash or a quote belongs to it.
            local word="${line//\\ /$'\x01'}" kept="" mark answer what rest file
            word="${word##*[[:space:]]}"
            word="${word//$'\x01'/ }"
            if [[ "$2" == [\"\']* ]]; then
                word="${2:1}"
            else
                for mark in : = @; do
                    [[ "$COMP_WORDBREAKS" == *"$mark"* && "$word" == *"$mark"* ]] || continue
                    rest="${word%"${word##*"$mark"}"}"
                    [[ ${#rest} -gt ${#kept} ]] && kept="$rest"
                done
            fi
            COMPREPLY=()
            while IFS= read -r answer; do
                if [[ "$answer" == $'\t'* ]]; then
                    compopt -o filenames
                    IFS=$'\t' read -r what rest <<<"${answer#$'\t'}"
                    [[ "$what" == folders ]] && what=-d || what=-f
                    while IFS= read -r file; do
                        file="$rest$file"
                        COMPREPLY+=("${file#"$kept"}")
                    done < <(compgen "$what" -- "${word#"$rest"}")
                else
                    answer="${answer%%$'\t'*}"
                    [[ "$answer" == *[:/=@] ]] && compopt -o nospace
                    COMPREPLY+=("${answer#"$kept"}")
                fi
            done < <("$program" complete --line "$line" 2>/dev/null)
        }

        complete -F _wharf wharf

        """#

    private static let zsh = #"""
        #compdef wharf
        # Completion of wharf for zsh: put this into a folder of $fpath as _wharf, or source it after compinit.

        _wharf() {
            local answer word shown
            local -a fields whole whole_shown begun begun_shown
            local program="${${(Q)words[1]}/#\~/$HOME}"
            local -i found=1
            while IFS= read -r answer; do
                fields=("${(@ps:\t:)answer}")
                word="$fields[1]"
                if [[ -z "$word" ]]; then
                    compset -P "${(b)fields[3]}"
                    if [[ "$fields[2]" == folders ]]; then _files -/ && found=0; else _files && found=0; fi
                    continue
                fi
                shown="$word"
                [[ -n "$fields[2]" ]] && shown="$word  -- $fields[2]"
                if [[ "$word" == *[:/=@] ]]; then
                    begun+=("$word") begun_shown+=("$shown")
                else
                    whole+=("$word") whole_shown+=("$shown")
                fi
            done < <("$program" complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
            if (( $#begun )); then compadd -l -S '' -d begun_shown -a begun && found=0; fi
            if (( $#whole )); then compadd -l -d whole_shown -a whole && found=0; fi
            return found
        }

        if [[ "${funcstack[1]}" == _wharf ]]; then
            _wharf "$@"
        else
            compdef _wharf wharf
        fi

        """#

    private static let fish = #"""
        # Completion of wharf for fish: put this into ~/.config/fish/completions as wharf.fish, or source it.

        function __wharf_complete
            set -l words (commandline -opc)
            set -l typed (commandline -ct)
            for answer in (command $words[1] complete -- $words[2..] "$typed" 2>/dev/null)
                set -l fields (string split \t -- $answer)
                if test -n "$fields[1]"
                    printf '%s\n' $answer
                    continue
                end
                set -l rest (string sub -s (math (string length -- "$fields[3]") + 1) -- "$typed")
                # The files that fish finds for a command that it does not know.
                for file in (complete -C "__wharf_no_command $rest")
                    if test "$fields[2]" = files; or string match -q -- '*/' (string split -f 1 \t -- $file)
                        printf '%s%s\n' "$fields[3]" "$file"
                    end
                end
            end
        end

        complete -c wharf -f -k -a '(__wharf_complete)'

        """#
}
