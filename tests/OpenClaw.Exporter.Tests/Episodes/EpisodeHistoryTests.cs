using System.Collections.Immutable;
using System.Text;
using NJsonSchema;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class EpisodeHistoryTests
{
    readonly EpisodeMachine _machine = new();

    [Fact]
    public void A_problem_is_kept_from_its_begin_to_its_end()
    {
        for (var second = 0; second < 300; second += 15)
            Assert.Empty(_machine.At(second, 500).All);
        _machine.At(300, 850);
        _machine.At(315, 1000);
        _machine.At(330, 990);
        Assert.Null(Assert.Single(_machine.History.All).End);
        for (var second = 345; second <= 500; second += 15)
            _machine.At(second, 500);

        var episode = Assert.Single(_machine.History.All);
        Assert.Equal(PoolCatalogue.SystemFileDescriptors.Name, episode.Pool);
        Assert.Equal("System file descriptors", episode.Title);
        Assert.Equal(EpisodeMachine.Start.AddSeconds(300), episode.Begin);
        Assert.Equal(EpisodeMachine.Start.AddSeconds(330), episode.End);
        Assert.True(episode.IsEndKnown);
        Assert.Equal(
            new(EpisodeMachine.Start.AddSeconds(315), 1000, 1000, 1, 0, "files"),
            episode.Peak! with
            {
                Unit = "files",
            }
        );
        Assert.Equal(("critical", "failing"), (episode.Condition, episode.Phase));
        Assert.Equal("1,000 of 1,000 (100%)", episode.Evidence);
        Assert.Contains("exhausted", episode.Verdict, StringComparison.Ordinal);
        Assert.Equal("clw-resource-limit", episode.Code);
        Assert.Equal(
            [(300, "close"), (315, "failing"), (330, "close"), (330, "over")],
            episode.Phases.Select(static change => ((change.Time - EpisodeMachine.Start).TotalSeconds, change.Phase))
        );
        Assert.Equal(20, episode.Before.Length);
        Assert.Equal(new EpisodeSample(300, 0.5), episode.Before[0]);
        Assert.Equal(new EpisodeSample(15, 0.5), episode.Before[^1]);
        Assert.Equal(1, Assert.Single(_machine.History.Counts).Count);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(30)]
    [InlineData(45)]
    [InlineData(240)]
    public void A_problem_that_comes_and_goes_is_one_episode(int period)
    {
        for (var second = 0; second < 6 * 3600; second += 15)
            _machine.At(second, second / period % 2 == 0 ? 1000 : 10);

        var episode = Assert.Single(_machine.History.All);
        Assert.InRange(episode.Phases.Length, 1, 32);
    }

    [Fact]
    public void A_problem_that_returns_later_is_another_episode()
    {
        for (var second = 0; second <= 2 * 7 * 60; second += 15)
            _machine.At(second, second % (7 * 60) == 0 ? 1000 : 10);

        Assert.Equal([1, 2, 3], _machine.History.All.Select(static episode => episode.Number));
        Assert.Equal([true, true, false], _machine.History.All.Select(static episode => episode.End is not null));
        Assert.Equal(3, Assert.Single(_machine.History.Counts).Count);
    }

    [Fact]
    public void Ten_thousand_episodes_stay_within_the_bounds()
    {
        var seconds = 0;
        for (var i = 0; i < 10_000; i++, seconds += 7 * 60)
        {
            _machine.At(seconds, 1000);
            _machine.At(seconds + 90, 10);
        }

        Assert.InRange(_machine.History.All.Length, 24 * 60 / 7, EpisodeHistory.AtMost);
        Assert.Equal(10_000, _machine.History.All[^1].Number);
        Assert.All(_machine.History.All, episode =>
            Assert.True(_machine.Last!.Snapshot.Time - episode.End <= TimeSpan.FromDays(1))
        );
    }

    [Fact]
    public void An_unreadable_resource_does_not_end_an_episode_soon()
    {
        _machine.At(0, 1000);
        for (var second = 15; second <= 600; second += 15)
            Assert.Null(Assert.Single(_machine.At(second, null).All).End);
        var episode = Assert.Single(_machine.At(615, null).All);
        Assert.Equal(EpisodeMachine.Start, episode.End);
        Assert.False(episode.IsEndKnown);
    }

    [Fact]
    public void After_a_restart_a_problem_that_is_still_there_goes_on()
    {
        _machine.At(0, 1000);
        _machine.History = EpisodeHistory.Restore(_machine.History.All);
        Assert.Equal(1, Assert.Single(_machine.At(40, 1000).All).Number);
    }

    [Theory]
    [InlineData(40, 100, true)]
    [InlineData(3600, 3615, false)]
    public void After_a_restart_the_end_is_when_it_was_last_seen(int first, int second, bool isKnown)
    {
        _machine.At(0, 1000);
        _machine.History = EpisodeHistory.Restore(_machine.History.All);
        _machine.At(first, 10);
        var episode = Assert.Single(_machine.At(second, 10).All);
        Assert.Equal((EpisodeMachine.Start, isKnown), (episode.End, episode.IsEndKnown));
    }

    [Fact]
    public void A_long_absence_separates_two_episodes_of_one_problem()
    {
        _machine.At(0, 1000);
        _machine.History = EpisodeHistory.Restore(_machine.History.All);
        _machine.At(3600, 1000);
        Assert.Equal([(1, false), (2, true)], _machine.History.All.Select(static e => (e.Number, e.IsLasting)));
    }

    [Fact]
    public void A_clock_that_is_set_back_ends_an_episode()
    {
        _machine.At(7200, 1000);
        Assert.Equal(_machine.History.All[0].Begin, _machine.At(0, 10).All[0].End);
    }

    [Fact]
    public void A_burst_between_two_snapshots_is_the_peak()
    {
        var peaks = new FunctionReader<PoolPeaks>("pool_peaks", "", static _ => new PoolPeaks(
            new[] { KeyValuePair.Create(PoolCatalogue.SystemFileDescriptors, 0.999) }.ToImmutableDictionary()
        ));
        var peak = Assert.Single(_machine.At(0, 850, peaks).All).Peak;
        Assert.Equal((999.0, 0.999, 1.0), (peak!.Used, peak.Utilization, peak.Left));
        Assert.Equal("999 of 1,000 (99.9%)", _machine.History.All[0].Evidence);
    }

    /// <summary>The holders of the fullest moment stay, even if later ones are others.</summary>
    [Fact]
    public async Task Every_pool_has_its_episode_as_the_schema_says()
    {
        using var machine = new FilledMachine();
        foreach (var pool in FilledMachine.Pools)
            machine.Fill(pool, 1);
        var diagnosis = await machine.DiagnoseAsync();
        var history = EpisodeHistory.Empty.With(diagnosis);

        Assert.Equal(diagnosis.Problems.Length, history.All.Length);
        Assert.Equal(
            diagnosis.Problems.Select(static problem => (problem.Title, problem.Evidence, problem.Holder)),
            history.All.Select(static episode => (episode.Title, episode.Evidence, episode.Who))
        );
        var document = EpisodesDocument.From(history.All, DateTimeOffset.UtcNow, "1").Serialize();
        var schema = await JsonSchema.FromJsonAsync(
            File.ReadAllText(Repository.PathOf("src/OpenClaw.Exporter/Status/episodes.schema.json")),
            TestContext.Current.CancellationToken
        );
        Assert.Empty(schema.Validate(Encoding.UTF8.GetString(document)));
        Assert.NotEmpty(
            schema.Validate(Encoding.UTF8.GetString(document).Replace("\"who\"", "\"whose\"", StringComparison.Ordinal))
        );
        var read = EpisodesDocument.Parse(document).Value;
        Assert.Equal(document, (read with { }).Serialize());
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("""{"time":"2026-11-29T14:32:00Z","version":"1","episodes":[null]}""")]
    [InlineData("""{"time":"2026-11-29T14:32:00Z","version":"1"}""")]
    [InlineData("""{"time":"2026-11-29T14:32:00Z","version":"1","episodes":[{"number":1}]}""")]
    public void Other_documents_are_refused(string text) =>
        Assert.Equal(Absence.Malformed, EpisodesDocument.Parse(Encoding.UTF8.GetBytes(text)).Missing?.Reason);
}
