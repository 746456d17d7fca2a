using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>Paths of a process in a container, whose absolute links begin at the container's root.</summary>
public sealed class RootedPathTests : IDisposable
{
    readonly TemporaryFolder _proc = new();

    public RootedPathTests()
    {
        _proc.Write("300/root/data/logs/today.log", "");
        Link("var/log", "/data/logs");
        Link("relative", "data/../data/./logs");
        Link("above", "../../../data");
        Link("twice", "/var/log/today.log");
        Link("circle", "/circle");
    }

    public void Dispose() => _proc.Dispose();

    [Theory]
    [InlineData("/data/logs", "/data/logs")]
    [InlineData("/var/log", "/data/logs")]
    [InlineData("/var/log/today.log", "/data/logs/today.log")]
    [InlineData("/relative/today.log", "/data/logs/today.log")]
    [InlineData("/above", "/data")]
    [InlineData("/twice", "/data/logs/today.log")]
    [InlineData("/var/log/../../../data", "/data")]
    [InlineData("/data/none", "/data/none")]
    [InlineData("/", "")]
    public void Links_begin_at_the_root_of_the_process(string path, string target) =>
        Assert.Equal(Root + target, RootedPath.Resolve(Root, path));

    [Fact]
    public void A_circle_of_links_ends() =>
        Assert.StartsWith(Root, RootedPath.Resolve(Root, "/circle"), StringComparison.Ordinal);

    [Fact]
    public void A_log_behind_an_absolute_link_is_reached() =>
        Assert.Equal($"{Root}/data/logs", FromHere("/var/log").Value);

    /// <summary>A file of the exporter with the same name is another one. The container may get its own.</summary>
    [Fact]
    public void A_file_that_only_the_exporter_has_is_not_that_of_the_container() =>
        Assert.Equal($"{Root}/etc/hostname", FromHere("/etc/hostname").Value);

    [Fact]
    public void A_file_that_nobody_has_is_below_the_root_of_the_container() =>
        Assert.Equal($"{Root}/data/none", FromHere("/data/none").Value);

    /// <summary>A process with the same root as the exporter has the same files.</summary>
    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("/data/none")]
    public void A_process_with_the_same_root_needs_no_other_path(string path)
    {
        Directory.CreateDirectory(_proc.PathOf("301"));
        File.CreateSymbolicLink(_proc.PathOf("301/root"), "/");

        Assert.Equal(path, OpenedFiles.PathFromHere(new ProcMount(_proc.PathOf("")), 301, path).Value);
    }

    /// <summary>The root of another user's process may not be read.</summary>
    [Fact]
    public void Below_a_root_that_may_not_be_read_nothing_is_reached()
    {
        Directory.CreateDirectory(_proc.PathOf("closed/root"));
        Directory.CreateDirectory(_proc.PathOf("302"));
        File.CreateSymbolicLink(_proc.PathOf("302/root"), _proc.PathOf("closed/root"));
        File.SetUnixFileMode(_proc.PathOf("closed"), UnixFileMode.None);

        var reading = Capabilities.Only([], () =>
            OpenedFiles.PathFromHere(new ProcMount(_proc.PathOf("")), 302, "/etc/hostname")
        );

        File.SetUnixFileMode(_proc.PathOf("closed"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(Absence.NotPermitted, reading.Missing?.Reason);
    }

    Reading<string> FromHere(string path) => OpenedFiles.PathFromHere(new ProcMount(_proc.PathOf("")), 300, path);

    string Root => _proc.PathOf("300/root");

    void Link(string path, string target)
    {
        var link = _proc.PathOf($"300/root/{path}");
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, target);
    }
}
