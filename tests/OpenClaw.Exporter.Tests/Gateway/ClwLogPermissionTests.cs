using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>A real Gateway's log is its owner's alone.</summary>
public sealed class ClwLogPermissionTests : IDisposable
{
    const string Error = "spawn EBADF\n";

    readonly TemporaryFolder _folder = new();
    readonly ClwLogReader _reader;

    public ClwLogPermissionTests() => _reader = new(_folder.PathOf("openclaw*-*.log"), TimeProvider.System);

    public void Dispose()
    {
        _reader.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_named_with_its_owner_and_the_missing_right()
    {
        var path = _folder.PathOf("openclaw-1.log");
        Write("openclaw-1.log");
        File.SetUnixFileMode(path, UnixFileMode.None);

        var missing = Capabilities.Only([], () => _reader.Look()).Missing;

        Assert.Equal(Absence.NotPermitted, missing?.Reason);
        Assert.Equal(
            $"{path}: Permission denied: owned by uid {Uid()}, mode 0000: "
                + "run as that user, or with CAP_DAC_READ_SEARCH",
            missing!.Detail
        );

        // Its lines from before it was readable are old.
        Write("openclaw-1.log");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(1, Count());
    }

    [Fact]
    public void A_file_that_may_not_be_read_does_not_hide_the_others()
    {
        Write("openclaw-1.log");
        Write("openclaw-2.log");
        File.SetUnixFileMode(_folder.PathOf("openclaw-1.log"), UnixFileMode.None);
        Assert.True(Capabilities.Only([], () => _reader.Look()).TryGet(out _));
        Write("openclaw-2.log");

        var run = Capabilities.Only([], _reader.RunHere);

        Assert.Equal(Absence.NotPermitted, run.Failure?.Reason);
        Assert.Contains("openclaw-1.log: Permission denied", run.Failure!.Detail, StringComparison.Ordinal);
        Assert.Equal(1, Count());
    }

    [Fact]
    public void A_folder_that_may_not_be_listed_is_named_and_its_files_stay_known()
    {
        var folder = _folder.PathOf("");
        Write("openclaw-1.log");
        File.SetUnixFileMode(folder, UnixFileMode.None);
        var missing = Capabilities.Only([], () => _reader.Look()).Missing;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        Assert.Equal(Absence.NotPermitted, missing?.Reason);
        Assert.Contains($"owned by uid {Uid()}, mode 0000", missing!.Detail, StringComparison.Ordinal);
        Assert.Equal(0, Count());
        Write("openclaw-1.log");
        File.SetUnixFileMode(folder, UnixFileMode.None);
        for (var i = 0; i < 100; i++)
            _ = Capabilities.Only([], () => _reader.Look());
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(1, Count());
    }

    [Fact]
    public void A_path_without_stars_has_the_same_words()
    {
        var path = _folder.PathOf("openclaw-1.log");
        using var reader = new ClwLogReader(path, TimeProvider.System);
        Write("openclaw-1.log");
        File.SetUnixFileMode(path, UnixFileMode.UserWrite);

        var missing = Capabilities.Only([], () => reader.Look()).Missing;

        Assert.Contains($"denied: owned by uid {Uid()}, mode 0200: run as", missing?.Detail, StringComparison.Ordinal);
    }

    void Write(string name) => File.AppendAllText(_folder.PathOf(name), Error);

    long Count() => _reader.Look().Value.Counts[ClwCodes.ResourceLimit];

    static string Uid() =>
        File.ReadLines("/proc/self/status")
            .First(static line => line.StartsWith("Uid:", StringComparison.Ordinal))
            .Split('\t')[1];
}
