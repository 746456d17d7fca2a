using System.Collections.Immutable;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Fixes;

namespace OpenClaw.Exporter.Tests;

/// <summary>Episodes name what the command fix did about their problem.</summary>
public sealed class EpisodeFixTests : IDisposable
{
    const string Files = "system_file_descriptors";

    readonly TemporaryFolder _root = new();
    readonly EpisodeMachine _machine = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_fix_belongs_to_the_episode_in_which_it_was_applied()
    {
        _machine.At(0, 1000);
        _machine.At(90, 10);
        _machine.At(600, 1000);
        _machine.At(700, 10);

        var history = _machine.History.With([
            Entry(20, 1, FixEntry.Applied, Files),
            Entry(610, 2, FixEntry.Applied, Files),
            Entry(620, 3, FixEntry.Applied, "conntrack_entries"),
            Entry(5000, 2, FixEntry.Undone, Files),
            Entry(9000, 1, FixEntry.Undone, Files),
        ]);

        Assert.Equal(
            [
                [(1, "applied", 20.0), (1, "undone", 9000.0)],
                [(2, "applied", 610.0), (2, "undone", 5000.0)],
            ],
            history.All.Select(static episode =>
                episode.Fixes.Select(static fix =>
                    (fix.Fix, fix.Action, (fix.Time - EpisodeMachine.Start).TotalSeconds)
                )
            )
        );

        // Reading the same diary again adds nothing, and the bound holds.
        var again = history.With([Entry(20, 1, FixEntry.Applied, Files)]);
        Assert.Equal(2, again.All[0].Fixes.Length);
        var many = Enumerable.Range(0, 50).Select(i => Entry(20 + i, i + 1, FixEntry.Applied, Files));
        Assert.Equal(8, history.With([.. many]).All[0].Fixes.Length);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(300, true)]
    [InlineData(500, false)]
    public void A_fix_before_or_long_after_a_problem_is_not_its_own(int second, bool isIts)
    {
        _machine.At(0, 1000);
        _machine.At(90, 10);
        _machine.At(200, 10);

        var episode = Assert.Single(_machine.History.With([Entry(second, 1, FixEntry.Applied, Files)]).All);

        Assert.Equal(isIts, !episode.Fixes.IsEmpty);
    }

    [Fact]
    public void Its_actions_outlast_the_process_and_are_printed()
    {
        _machine.At(0, 1000);
        var episode = _machine.History.With([Entry(20, 3, FixEntry.Applied, Files)]).All[0];

        var read = Assert.Single(EpisodeText.Parse(EpisodeText.Line(episode)));
        Assert.Equal(episode.Fixes, read.Fixes);
        var text = System.Text.Encoding.UTF8.GetString(EpisodeText.Line(episode));
        Assert.Contains("\"fixes\":[{", text, StringComparison.Ordinal);

        using var output = new StringWriter();
        EpisodePrinter.PrintOne(output, read, EpisodeMachine.Start.AddMinutes(5));
        Assert.Contains(
            "  fix 3           applied 2026-11-29 14:32:20 UTC: fs.file-max from '1' to '2'\n",
            output.ToString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_diary_keeps_the_last_actions_and_no_strange_lines()
    {
        Directory.CreateDirectory(_root.PathOf(FixRecords.FolderName));
        var diary = new FixDiary(_root.PathOf(""), new());
        Assert.Empty(diary.Read());
        var all = Enumerable.Range(1, 130).Select(i => Entry(i, i, FixEntry.Kept, Files)).ToImmutableArray();
        foreach (var entry in all)
            diary.Add(entry);

        Assert.Equal(all.TakeLast(FixDiary.AtMost), diary.Read());
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            File.GetUnixFileMode(diary.File)
        );

        File.WriteAllText(diary.File, "1\t2\napplied\n\n" + all[0].Line() + "\n" + all[1].Line()[..9]);
        Assert.Equal([all[0]], diary.Read());
    }

    static FixEntry Entry(double second, int fix, string action, string name) =>
        new(EpisodeMachine.Start.AddSeconds(second), fix, action, new(name, "", ""), "fs.file-max from '1' to '2'");
}
