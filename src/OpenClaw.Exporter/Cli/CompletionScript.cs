using System.Collections.Immutable;
using System.Text;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// Writes scripts that complete the command line in a shell. They contain the list, so that a shell need not start the
/// program at each key.
/// </summary>
/// <param name="list">The commands and flags.</param>
sealed class CompletionScript(CommandList list)
{
    const string Program = "openclaw-exporter";

    /// <summary>All flags with a value, each name once.</summary>
    ImmutableArray<ListedFlag> WithValue =>
        [
            .. list
                .Commands.SelectMany(static command => command.Flags)
                .Concat(list.Flags)
                .Where(static flag => flag.Value is not null)
                .DistinctBy(static flag => flag.Name),
        ];

    string Verbs => string.Join(' ', list.Commands.Select(static command => command.Name));

    /// <summary>Returns the script for bash 4 and later.</summary>
    public string Bash()
    {
        var script = new StringBuilder();
        script.Append(
            $$"""
            # Completion of {{Program}} for bash. Made by: {{Program}} completion bash
            _openclaw_exporter() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb= own= i
                [[ $word != = ]] || word=
                # Bash splits --flag=value at the equals sign.
                [[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case ${COMP_WORDS[i]} in
                        {{Verbs.Replace(' ', '|')}}) verb=${COMP_WORDS[i]} ;;
                    esac
                done
                COMPREPLY=()
                case $before in

            """
        );
        foreach (var flag in WithValue)
        {
            if (Answer(flag) is { } answer)
                script.Append($"        {string.Join('|', flag.Names)}) {answer} return ;;\n");
        }

        script.Append("    esac\n    case $verb in\n");
        foreach (var command in list.Commands)
        {
            var own = string.Join(' ', [Joined(command.Flags), .. command.Words]);
            script.Append($"        {command.Name}) own='{own}' ;;\n");
        }

        script.Append(
            $$"""
                    *) own='{{Verbs}}' ;;
                esac
                COMPREPLY=($(compgen -W "$own --help" -- "$word"))
                [[ ${#COMPREPLY[@]} -gt 0 ]] ||
                    COMPREPLY=($(compgen -W '{{Joined(list.Flags)}} {{Joined(list.CollectorFlagList)}}' -- "$word"))
            }
            complete -o default -F _openclaw_exporter {{Program}}

            """
        );
        return script.ToString();

        static string? Answer(ListedFlag flag) =>
            flag switch
            {
                { Words: { IsEmpty: false } words } =>
                    $"COMPREPLY=($(compgen -W '{string.Join(' ', words)}' -- \"$word\"));",
                { IsPath: true } => "COMPREPLY=($(compgen -f -- \"$word\"));",
                _ => null,
            };
    }

    /// <summary>Returns the script for zsh, as a file in its fpath.</summary>
    public string Zsh()
    {
        var script = new StringBuilder();
        script.Append(
            $$"""
            #compdef {{Program}}
            # Completion of {{Program}} for zsh. Made by: {{Program}} completion zsh
            _openclaw_exporter() {
                local verb= word before=${words[CURRENT-1]}
                local -a own server
                for word in ${words[2,CURRENT-1]}; do
                    case $word in
                        ({{Verbs.Replace(' ', '|')}}) verb=$word ;;
                    esac
                done
                if [[ $PREFIX == --*=* ]]; then
                    before=${PREFIX%%=*}
                    compset -P '*='
                fi
                case $before in

            """
        );
        foreach (var flag in WithValue)
        {
            var names = string.Join('|', flag.Names);
            if (!flag.Words.IsEmpty)
                script.Append($"        ({names}) compadd -- {string.Join(' ', flag.Words)}; return ;;\n");
            else if (flag.IsPath)
                script.Append($"        ({names}) _files; return ;;\n");
        }

        script.Append("    esac\n    case $verb in\n");
        foreach (var command in list.Commands)
        {
            script.Append($"        ({command.Name})\n            own=(\n");
            foreach (var word in command.Words)
                script.Append($"                {ZshEntry(word, "")}\n");
            foreach (var flag in command.Flags)
                script.Append($"                {ZshEntry(flag.Name, flag.Description)}\n");
            script.Append("            ) ;;\n");
        }

        script.Append("        (*)\n            own=(\n");
        foreach (var command in list.Commands)
            script.Append($"                {ZshEntry(command.Name, command.Description)}\n");
        script.Append("            ) ;;\n    esac\n    server=(\n");
        foreach (var flag in list.Flags.Concat(list.CollectorFlagList))
            script.Append($"        {ZshEntry(flag.Name, flag.Description)}\n");
        script.Append(
            $$"""
                )
                _describe '{{Program}}' own || _describe 'flag of the exporter' server
            }
            if [[ $funcstack[1] == _openclaw-exporter || $funcstack[1] == _openclaw_exporter ]]; then
                _openclaw_exporter "$@"
            else
                compdef _openclaw_exporter {{Program}}
            fi

            """
        );
        return script.ToString();
    }

    /// <summary>Returns the script for fish 3 and later.</summary>
    public string Fish()
    {
        var script = new StringBuilder();
        script.Append($"# Completion of {Program} for fish. Made by: {Program} completion fish\n");
        script.Append($"complete -c {Program} -f\n");
        foreach (var command in list.Commands)
        {
            script.Append(
                $"complete -c {Program} -n __fish_use_subcommand -a {command.Name} -d {Short(command.Description)}\n"
            );
            var seen = $"-n '__fish_seen_subcommand_from {command.Name}'";
            if (!command.Words.IsEmpty)
                script.Append($"complete -c {Program} {seen} -a '{string.Join(' ', command.Words)}'\n");
            foreach (var flag in command.Flags)
                AddFish(script, flag, seen);
        }

        foreach (var flag in list.Flags.Concat(list.CollectorFlagList))
            AddFish(script, flag, "");
        return script.ToString();
    }

    static void AddFish(StringBuilder script, ListedFlag flag, string condition)
    {
        script.Append($"complete -c {Program} {condition}".TrimEnd());
        foreach (var name in flag.Names)
            script.Append(name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : ShortFlag(name));
        if (!flag.Words.IsEmpty)
            script.Append($" -x -a '{string.Join(' ', flag.Words)}'");
        else if (flag.Value is not null)
            script.Append(flag.IsPath ? " -r -F" : " -x");
        script.Append($" -d {Short(flag.Description)}\n");
    }

    /// <summary>
    /// Returns the option of complete for a name such as -v. Fish does not accept a question mark.
    /// </summary>
    static string ShortFlag(string name) => char.IsAsciiLetter(name[1]) ? $" -s {name[1..]}" : "";

    static string Joined(IEnumerable<ListedFlag> flags) => string.Join(' ', flags.Select(static flag => flag.Name));

    /// <summary>Returns a word and its description, between which _describe expects a colon.</summary>
    static string ZshEntry(string name, string description)
    {
        var text = CommandList.FirstSentence(description).Replace(":", @"\:", StringComparison.Ordinal);
        return Quoted(text.Length == 0 ? name : $"{name}:{text}");
    }

    static string Short(string description) => Quoted(CommandList.FirstSentence(description));

    /// <summary>
    /// Returns a text in single quotes. An apostrophe inside becomes a typographic one, which needs no escape.
    /// </summary>
    static string Quoted(string text) => $"'{text.Replace('\'', '’')}'";
}
