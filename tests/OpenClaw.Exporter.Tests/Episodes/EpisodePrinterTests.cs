using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Episodes;

namespace OpenClaw.Exporter.Tests;

public class EpisodePrinterTests
{
    static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Without a problem, the time in which nobody looked is not said to be fine.</summary>
    [Theory]
    [InlineData(null, "No problem of this time is in the state directory. No exporter runs, so nobody looks now.")]
    [InlineData(3, "No problem was recorded since 2026-03-01 11:59:57 UTC, when the exporter started.")]
    [InlineData(7200, "No problem was recorded in this time.")]
    public void An_empty_list_says_for_how_long_somebody_looked(int? watchedSeconds, string expected)
    {
        var document = EpisodesDocument.From([], Now, "1", watchedSeconds is { } age ? Now.AddSeconds(-age) : null);
        using var output = new StringWriter();

        EpisodePrinter.PrintList(output, document, Now.AddHours(-1));

        Assert.Equal(expected, string.Join(' ', output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }
}
