using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.CommandLine;
using Microsoft.AspNetCore.Http;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The selection of readers: which run, and which a scrape sees.</summary>
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
        Assert.Equal(
            expected,
            CollectorFlags.Wants(flags, CollectorFlags.Readers.Single(static reader => reader.Name == "softnet"))
        );
        Assert.True(
            CollectorFlags.Wants(flags, CollectorFlags.Readers.Single(static reader => reader.Name == "sockstat"))
        );
    }

    [Fact]
    public async Task A_scrape_collects_or_excludes()
    {
        using var machine = new FilledMachine();
        var snapshot = (await machine.DiagnoseAsync()).Snapshot;

        Assert.Null(Parsed("").Wanted);
        Assert.Equal(["file_nr"], Shown("?collect[]=file_nr").Runs.Select(static run => run.Reader.Name));
        Assert.NotNull(Shown("?collect[]=file_nr").Get<FileNr>().Value);
        Assert.Equal(snapshot.Runs.Length - 1, Shown("?exclude[]=file_nr").Runs.Length);
        Assert.Equal(Outcome.NotAsked, Shown("?exclude[]=file_nr").Get<FileNr>().Outcome);
        Assert.Contains("together", Parsed("?exclude[]=file_nr&collect[]=sockstat").Mistake, StringComparison.Ordinal);
        Assert.StartsWith(
            "unknown collector 'nosuch'; available: ",
            Parsed("?collect[]=nosuch").Mistake,
            StringComparison.Ordinal
        );

        Snapshot Shown(string query) => snapshot.Only(Parsed(query).Wanted!);

        CollectorSelection Parsed(string query) =>
            CollectorSelection.Parse(
                new QueryCollection(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query)),
                snapshot.Runs.Select(static run => run.Reader)
            );
    }

    [Fact]
    public async Task A_part_runs_the_readers_that_it_needs_and_no_more()
    {
        var ran = new ConcurrentQueue<string>();
        Reader Noting<T>(string name, T value, params ImmutableArray<Type> needs) =>
            new FunctionReader<T>(name, "", _ =>
            {
                ran.Enqueue(name);
                return value;
            }) { Needs = needs };
        using var sampler = new Sampler(
            [Noting("a", 1), Noting("b", "", typeof(int)), Noting("c", 'c', typeof(string)), Noting("d", 1.0)],
            TimeProvider.System
        );

        var part = await sampler.Begin(TimeSpan.FromSeconds(10), static reader => reader.Name == "b").Whole;

        Assert.Equal(["a", "b"], ran);
        Assert.Equal(["b"], part.Runs.Select(static run => run.Reader.Name));
        Assert.Equal(Outcome.NotAsked, part.Get<double>().Outcome);
    }
}
