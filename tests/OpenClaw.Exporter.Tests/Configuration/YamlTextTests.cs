using System.Diagnostics;
using OpenClaw.Exporter.Configuration;
using YamlDotNet.Core;

namespace OpenClaw.Exporter.Tests;

/// <summary>Any author may write a service file. A hostile one costs milliseconds, and never the process.</summary>
public sealed class YamlTextTests
{
    /// <summary>The first one compiles the parser, and other tests may run beside each.</summary>
    const int Attempts = 3;

    static readonly string Wide = string.Concat(Enumerable.Repeat("*a, ", 200));

    public static TheoryData<string, string, long> Hostile =>
        new()
        {
            { "? &a [*a]\n: x\n", "expected a text as key", 1 },
            { "x: 1\n? {b: c}\n: x\n", "expected a text as key", 2 },
            { "a: &a x\n*a : y\n", "expected a text as key", 2 },
            { "x:\n  - &a [1, *a]\n", "inside of the value that it stands for", 2 },
            { "x: &a {b: *a}\n", "inside of the value that it stands for", 1 },
            { NestedAliases("? *a19\n: x\n"), "expected a text as key", 21 },
            { string.Concat(Enumerable.Range(1, 120_000).Select(key => $"k{key}: \n")), "more than 2000 keys", 2001 },
            { "x: &a 1\ny: [" + Wide + "]\n", "more than 100 aliases", 2 },
            { "x: [" + string.Concat(Enumerable.Repeat("1,", 400_000)) + "]\n", "more than 10000 values", 1 },
            { new string('[', 1_000_000), "nested deeper than 64", 1 },
            { string.Concat(Enumerable.Repeat("- ", 500_000)), "nested deeper than 64", 1 },
            { string.Concat(Enumerable.Repeat("{a: ", 250_000)), "nested deeper than 64", 1 },
            { string.Concat(Enumerable.Repeat("? ", 500_000)), "expected a text as key", 1 },
        };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_text_is_refused_with_its_line_in_milliseconds(string text, string reason, long line)
    {
        var times = new List<TimeSpan>();
        while (times.Count < Attempts)
        {
            var start = Stopwatch.GetTimestamp();
            var error = Refusal(text);
            times.Add(Stopwatch.GetElapsedTime(start));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.Equal(line, error.Start.Line);
        }

        Assert.InRange(times.Min(), TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void Aliases_of_values_and_many_keys_are_read()
    {
        var keys = string.Concat(Enumerable.Range(1, 900).Select(key => $"k{key}: {{a: 1}}\n"));

        var settings = Settings.Parse("x.yml", "x: &a [1, 2]\ny: *a\nz: &a {b: c}\nw: *a\n" + keys);

        Assert.Equal(["1", "2"], settings.Texts("y"));
        Assert.Equal("c", settings.Section("w")?.Text("b"));
        Assert.Equal("1", settings.Section("k900")?.Text("a"));
    }

    /// <summary>Returns lists that hold the list before three times, and a last line.</summary>
    static string NestedAliases(string last) =>
        "a: &a0 [x]\n"
        + string.Concat(
            Enumerable.Range(1, 19).Select(list => $"a{list}: &a{list} [*a{list - 1}, *a{list - 1}, *a{list - 1}]\n")
        )
        + last;

    static YamlException Refusal(string text) => Assert.ThrowsAny<YamlException>(() => YamlText.Parse(text));
}
