using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpenClaw.Exporter.Configuration;

/// <summary>A kind of value that a flag takes.</summary>
/// <param name="Expected">The valid values, for help and messages.</param>
/// <param name="Parse">Parses a text. Returns whether it is valid, and its value. It throws
/// <see cref="SettingException"/> for a more precise message.</param>
sealed record FlagKind<T>(string Expected, Func<string, (bool Valid, T Value)> Parse);

/// <summary>The kinds of values. The message of each kind names the limits that its parser checks.</summary>
static partial class FlagKinds
{
    const string ExistingDirectory = "a directory that exists";

    /// <summary>Takes true or false.</summary>
    public static FlagKind<bool> Switch { get; } =
        new("true or false", static text => (bool.TryParse(text, out var value), value));

    /// <summary>Takes a directory that exists.</summary>
    public static FlagKind<string> Directory { get; } =
        new(ExistingDirectory, static text => (System.IO.Directory.Exists(text), text));

    /// <summary>Takes any duration, and zero.</summary>
    public static FlagKind<TimeSpan> Duration { get; } =
        new($"0s or {Configuration.Duration.Expected}", Configuration.Duration.Parse);

    /// <summary>Takes paths separated by commas.</summary>
    public static FlagKind<ImmutableArray<string>> Paths { get; } =
        new("paths", static text =>
            (true, [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)])
        );

    /// <summary>Takes host names separated by commas.</summary>
    public static FlagKind<ImmutableArray<string>> Names { get; } = new("names", Paths.Parse);

    /// <summary>Takes addresses with ports, separated by commas.</summary>
    public static FlagKind<ImmutableArray<IPEndPoint>> Endpoints { get; } = new("address:port", ParseEndpoints);

    /// <summary>Takes a path below which the server has nothing yet.</summary>
    public static FlagKind<string> UnservedPath { get; } =
        new(
            $"a path of letters, digits and - . _ ~ such as {ServedPaths.MetricsByDefault}, not one that has "
                + $"another meaning ({string.Join(", ", ServedPaths.All)})",
            ParsePath
        );

    /// <summary>Takes a regular expression.</summary>
    public static FlagKind<Regex> Expression { get; } = new("a regular expression", ParseExpression);

    /// <summary>Takes a program and its arguments.</summary>
    public static FlagKind<ImmutableArray<string>> Command { get; } =
        new("words or a JSON array of strings", ParseCommand);

    /// <summary>
    /// Takes an address of HTTP, or an empty text. It is stored as text: for an empty value, the library would throw an
    /// exception.
    /// </summary>
    public static FlagKind<string> UrlOr(params ImmutableArray<string> words) =>
        new($"an http or https address, {string.Join(" or ", words)}", text =>
            (
                text.Length == 0
                    || words.Contains(text)
                    || (
                        Uri.TryCreate(text, UriKind.Absolute, out var address)
                        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
                    ),
                text
            )
        );

    /// <summary>Takes keys and values as YAML; none for an empty text.</summary>
    public static FlagKind<Settings> Section(string flag, string expected) => new(expected, text =>
        {
            try
            {
                return (true, Settings.Parse(flag, text));
            }
            catch (SettingException error)
            {
                throw new SettingException(error.Message);
            }
        });

    /// <summary>Takes any text.</summary>
    public static FlagKind<string> Text(string expected) => new(expected, static text => (true, text));

    /// <summary>Takes any text except an empty one.</summary>
    public static FlagKind<string> Word(string expected) => new(expected, static text => (text.Length > 0, text));

    /// <summary>Takes one of several words.</summary>
    public static FlagKind<T> OneOf<T>(params ImmutableArray<(string Word, T Meaning)> words)
    {
        string[] all = [.. words.Select(static one => one.Word)];
        return new($"{string.Join(", ", all[..^1])} or {all[^1]}", text =>
        {
            var found = words.FirstOrDefault(one => one.Word == text);
            return (found.Word is not null, found.Meaning);
        });
    }

    /// <summary>Takes a whole number within limits, both included.</summary>
    public static FlagKind<int> Number(int from, int to) =>
        new(string.Create(CultureInfo.InvariantCulture, $"a number from {from} to {to}"), text =>
            (
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                    && count >= from
                    && count <= to,
                count
            )
        );

    /// <summary>Takes a duration with a lower limit.</summary>
    /// <param name="shortest">The shortest valid duration.</param>
    /// <param name="examples">Examples of longer durations, for the message.</param>
    public static FlagKind<TimeSpan> Interval(string shortest, string examples)
    {
        var least = Configuration.Duration.Parse(shortest).Value;
        return new(Configuration.Duration.ExpectedFrom(shortest, examples), text =>
        {
            var (valid, value) = Configuration.Duration.Parse(text);
            return (valid && value >= least, value);
        });
    }

    /// <summary>Takes a directory that exists, or this path, which need not exist.</summary>
    public static FlagKind<string> DirectoryOr(string path) =>
        new(ExistingDirectory, text => (text == path || System.IO.Directory.Exists(text), text));

    static (bool, ImmutableArray<IPEndPoint>) ParseEndpoints(string text)
    {
        var endpoints = text.Split(',', StringSplitOptions.TrimEntries).Select(ParseEndpoint).ToArray();
        return (
            Array.TrueForAll(endpoints, static endpoint => endpoint.Valid),
            [.. endpoints.Select(static endpoint => endpoint.Value)]
        );
    }

    static (bool Valid, IPEndPoint Value) ParseEndpoint(string text)
    {
        const string localhost = "localhost:";
        var address = text;
        if (text.StartsWith(':'))
            address = "[::]" + text;
        else if (text.StartsWith(localhost, StringComparison.OrdinalIgnoreCase))
            address = $"{IPAddress.Loopback}:{text[localhost.Length..]}";
        var valid =
            IPEndPoint.TryParse(address, out var endpoint)
            && text.AsSpan(text.LastIndexOf(':') + 1).ContainsAnyInRange('0', '9')
            && text.Contains(':', StringComparison.Ordinal);
        return (valid, endpoint!);
    }

    static (bool, string) ParsePath(string text)
    {
        // Every other path is below the status page's path "/".
        var isTaken = ServedPaths.Parts.Any(taken =>
            (text + '/').StartsWith(taken + '/', StringComparison.OrdinalIgnoreCase)
        );
        return (PlainPath.IsMatch(text) && !isTaken, text);
    }

    static (bool, Regex) ParseExpression(string text)
    {
        try
        {
            // NonBacktracking takes linear time for every expression. It lacks the same features as POSIX expressions.
            // Plain text needs none of it, and no milliseconds to prepare.
            var isPlain = Regex.Escape(text) == text;
            return (
                true,
                new(text, RegexOptions.CultureInvariant | (isPlain ? RegexOptions.None : RegexOptions.NonBacktracking))
            );
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return (false, null!);
        }
    }

    static (bool, ImmutableArray<string>) ParseCommand(string text)
    {
        if (!text.StartsWith('['))
            return (true, [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        try
        {
            using var json = JsonDocument.Parse(text);
            var words = json.RootElement.EnumerateArray().ToArray();
            return Array.TrueForAll(words, static word => word.ValueKind == JsonValueKind.String) && words.Length > 0
                ? (true, [.. words.Select(static word => word.GetString()!)])
                : (false, []);
        }
        catch (JsonException)
        {
            return (false, []);
        }
    }

    [GeneratedRegex(@"\A(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+\z")]
    static partial Regex PlainPath { get; }
}
