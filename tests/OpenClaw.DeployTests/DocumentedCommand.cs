using System.Text.RegularExpressions;

namespace OpenClaw.DeployTests;

/// <summary>A command of a code block in a document.</summary>
/// <param name="Place">The file and the line of the block.</param>
/// <param name="Text">The command on one line, without its comment; the whole block where it is no shell.</param>
sealed partial record DocumentedCommand(string Place, string Text)
{
    static readonly string[] Files = ["README.md", "deploy/README.md", "alerts/README.md"];

    /// <summary>Reads the commands of all documents, in their order.</summary>
    public static IReadOnlyList<DocumentedCommand> ReadAll() => [.. Files.SelectMany(Read)];

    /// <summary>Splits a document into the commands of its blocks.</summary>
    /// <param name="file">The path below the top folder.</param>
    static IEnumerable<DocumentedCommand> Read(string file)
    {
        var text = File.ReadAllText(Repository.PathOf(file));
        foreach (Match block in Block().Matches(text))
        {
            var place = $"{file}({text[..block.Index].Count(static letter => letter == '\n') + 1})";
            foreach (var command in Commands(block.Groups["language"].Value, block.Groups["body"].Value))
                yield return new(place, command);
        }
    }

    static IEnumerable<string> Commands(string language, string body) =>
        language switch
        {
            "sh" => Continuation()
                .Replace(body, " ")
                .Split('\n')
                .SelectMany(static line => Comment().Replace(line, "").Split(" && "))
                .Select(static command => command.Trim())
                .Where(static command => command.Length > 0),

            // An answer: the command is the line after the prompt.
            "" => body.Split('\n')
                .Where(static line => line.StartsWith("$ ", StringComparison.Ordinal))
                .Select(static line => line[2..].Trim()),
            _ => [$"{language}: {Spaces().Replace(body, " ").Trim()}"],
        };

    [GeneratedRegex(
        """^(?<indent> *)```(?<language>\w*)\n(?<body>.*?)^\k<indent>```""",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Block();

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continuation();

    [GeneratedRegex(@"\s+# .*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
