namespace Bindwise.Cli.Verbs;

/// <summary>What bash and zsh share: a function that says what can stand after some words. Both understand it.</summary>
internal static class CandidateFunction
{
    private const string Begin =
        """
        # Sets candidates, files, folders and live to what may follow the words from $3 on; $2 is the beginning of the next.
        # Sets own to the place of the -- among them after which a command of your own stands.
        _bindwise_candidates() {
            local place= known= skip= helping= word before= at=0
            own=
            for word in "${@:3}"; do
                before=$word at=$((at + 1))
                if [ -n "$skip" ]; then skip=; continue; fi
                case $word in
                    --color) skip=1; continue ;;
                    --) candidates= files= folders= live= own=$at; return ;;
                    -*) continue ;;
                esac
                if [ "$place$helping" = "" ] && [ "$word" = help ]; then helping=1; continue; fi
                if [ -n "$known" ]; then continue; fi
                case "$place/$word" in

        """;

    private const string Middle =
        """
                    # A target without a verb.
                    /*) place=why known=1 ;;
                    *) known=1 ;;
                esac
            done
            candidates= files= folders= live=
            if [ -z "$helping" ]; then
                case "$place:$before" in

        """;

    private const string End =
        """
            esac
            if [ -n "$helping" ]; then candidates=$verbs; return; fi
            case $2 in
                -*) candidates=$options ;;
                *) candidates="$verbs $arguments" files=$paths live=$now ;;
            esac
            # In the place of a verb a port is offered only once a digit was typed.
            case "$place:$2" in
                :[0-9]*) ;;
                :*) live= ;;
            esac
        }

        """;

    public static string Write(CompletionTable table)
    {
        var text = new StringBuilder(Begin);
        foreach (var place in table.Places.Where(static place => place.Path.Length > 0))
        {
            var cut = place.Path.LastIndexOf(' ');
            var (before, name) = cut < 0 ? ("", place.Path) : (place.Path[..cut], place.Path[(cut + 1)..]);
            Add(text, 12, $"'{before}/{name}') place='{place.Path}' ;;");
        }
        text.Append(Middle);
        foreach (var place in table.Places)
        {
            foreach (var option in place.Options)
            {
                if (option.Value is not { } value)
                    continue;
                var what = value.IsFile ? "files=1" : value.IsFolder ? "folders=1" : value.Live != LiveValue.None
                    ? $"live={CompleteCommand.WordOf(value.Live)}" : $"candidates='{string.Join(' ', value.Words)}'";
                Add(text, 12, $"{string.Join('|', option.Names.Select(name => $"'{place.Path}:{name}'"))}) {what}; return ;;");
            }
        }
        Add(text, 8, "esac");
        Add(text, 4, "fi");
        Add(text, 4, "local verbs= options= arguments= paths= now=");
        Add(text, 4, "case $place in");
        foreach (var place in table.Places)
        {
            Add(text, 8, $"'{place.Path}') verbs='{string.Join(' ', place.Verbs.Select(static verb => verb.Name))}'"
                + $" options='{string.Join(' ', place.Options.SelectMany(static option => option.Names))}'"
                + $" arguments='{string.Join(' ', place.Words)}' paths={(place.TakesFiles ? "1" : "")}"
                + $" now={CompleteCommand.WordOf(place.Live)} ;;");
        }
        return text.Append(End).ToString();
    }

    private static void Add(StringBuilder text, int margin, string line) => text.Append(' ', margin).Append(line).Append('\n');
}

internal static class BashCompletion
{
    private const string Rest =
        """
        _bindwise() {
            local candidates files folders live own current=$2 list=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
            # bash splits at "=": --color=never is three words.
            if [ "$current" = "=" ]; then current=; fi
            if [ "${#list[@]}" -gt 0 ] && [ "${list[-1]}" = "=" ]; then unset 'list[-1]'; fi
            _bindwise_candidates bindwise "$current" "${list[@]}"
            local IFS=$'\n' word rest
            COMPREPLY=()
            if [ -n "$live" ]; then
                while IFS=$'\t' read -r word rest; do
                    if [[ $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
                done < <("${1/#\~\//$HOME/}" complete "$live" 2> /dev/null < /dev/null)
                if [ "${#COMPREPLY[@]}" -gt 0 ]; then files=; fi
            fi
            if [ -n "$own" ]; then
                if [ "$COMP_CWORD" -gt "$((own + 1))" ]; then files=1
                else mapfile -t COMPREPLY < <(compgen -c -- "$current" | sort -u); compopt -o filenames 2> /dev/null; fi
            fi
            if [ -n "$files" ]; then mapfile -t COMPREPLY < <(compgen -f -- "$current"); compopt -o filenames 2> /dev/null; fi
            if [ -n "$folders" ]; then mapfile -t COMPREPLY < <(compgen -d -- "$current"); compopt -o filenames 2> /dev/null; fi
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "${candidates// /$'\n'}" -- "$current")
        }
        complete -F _bindwise bindwise

        """;

    public static string Write(CompletionTable table) =>
        "# bash completion for bindwise: source <(bindwise completion bash)\n" + CandidateFunction.Write(table) + Rest;
}

