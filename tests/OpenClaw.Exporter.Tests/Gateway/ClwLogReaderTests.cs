using System.Text;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public sealed class ClwLogReaderTests : IDisposable
{
    const string Block =
        "[OpenClaw Error] Operation failed\nError Code: clw-network-exhausted\nContext: network\nDetails: No "
        + "ephemeral ports available\n";

    readonly TemporaryFolder _folder = new();
    readonly string _path;
    readonly ClwLogReader _reader;

    public ClwLogReaderTests()
    {
        _path = _folder.PathOf("openclaw.log");
        _reader = new(_path, TimeProvider.System);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Only_lines_after_the_start_are_counted()
    {
        File.WriteAllText(_path, Block);
        Assert.All(ClwCodes.All, code => Assert.Equal(0, _reader.Look().Value.Counts[code]));

        File.AppendAllText(_path, Block);

        Assert.Equal(1, Exhausted());
        Assert.Equal(1, Exhausted());
    }

    [Fact]
    public void The_last_error_keeps_its_context_and_details()
    {
        Start();

        File.AppendAllText(_path, Block + "an ordinary line\nDetails: of something else\n");

        var last = _reader.Look().Value.Recent[0];
        Assert.Equal(
            ("clw-network-exhausted", "network", "No ephemeral ports available"),
            (last.Code, last.Context, last.Details)
        );
        Assert.InRange(last.Time, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
    }

    [Fact]
    public void A_log_that_is_not_there_is_no_zero()
    {
        var reading = _reader.Look();

        Assert.Equal(Absence.NotPresent, reading.Missing?.Reason);
        Assert.Contains(_path, reading.Missing!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_appears_later_is_read_from_its_start()
    {
        _ = _reader.Look();

        File.WriteAllText(_path, Block);

        Assert.Equal(1, Exhausted());
    }

    [Fact]
    public void Rotation_loses_nothing()
    {
        Start();
        File.AppendAllText(_path, Block);
        File.Move(_path, _path + ".1");
        Assert.Equal(1, Exhausted());

        // There are two writers: one has reopened the log, the other has not yet.
        File.AppendAllText(_path + ".1", Block);
        File.WriteAllText(_path, Block);
        Look(times: 1);
        File.AppendAllText(_path + ".1", Block);
        Look(times: 3);
        Assert.Equal(4, Exhausted());

        File.AppendAllText(_path, Block);
        Assert.Equal(5, Exhausted());
    }

    [Fact]
    public void The_last_line_of_a_rotated_file_needs_no_newline_and_does_not_run_into_the_next_file()
    {
        Start();
        File.AppendAllText(_path, "code=clw-port-conflict");
        File.Move(_path, _path + ".1");
        File.WriteAllText(_path, "-s of another file\n");
        Look(times: 3);

        Assert.Equal(1, _reader.Look().Value.Counts["clw-port-conflict"]);
        Assert.Equal(ClwCodes.All.Length, _reader.Look().Value.Counts.Count);
    }

    [Fact]
    public void A_truncated_file_is_read_from_its_start()
    {
        Start();
        File.AppendAllText(_path, Block + Block + "begun and cut");
        Assert.Equal(2, Exhausted());

        File.WriteAllText(_path, Block);

        Assert.Equal(3, Exhausted());
    }

    [Fact]
    public void A_line_counts_once_it_is_complete_however_it_is_cut()
    {
        Start();
        foreach (var piece in Encoding.UTF8.GetBytes(Block))
        {
            Append([piece]);
            Look(times: 1);
        }

        Assert.Equal(1, Exhausted());
        Assert.Equal("No ephemeral ports available", _reader.Look().Value.Recent[0].Details);

        File.AppendAllText(_path, "Error Code: clw-port");
        Assert.Equal(ClwCodes.All.Length, _reader.Look().Value.Counts.Count);
        File.AppendAllText(_path, "-conflict\n");
        Assert.Equal(1, _reader.Look().Value.Counts["clw-port-conflict"]);
    }

    [Fact]
    public void A_line_of_a_megabyte_is_skipped_in_bounded_memory()
    {
        Start();
        File.AppendAllText(_path, "clw-resource-limit " + new string('x', 1 << 20) + " clw-port-conflict\n" + Block);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var counts = _reader.Look().Value.Counts;

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128 * 1024);
        Assert.Equal(1, counts["clw-resource-limit"]);
        Assert.Equal(0, counts["clw-port-conflict"]);
        Assert.Equal(1, counts["clw-network-exhausted"]);
    }

    [Fact]
    public void Invalid_UTF8_harms_nothing()
    {
        Start();
        Append([
            0xff,
            0xfe,
            0x00,
            (byte)'\n',
            .. "Error Code: clw-port-conflict\nDetails: caf"u8,
            0xc3,
            0x28,
            (byte)'\n',
            0xc3,
        ]);
        Append("\n\xff code=clw-port-conflict"u8);
        Append([0xe2, 0x82, (byte)'\n']);

        var errors = _reader.Look().Value;
        Assert.Equal(2, errors.Counts["clw-port-conflict"]);
        Assert.Equal(ClwCodes.All.Length, errors.Counts.Count);
    }

    [Fact]
    public void A_FIFO_is_read_without_waiting_for_writers()
    {
        ChildProcess.Start(new("mkfifo", [_path])).WaitForExit();
        Assert.Equal(0, Exhausted());
        for (var i = 1; i <= 2; i++)
        {
            using (var writer = new FileStream(_path, FileMode.Open, FileAccess.Write))
            {
                writer.Write(Encoding.UTF8.GetBytes(Block));
                writer.Flush();
                Assert.Equal(i, Exhausted());
            }

            Assert.Equal(i, Exhausted());
        }
    }

    [Fact]
    public async Task Between_scrapes_it_reads_on_by_itself()
    {
        ChildProcess.Start(new("mkfifo", [_path])).WaitForExit();
        var cancellation = TestContext.Current.CancellationToken;
        await _reader.StartAsync(cancellation);

        // The text is larger than a pipe's buffer, so the writer finishes only if the reader reads.
        await Task.Run(() => File.WriteAllText(_path, string.Concat(Enumerable.Repeat(Block, 2000))), cancellation)
            .WaitAsync(TimeSpan.FromSeconds(20), cancellation);

        Assert.Equal(2000, Exhausted());
        await _reader.StopAsync(cancellation);
    }

    [Fact]
    public void A_log_that_is_gone_keeps_its_counts_and_the_reader_says_so()
    {
        Start();
        File.AppendAllText(_path, Block);
        File.Delete(_path);

        var gone = Run();

        Assert.Equal(1, gone.Counts);
        Assert.Equal(Absence.NotPresent, gone.Failure?.Reason);
        File.WriteAllText(_path, Block);
        Assert.Equal((2, null), Run());
    }

    [Fact]
    public async Task A_FIFO_that_was_made_anew_is_read_on()
    {
        ChildProcess.Start(new("mkfifo", [_path])).WaitForExit();
        Assert.Equal(0, Exhausted());
        File.Delete(_path);
        ChildProcess.Start(new("mkfifo", [_path])).WaitForExit();
        _ = _reader.Look();

        // Opening a FIFO for writing blocks until it has a reader.
        var writing = Task.Run(() => File.WriteAllText(_path, Block), TestContext.Current.CancellationToken);
        var isWritten =
            await Task.WhenAny(writing, Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken))
            == writing;
        if (!isWritten)
        {
            using var release = new FileStream(_path, FileMode.Open, FileAccess.Read);
            await writing;
        }

        Assert.True(isWritten, "the writer waits for ever");
        Look(times: 2);
        Assert.Equal(1, Exhausted());
    }

    /// <summary>
    /// Lines from before the log was readable count as old, like the lines in a log that is readable at the start.
    /// </summary>
    [Fact]
    public void A_log_that_becomes_readable_is_not_counted_from_its_start()
    {
        File.WriteAllText(_path, Block);
        File.SetUnixFileMode(_path, UnixFileMode.None);
        Assert.Equal(Absence.NotPermitted, Capabilities.Only([], () => _reader.Look()).Missing?.Reason);
        File.AppendAllText(_path, Block);

        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.Equal(1, Exhausted());
    }

    [Fact]
    public void A_log_whose_folder_becomes_readable_is_not_counted_from_its_start()
    {
        File.WriteAllText(_path, Block);
        var folder = Path.GetDirectoryName(_path)!;
        File.SetUnixFileMode(folder, UnixFileMode.None);
        Assert.Equal(Absence.NotPermitted, Capabilities.Only([], () => _reader.Look()).Missing?.Reason);

        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        Assert.Equal(0, Exhausted());
        File.AppendAllText(_path, Block);
        Assert.Equal(1, Exhausted());
    }

    /// <summary>
    /// After a temporary error, as on a network file system, the reappearing file does not count as new.
    /// </summary>
    [Fact]
    public void An_error_that_passes_does_not_make_history_new()
    {
        File.CreateSymbolicLink(_path, _path);
        Assert.Equal(Absence.Failed, _reader.Look().Missing?.Reason);
        File.Delete(_path);
        File.WriteAllText(_path, Block);

        Assert.Equal(0, Exhausted());
    }

    [Fact]
    public void A_folder_is_no_log()
    {
        Directory.CreateDirectory(_path);

        Assert.NotNull(_reader.Look().Missing);
    }

    void Start()
    {
        File.WriteAllText(_path, "");
        Assert.Equal(0, Exhausted());
    }

    (long Counts, Missing? Failure) Run()
    {
        var run = _reader.RunHere();
        return (Exhausted(), run.Failure);
    }

    long Exhausted() => _reader.Look().Value.Counts["clw-network-exhausted"];

    void Look(int times)
    {
        for (var i = 0; i < times; i++)
            _ = _reader.Look();
    }

    void Append(ReadOnlySpan<byte> bytes)
    {
        using var file = new FileStream(_path, FileMode.Append);
        file.Write(bytes);
    }
}
