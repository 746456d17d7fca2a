using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
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
        Assert.Equal($"{Root}/data/logs", OpenedFiles.PathFromHere(new ProcMount(_proc.PathOf("")), 300, "/var/log"));

    string Root => _proc.PathOf("300/root");

    void Link(string path, string target)
    {
        var link = _proc.PathOf($"300/root/{path}");
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, target);
    }
}
