using System.Collections.Immutable;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.Exporter.Tests;

/// <summary>The episodes in the state directory.</summary>
[Collection(nameof(EnvironmentTests))]
public sealed class EpisodeFileTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("episodes").FullName;

    string FilePath => Path.Combine(_directory, EpisodeFile.Name);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Episodes_are_there_after_a_restart_and_for_nobody_else()
    {
        using (var file = EpisodeFile.Open(_directory))
        {
            file.Append([Made(1) with { End = null }, Made(2)]);
            file.Append([Made(1)]);
        }

        Assert.Equal([1, 2], Read().Select(static episode => episode.Number));
        Assert.All(Read(), static episode => Assert.NotNull(episode.End));
        Assert.Equal(EpisodeText.Line(Made(1)), EpisodeText.Line(Read()[0]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    /// <summary>A process that ends at any byte of a write loses that write at most.</summary>
    [Fact]
    public void A_write_that_ends_at_any_byte_loses_only_its_own_line()
    {
        using (var file = EpisodeFile.Open(_directory))
            file.Append([Made(1), Made(2), Made(3)]);
        var whole = File.ReadAllBytes(FilePath);
        var last = Array.LastIndexOf(whole, (byte)'\n', whole.Length - 2) + 1;

        for (var length = last; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            int[] expected = length >= whole.Length - 1 ? [1, 2, 3] : [1, 2];
            Assert.Equal(expected, Read().Select(static episode => (int)episode.Number));

            // The next process appends behind it.
            using (var file = EpisodeFile.Open(_directory))
                file.Append([Made(4)]);
            Assert.Equal([.. expected, 4], Read().Select(static episode => (int)episode.Number));
        }
    }

    [Fact]
    public void A_file_that_is_cut_at_any_of_200_points_has_all_lines_before()
    {
        using (var file = EpisodeFile.Open(_directory))
            file.Append(Enumerable.Range(1, 100).Select(static number => Made(number)));
        var whole = File.ReadAllBytes(FilePath);
        var random = new Random(20261129);
        for (var i = 0; i < 200; i++)
        {
            var length = random.Next(whole.Length);
            File.WriteAllBytes(FilePath, whole[..length]);
            var lines = whole[..length].Count(static one => one == '\n');
            Assert.InRange(Read().Length, lines, lines + 1);
        }
    }

    /// <summary>A wrong bit anywhere costs its line, and never makes another one of it.</summary>
    [Fact]
    public void A_damaged_byte_costs_its_line_only()
    {
        using (var file = EpisodeFile.Open(_directory))
            file.Append([Made(1), Made(2), Made(3)]);
        var whole = File.ReadAllBytes(FilePath);
        var lines = EpisodeText.Parse(whole).Select(EpisodeText.Line).ToList();
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x11;
            var read = EpisodeText.Parse(damaged).Select(EpisodeText.Line).ToList();

            // A line break that is damaged costs the lines on both sides.
            Assert.InRange(read.Count, whole[at] == '\n' ? 1 : 2, 3);
            Assert.All(read, line => Assert.Contains(lines, line.SequenceEqual));
        }
    }

    [Fact]
    public void Ten_thousand_episodes_stay_within_the_bounds()
    {
        using (var file = EpisodeFile.Open(_directory))
        {
            for (var number = 1; number <= 10_000; number += 20)
            {
                file.Append(Enumerable.Range(number, 20).Select(static number => Made(number)));
                Assert.InRange(new FileInfo(FilePath).Length, 1, EpisodeFile.BytesAtMost);
            }
        }

        Assert.Equal([FilePath], Directory.GetFiles(_directory));
        var read = Read();
        Assert.Equal(10_000, read[^1].Number);
        Assert.Equal(
            Enumerable.Range(10_001 - EpisodeHistory.AtMost, EpisodeHistory.AtMost),
            read.TakeLast(EpisodeHistory.AtMost).Select(static episode => (int)episode.Number)
        );
    }

    [Fact]
    public void An_episode_with_long_names_has_a_bounded_line()
    {
        var long300 = new string('ä', Bounded.Characters);
        var episode = Made(1) with
        {
            Title = long300,
            Verdict = long300,
            HolderLines = [.. Enumerable.Repeat(long300, Bounded.Items)],
            Effects = [.. Enumerable.Repeat(long300, Bounded.Items)],
            Holders =
            [
                .. Enumerable.Repeat(
                    new EpisodeHolder(long300, long300, 7, 1, long300, long300, long300, long300),
                    Bounded.Items
                ),
            ],
        };
        Assert.InRange(EpisodeText.Line(episode).Length, 1, EpisodeText.LineBytes);
        Assert.Equal(long300, Assert.Single(EpisodeText.Parse(EpisodeText.Line(episode))).Title);
    }

    [Fact]
    public void A_link_or_another_kind_of_file_is_not_written()
    {
        var other = Path.Combine(_directory, "other");
        File.WriteAllText(other, "mine");
        File.CreateSymbolicLink(FilePath, other);
        Assert.Contains("symbolic", Assert.Throws<IOException>(Open).Message, StringComparison.Ordinal);
        Assert.NotNull(EpisodeFile.Read(_directory).Missing);
        Assert.Equal("mine", File.ReadAllText(other));

        File.Delete(FilePath);
        Directory.CreateDirectory(FilePath);
        _ = Assert.Throws<IOException>(Open);

        void Open() => EpisodeFile.Open(_directory).Dispose();
    }

    [Fact]
    public void Two_exporters_do_not_write_one_file()
    {
        using var first = EpisodeFile.Open(_directory);
        Assert.EndsWith(
            "another exporter writes it",
            Assert.Throws<IOException>(() => EpisodeFile.Open(_directory)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_reported_and_tried_again()
    {
        var machine = new EpisodeMachine();
        File.CreateSymbolicLink(FilePath, "/dev/full");
        using var writer = new EpisodeWriter(_directory, TimeProvider.System);
        writer.Start();
        writer.Write(machine.At(0, 1000));
        await UntilAsync(() => writer.Failure is not null);
        Assert.StartsWith(_directory, writer.Failure, StringComparison.Ordinal);

        File.Delete(FilePath);
        var later = machine.At(15, 1000);
        await UntilAsync(() =>
        {
            // A snapshot while the writer fails once more changes nothing; the next one tries again.
            writer.Write(later);
            return writer.Failure is null;
        });
        writer.Stop(TimeSpan.FromSeconds(5));
        Assert.Equal(1, Assert.Single(Read()).Number);
    }

    /// <summary>An episode that only lasts is not written at each snapshot.</summary>
    [Fact]
    public void A_lasting_episode_costs_few_lines()
    {
        var machine = new EpisodeMachine();
        using (var writer = new EpisodeWriter(_directory, TimeProvider.System))
        {
            writer.Start();
            for (var second = 0; second < 50; second++)
                writer.Write(machine.At(second, 1000));
            for (var second = 50; second < 200; second += 15)
                writer.Write(machine.At(second, 10));
            writer.Stop(TimeSpan.FromSeconds(5));
        }

        Assert.InRange(File.ReadAllLines(FilePath).Length, 1, 2);
        Assert.Equal(EpisodeMachine.Start.AddSeconds(49), Assert.Single(Read()).End);
    }

    static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition())
            await Task.Delay(10, patience.Token);
    }

    ImmutableArray<Episode> Read() => EpisodeFile.Read(_directory).Value;

    static Episode Made(int number)
    {
        var begin = EpisodeMachine.Start.AddMinutes(number);
        return new()
        {
            Number = number,
            Begin = begin,
            End = begin.AddSeconds(40),
            IsEndKnown = true,
            LastSeen = begin.AddSeconds(40),
            Name = "ephemeral_connect_ports",
            Pool = "ephemeral_connect_ports",
            Subject = "",
            Title = "Ephemeral connect ports",
            Codes = ["clw-network-exhausted"],
            Condition = "critical",
            Phase = "failing",
            Netns = ["host"],
            Place = "tcp from 127.0.0.1 to 127.0.0.1:8443",
            Who = "node (pid 7)",
            Peak = new(begin.AddSeconds(20), 200, 200, 1, 0, "ports"),
            Verdict = "Ephemeral connect ports are exhausted.",
            Evidence = "200 of 200 (100%)",
            Effects = [],
            Holders = [new("node (pid 7)", "node", 7, 198, "/a", "", "", "")],
            HolderLines = ["node (pid 7): 198 of 200 ports"],
            Phases = [new(begin, "failing"), new(begin.AddSeconds(40), "over")],
            Before = [new(15, 0.5)],
        };
    }
}
