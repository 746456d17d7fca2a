using System.CommandLine;
using Microsoft.AspNetCore.Http;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Kernel.Processes;

namespace OpenClaw.Exporter.Tests;

/// <summary>Which readers run, and which of them a scrape sees.</summary>
public class CollectorSelectionTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("--collector.softnet", true)]
    [InlineData("--no-collector.softnet", false)]
    [InlineData("--collector.softnet=false", false)]
    public void A_flag_turns_a_reader_off(string argument, bool expected)
    {
        var root = new RootCommand();
        foreach (var flag in CollectorFlags.All)
            root.Options.Add(flag);
        var flags = root.Parse(argument);

        Assert.Empty(flags.Errors);
        Assert.Equal(expected, CollectorFlags.Wants(flags, CollectorFlags.Readers.Single(static reader => reader.Name == "softnet")));
        Assert.True(CollectorFlags.Wants(flags, CollectorFlags.Readers.Single(static reader => reader.Name == "sockstat")));
    }

    [Fact]
    public async Task A_scrape_collects_or_excludes()
    {
        using var machine = new FilledMachine();
        var snapshot = (await machine.DiagnoseAsync()).Snapshot;

        Assert.Null(Of("").Snapshot);
        Assert.Equal(["file_nr"], Of("?collect[]=file_nr").Snapshot!.Runs.Select(static run => run.Reader.Name));
        Assert.NotNull(Of("?collect[]=file_nr").Snapshot!.Get<FileNr>().Value);
        Assert.Equal(snapshot.Runs.Length - 1, Of("?exclude[]=file_nr").Snapshot!.Runs.Length);
        Assert.NotNull(Of("?exclude[]=file_nr").Snapshot!.Get<FileNr>().Missing);
        Assert.Contains("together", Of("?exclude[]=file_nr&collect[]=sockstat").Mistake, StringComparison.Ordinal);
        Assert.StartsWith("no collector is called 'nosuch'; there are ", Of("?collect[]=nosuch").Mistake, StringComparison.Ordinal);

        CollectorSelection Of(string query) =>
            CollectorSelection.Of(new QueryCollection(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query)), snapshot);
    }
}
