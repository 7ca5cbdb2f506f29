_rush_complete() {
    local IFS=$'\013'
    # Bash splits words at `:` and `=`, but a label and `NAME=VALUE` are one word each.
    local line="${COMP_LINE:0:COMP_POINT}" words=() piece
    for piece in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if [[ ${#words[@]} -eq 0 || "$line" == [[:blank:]]* ]]; then
            line="${line#"${line%%[![:blank:]]*}"}"
            words+=("")
        fi
        # The cursor stands in the last piece.
        [[ "$line" == "$piece"* ]] || piece="$line"
        line="${line#"$piece"}"
        words[${#words[@]}-1]+="$piece"
    done
    local last=$(( ${#words[@]} - 1 ))
    local word="${words[last]}" breaks=""
    COMPREPLY=( $( \
        _CLAP_IFS="$IFS" \
        _CLAP_COMPLETE_INDEX="$last" \
        _CLAP_COMPLETE_COMP_TYPE="$COMP_TYPE" \
        RUSH_COMPLETE="bash" \
        "rush" -- "${words[@]}" \
    ) )
    if [[ $? != 0 ]]; then
        unset COMPREPLY
        return
    fi
    # Of such a word Bash replaces what follows the last `:` or `=`.
    [[ "$COMP_WORDBREAKS" == *:* ]] && breaks+=":"
    [[ "$COMP_WORDBREAKS" == *=* ]] && breaks+="="
    if [[ -n "$breaks" && "$word" == *[$breaks]* ]]; then
        COMPREPLY=( "${COMPREPLY[@]#"${word%"${word##*[$breaks]}"}"}" )
    fi
    # A space follows what is complete; old versions of Bash can't tell, so there is none.
    compopt +o nospace 2> /dev/null
    if [[ "${COMPREPLY-}" =~ [=/:]$ ]]; then
        compopt -o nospace 2> /dev/null
    fi
}
if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -o nospace -o bashdefault -o nosort -F _rush_complete rush
else
    complete -o nospace -o bashdefault -F _rush_complete rush
fi