/// <summary>The script for zsh, as a file _bindwise in a folder of fpath.</summary>
internal static class ZshCompletion
{
    private const string Rest =
        """
        _bindwise() {
            local candidates files folders live own current=$PREFIX
            local -a list=("${(@)words[2,CURRENT-1]}")
            if [[ $current == --*=* ]] && (( ! $list[(Ie)--] )); then
                list+=("${current%%=*}")
                compset -P '*='
                current=$PREFIX
            fi
            _bindwise_candidates bindwise "$current" "${list[@]}"
            if [[ -n $own ]]; then
                shift $((own + 1)) words
                (( CURRENT -= own + 1 ))
                _normal
                return
            fi
            if [[ -n $live ]]; then
                local -a values shown
                local word rest program=${(Q)words[1]}
                while IFS=$'\t' read -r word rest; do
                    values+=("$word")
                    shown+=("$word  $rest")
                done < <("${program/#\~\//$HOME/}" complete "$live" 2> /dev/null < /dev/null)
                compadd -l -V "$live" -d shown -- $values && files=
            fi
            compadd -- ${=candidates}
            [[ -n $files ]] && _files
            [[ -n $folders ]] && _files -/
            return 0
        }
        if [ "$funcstack[1]" = "_bindwise" ]; then _bindwise "$@"; else compdef _bindwise bindwise; fi

        """;

    public static string Write(CompletionTable table) => "#compdef bindwise\n" + CandidateFunction.Write(table) + Rest;
}

internal static class FishCompletion
{
    private const string Begin =
        """
        # fish completion for bindwise
        complete -c bindwise -f
        # The verbs that the command line begins with; "why" for a target without a verb.
        function __bindwise_place
            set -l place
            set -l skip
            for word in (commandline -opc)[2..-1]
                if test -n "$skip"
                    set skip
                    continue
                end
                switch $word
                    case --color
                        set skip 1
                        continue
                    # A command of your own follows.
                    case --
                        echo -- command
                        return
                    case '-*'
                        continue
                    case help
                        test -z "$place"; and continue
                end
                set -l next (string trim -- "$place $word")

        """;

    private const string End =
        """
                    set place $next
                else
                    test -z "$place"; and set place why
                    break
                end
            end
            echo -- "$place"
        end
        function __bindwise_at
            test (__bindwise_place) = "$argv[1]"
        end
        function __bindwise_own
            set -l words (commandline -opc)
            set -e words[1..(contains -i -- -- $words)]
            complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
        end
        complete -c bindwise -n '__bindwise_at command' -a '(__bindwise_own)'
        # What there is now: ports in use, units, containers.
        function __bindwise_live
            set -l program (string replace -r '^~/' "$HOME/" -- (commandline -opc)[1])
            command $program complete $argv[1] 2>/dev/null </dev/null
        end

        """;

    // In the place of a verb a port is offered only once a digit was typed.
    private const string OnceADigit = "; and string match -qr '^[0-9]' -- (commandline -ct)";

    public static string Write(CompletionTable table)
    {
        var text = new StringBuilder(Begin);
        var paths = string.Join(' ', table.Places.Where(static place => place.Path.Length > 0).Select(static place => $"'{place.Path}'"));
        text.Append(CultureInfo.InvariantCulture, $"        if contains -- \"$next\" {paths}\n").Append(End);
        foreach (var place in table.Places)
        {
            var begin = $"complete -c bindwise -n \"__bindwise_at '{place.Path}'\"";
            foreach (var (name, description) in place.Verbs)
                text.Append(CultureInfo.InvariantCulture, $"{begin} -a {name} -d {Quote(description)}\n");
            if (place.Words.Count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{begin} -a {Quote(string.Join(' ', place.Words))}\n");
            if (place.TakesFiles)
                text.Append(CultureInfo.InvariantCulture, $"{begin} -F\n");
            if (place.Live != LiveValue.None)
                text.Append(CultureInfo.InvariantCulture,
                    $"complete -c bindwise -n \"__bindwise_at '{place.Path}'{(place.Path.Length == 0 ? OnceADigit : "")}\" -k -a "
                        + $"{Ask(place.Live)}\n");
            foreach (var option in place.Options)
                text.Append(CultureInfo.InvariantCulture, $"{begin}{Option(option)}\n");
        }
        return text.ToString();
    }

    private static string Option(CompletionOption option)
    {
        var names = string.Concat(
            option.Names.Select(static name => name is ['-', '-', .. var rest] ? $" -l {rest}" : $" -s '{name[1..]}'"));
        var value = option.Value is not { } taken ? "" : taken.IsFile ? " -r -F" : taken.IsFolder ? " -x -a '(__fish_complete_directories)'"
            : taken.Live != LiveValue.None ? $" -x -k -a {Ask(taken.Live)}" : $" -x -a {Quote(string.Join(' ', taken.Words))}";
        return $"{names}{value} -d {Quote(option.Description)}";
    }

    private static string Ask(LiveValue live) => $"'(__bindwise_live {CompleteCommand.WordOf(live)})'";

    private static string Quote(string text) =>
        "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
}
