using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using OpenClaw.Exporter.Episodes;

namespace OpenClaw.KernelTests;

/// <summary>
/// Kills a process that does nothing but write episodes. The process is this test program itself, which writes instead
/// of testing where a variable names the directory.
/// </summary>
public sealed class EpisodeKillTests : IDisposable
{
    const string Variable = "OPENCLAW_TEST_EPISODES";
    const int Kills = 200;
    const int Writers = 4;

    readonly string _directory = Directory.CreateTempSubdirectory("killed").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>
    /// Each episode that was acknowledged before the kill is there. At most the one that was being written is lost. The
    /// start of a process takes longest, so several write at once, each into a directory of its own.
    /// </summary>
    [Fact]
    public async Task Two_hundred_kills_lose_no_episode_that_was_written()
    {
        var interrupted = await Task.WhenAll(Enumerable.Range(0, Writers).Select(KillAsync));

        TestContext.Current.TestOutputHelper?.WriteLine($"{interrupted.Sum()} of {Kills} kills left a part of a line");
    }

    /// <summary>Kills the writers of a directory one after the other. Returns how many left a part of a line.</summary>
    async Task<int> KillAsync(int number)
    {
        var random = new Random(20261129 + number);
        var directory = Directory.CreateDirectory(Path.Combine(_directory, $"{number}")).FullName;
        var interrupted = 0;
        for (var kill = 0; kill < Kills / Writers; kill++)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            start.Environment[Variable] = directory;
            using var writer = ChildProcess.Start(start);
            var first = await writer.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.NotNull(first);
            Thread.Sleep(TimeSpan.FromMicroseconds(random.Next(4000)));
            writer.Kill();
            var written = await writer.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await writer.WaitForExitAsync(TestContext.Current.CancellationToken);

            // The last number may be cut by the kill, too.
            var lines = written.Split('\n')[..^1].Prepend(first);
            var numbers = EpisodeFile.Read(directory).Value.Select(static episode => episode.Number).ToArray();
            Assert.Equal(Enumerable.Range(0, numbers.Length).Select(at => numbers[0] + at), numbers);
            Assert.InRange(numbers[^1] - long.Parse(lines.Last(), CultureInfo.InvariantCulture), 0, 1);
            var file = await File.ReadAllBytesAsync(
                Path.Combine(directory, EpisodeFile.Name),
                TestContext.Current.CancellationToken
            );
            Assert.InRange(file.Length, 1, EpisodeFile.BytesAtMost);
            interrupted += file[^1] == '\n' ? 0 : 1;
        }

        return interrupted;
    }

    /// <summary>Writes episodes until the process is killed, and prints the number of each.</summary>
    [ModuleInitializer]
    internal static void WriteWhereAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } directory)
            return;
        var number = EpisodeFile.Read(directory).TryGet(out var written) && written is [.., var last] ? last.Number : 0;
        using var file = EpisodeFile.Open(directory);
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        while (true)
        {
            file.Append([Made(++number)]);
            output.Write(number.ToString(CultureInfo.InvariantCulture) + "\n");
        }
    }

    /// <summary>Makes an episode whose line has about 5 KB, as one with many holders.</summary>
    static Episode Made(long number)
    {
        var time = DateTimeOffset.UnixEpoch.AddSeconds(number);
        return new()
        {
            Number = number,
            Begin = time,
            End = time,
            IsEndKnown = true,
            LastSeen = time,
            Name = "time_wait_sockets",
            Subject = "",
            Title = "TIME_WAIT sockets",
            Codes = ["clw-network-exhausted"],
            Condition = "critical",
            Phase = "failing",
            Netns = ["host"],
            Place = "",
            Who = "",
            Verdict = "exhausted",
            Evidence = "10 of 10",
            Effects = [.. Enumerable.Repeat(new string('e', 300), 8)],
            Holders = [],
            HolderLines = [.. Enumerable.Repeat(new string('h', 300), 8)],
            Phases = [new(time, "failing")],
            Before = [],
        };
    }
}
