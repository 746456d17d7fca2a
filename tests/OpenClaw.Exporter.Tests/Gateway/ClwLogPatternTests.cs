using System.Globalization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The log of a real Gateway: a file each day, with numbered older parts.</summary>
public sealed class ClwLogPatternTests : IDisposable
{
    const string Error = "{\"message\":\"connect EADDRNOTAVAIL 10.0.0.5:443 - Local (0.0.0.0:0)\"}\n";

    readonly TemporaryFolder _folder = new();
    readonly ClwLogReader _reader;

    public ClwLogPatternTests() => _reader = new(_folder.PathOf("openclaw*-*.log"), TimeProvider.System);

    public void Dispose()
    {
        _reader.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Files_at_the_start_are_read_from_their_end_and_later_ones_from_their_start()
    {
        Write("openclaw-2026-11-27.log");
        Write("openclaw-work-2026-11-28.log");
        Assert.Equal(0, Count());

        Write("openclaw-2026-11-27.log");
        Write("openclaw-work-2026-11-28.log");
        Write("openclaw-2026-11-28.log");
        Write("other-2026-11-28.log");

        Assert.Equal(3, Count());
        Assert.Equal(3, Count());
    }

    [Fact]
    public void A_pattern_without_files_is_no_zero()
    {
        var reading = _reader.Look();

        Assert.Equal(Absence.NotPresent, reading.Missing?.Reason);
        Assert.Contains("openclaw*-*.log", reading.Missing!.Detail, StringComparison.Ordinal);

        Write("openclaw-2026-11-28.log");
        Assert.Equal(1, Count());
    }

    [Fact]
    public void A_folder_that_appears_later_is_read_from_its_start()
    {
        using var reader = new ClwLogReader(_folder.PathOf("of-*/openclaw-*.log"), TimeProvider.System);
        Assert.Equal(Absence.NotPresent, reader.Look().Missing?.Reason);

        Write("of-nobody");
        Write("of-a/openclaw-1.log");
        Write("of-b/openclaw-1.log");

        Assert.Equal(2, reader.Look().Value.Counts[ClwCodes.NetworkExhausted]);
        Assert.Null(reader.RunHere().Failure);
    }

    /// <summary>A log is looked at five times a second, and its folder may have thousands of other files.</summary>
    [Fact]
    public void A_folder_that_did_not_change_is_not_listed_again()
    {
        Write("openclaw-2026-11-28.log");
        Directory.SetLastWriteTimeUtc(_folder.PathOf(""), DateTime.UtcNow.AddMinutes(-1));
        var lines = new CountedBytes();
        using var files = new FollowedFiles(_folder.PathOf("openclaw*-*.log"), () => lines);
        for (var i = 0; i < 20; i++)
        {
            Write("openclaw-2026-11-28.log");
            Assert.Null(files.Follow());
        }

        Assert.Equal(1, files.ListingCount);
        Assert.Equal(19 * Error.Length, lines.Count);

        Write("openclaw-2026-11-29.log");
        Assert.Null(files.Follow());
        Assert.Equal(20 * Error.Length, lines.Count);
    }

    sealed class CountedBytes : IFileReceiver
    {
        public int Count { get; private set; }

        public void Append(ReadOnlySpan<byte> bytes) => Count += bytes.Length;

        public void EndFile() { }
    }

    [Fact]
    public void Rotation_loses_nothing_and_counts_nothing_twice()
    {
        Write("openclaw-2026-11-28.log");
        Assert.Equal(0, Count());
        for (var turn = 1; turn <= 6; turn++)
        {
            // The last line before the rename is read after it.
            Write("openclaw-2026-11-28.log");
            Rotate();
            Write("openclaw-2026-11-28.log");

            Assert.Equal(2 * turn, Count());
        }

        // A writer that still has the old file open.
        Write("openclaw-2026-11-28.1.log");
        Assert.Equal(13, Count());
    }

    [Fact]
    public void A_rotation_between_any_two_looks_counts_every_line_once()
    {
        Write("openclaw-2026-11-28.log");
        Assert.Equal(0, Count());
        var (looks, written, isDone) = (0, 0, false);
        var writer = new Thread(() =>
        {
            for (var turn = 0; turn < 100; turn++)
            {
                for (var i = 0; i < 3; i++, written++)
                    Write("openclaw-2026-11-28.log");
                Rotate();

                // Only five numbered files stay: the writer waits for a look now and then.
                var seen = Volatile.Read(ref looks);
                SpinWait.SpinUntil(() => turn % 2 == 0 || Volatile.Read(ref looks) > seen + 1);
            }

            Volatile.Write(ref isDone, true);
        });
        writer.Start();
        while (!Volatile.Read(ref isDone))
        {
            _ = _reader.Look();
            Interlocked.Increment(ref looks);
        }

        writer.Join();
        Assert.Equal(written, Count());
    }

    [Fact]
    public void At_midnight_both_files_are_read()
    {
        Write("openclaw-2026-11-27.log");
        Assert.Equal(0, Count());

        Append("openclaw-2026-11-27.log", Error[..20]);
        Write("openclaw-2026-11-28.log");
        Assert.Equal(1, Count());
        Append("openclaw-2026-11-27.log", Error[20..]);

        Assert.Equal(2, Count());
    }

    [Fact]
    public void A_pruned_file_is_closed_and_its_counts_stay()
    {
        Write("openclaw-2026-11-27.log");
        Write("openclaw-2026-11-28.log");
        Assert.Equal(0, Count());
        Write("openclaw-2026-11-27.log");
        File.Delete(_folder.PathOf("openclaw-2026-11-27.log"));

        Assert.Equal(1, Count());

        Assert.Equal(["openclaw-2026-11-28.log"], OpenFiles());
        Assert.Null(_reader.RunHere().Failure);
        File.Delete(_folder.PathOf("openclaw-2026-11-28.log"));
        Assert.Equal(1, Count());
        Assert.Empty(OpenFiles());
        Assert.Equal(Absence.NotPresent, _reader.RunHere().Failure?.Reason);
        Write("openclaw-2026-11-29.log");
        Assert.Equal(2, Count());
    }

    [Fact]
    public void At_most_16_files_stay_open_and_every_line_counts()
    {
        for (var i = 0; i < 40; i++)
            Write(Numbered(i));
        Assert.Equal(0, Count());
        Assert.Equal(FollowedFiles.OpenAtMost, OpenFiles().Count);

        for (var i = 0; i < 40; i++)
            Write(Numbered(i));
        Write(Numbered(3));

        Assert.Equal(41, Count());
        Assert.InRange(OpenFiles().Count, 1, FollowedFiles.OpenAtMost);
        Write(Numbered(0));
        Assert.Equal(42, Count());

        static string Numbered(int i) => string.Create(CultureInfo.InvariantCulture, $"openclaw-{i}.log");
    }

    [Fact]
    public void A_truncated_file_is_read_from_its_start()
    {
        Write("openclaw-1.log");
        Assert.Equal(0, Count());
        File.WriteAllText(_folder.PathOf("openclaw-1.log"), "");
        Assert.Equal(0, Count());

        Write("openclaw-1.log");

        Assert.Equal(1, Count());
    }

    /// <summary>Any user can create a link in a shared folder, to a file that only the exporter may read.</summary>
    [Fact]
    public void Symbolic_links_and_folders_are_not_followed()
    {
        Write("openclaw-1.log");
        Assert.Equal(0, Count());
        Write("secret");
        File.CreateSymbolicLink(_folder.PathOf("openclaw-2.log"), _folder.PathOf("secret"));
        Directory.CreateDirectory(_folder.PathOf("openclaw-3.log"));

        Assert.Equal(0, Count());
        Assert.Null(_reader.RunHere().Failure);
    }

    [Fact]
    public async Task Between_scrapes_it_reads_on_by_itself()
    {
        Write("openclaw-1.log");
        var cancellation = TestContext.Current.CancellationToken;
        await _reader.StartAsync(cancellation);
        Write("openclaw-1.log");
        File.Move(_folder.PathOf("openclaw-1.log"), _folder.PathOf("openclaw-1.1.log"));
        Write("openclaw-1.log");
        await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        await _reader.StopAsync(cancellation);

        Assert.Equal(2, Count());
    }

    void Rotate()
    {
        var name = _folder.PathOf("openclaw-2026-11-28");
        for (var i = 4; i >= 1; i--)
        {
            if (File.Exists($"{name}.{i}.log"))
                File.Move($"{name}.{i}.log", $"{name}.{i + 1}.log", overwrite: true);
        }

        File.Move($"{name}.log", $"{name}.1.log");
    }

    void Write(string name) => Append(name, Error);

    void Append(string name, string text)
    {
        var path = _folder.PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.AppendAllText(path, text);
    }

    long Count() => _reader.Look().Value.Counts[ClwCodes.NetworkExhausted];

    /// <summary>Returns the names of the files in the folder that this process has open.</summary>
    List<string> OpenFiles() =>
        [
            .. Directory
                .EnumerateFiles("/proc/self/fd")
                .Select(static link => new FileInfo(link).LinkTarget ?? "")
                .Where(target => target.StartsWith(_folder.PathOf("openclaw"), StringComparison.Ordinal))
                .Select(static target => Path.GetFileName(target)),
        ];
}
