using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Tests;

public sealed class SysctlConfigurationTests : IDisposable
{
    const string SoMaxConn = "net/core/somaxconn";

    readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("openclaw-root-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Later_names_win_whatever_the_directory()
    {
        Write("etc/sysctl.d/10-a.conf", "net.core.somaxconn = 1");
        Write("usr/lib/sysctl.d/50-b.conf", "net.core.somaxconn = 2");
        Write("run/sysctl.d/20-c.conf", "net.core.somaxconn = 3");

        Assert.Equal("2", Read(SoMaxConn));
    }

    [Fact]
    public void The_first_directory_hides_files_of_the_same_name()
    {
        Write("usr/lib/sysctl.d/50-b.conf", "net.core.somaxconn = 2\nfs.file-max = 5");
        Write("usr/local/lib/sysctl.d/50-b.conf", "net.core.somaxconn = 3");
        Assert.Equal(("3", null), (Read(SoMaxConn), Read("fs/file-max")));

        Write("run/sysctl.d/50-b.conf", "");
        Assert.Null(Read(SoMaxConn));

        Link("etc/sysctl.d/50-b.conf", "/dev/null");
        Assert.Null(Read(SoMaxConn));
    }

    [Theory]
    [InlineData("../sysctl.conf")]
    [InlineData("/etc/sysctl.conf")]
    public void The_old_file_counts_only_by_a_link(string target)
    {
        Write("etc/sysctl.conf", "net.core.somaxconn=7");
        Write("etc/sysctl.d/50-b.conf", "net.core.somaxconn=2");
        Assert.Equal("2", Read(SoMaxConn));

        Link("etc/sysctl.d/99-sysctl.conf", target);

        Assert.Equal("7", Read(SoMaxConn));
    }

    [Theory]
    [InlineData("net.core.somaxconn=4096", "4096")]
    [InlineData("  net/core/somaxconn   =  4096  ", "4096")]
    [InlineData("-net.core.somaxconn = 4096", "4096")]
    [InlineData("# net.core.somaxconn = 1\n; net.core.somaxconn = 2", null)]
    [InlineData("net.core.somaxconn", null)]
    [InlineData("net.core.somaxconn = 1\nnet.core.somaxconn = 2", "2")]
    [InlineData("net.core.* = 9", "9")]
    [InlineData("net.*.somaxconn = 9", "9")]
    [InlineData("net.* = 9", null)]
    [InlineData("net.core.somax[a-d]onn = 9", "9")]
    [InlineData("net.core.somax[!a-d]onn = 9", null)]
    [InlineData("net.core.?omaxconn = 9", "9")]
    [InlineData("net.core.[z = 9", null)]
    [InlineData("net.core.somaxconn = 4\nnet.core.* = 9", "4")]
    [InlineData("net.core.* = 9\n-net.core.somaxconn", null)]
    public void Lines_are_read_as_systemd_reads_them(string text, string? value)
    {
        Write("etc/sysctl.d/90-openclaw.conf", text);

        Assert.Equal(value, Read(SoMaxConn));
    }

    [Fact]
    public void Files_are_read_again_only_when_they_changed()
    {
        Write("etc/sysctl.d/90-openclaw.conf", "net.core.somaxconn = 1000");
        var justWritten = SysctlConfiguration.Read(_root.FullName).Value;
        Assert.NotSame(justWritten, SysctlConfiguration.Read(_root.FullName, justWritten).Value);
        var file = Path.Combine(_root.FullName, "etc/sysctl.d/90-openclaw.conf");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TimeSpan.FromMinutes(1));
        var settled = SysctlConfiguration.Read(_root.FullName).Value;

        Assert.Same(settled, SysctlConfiguration.Read(_root.FullName, settled).Value);
        Write("etc/sysctl.d/90-openclaw.conf", "net.core.somaxconn = 2000");
        Assert.Equal("2000", SysctlConfiguration.Read(_root.FullName, settled).Value[SoMaxConn]);
    }

    [Fact]
    public void A_settled_directory_is_listed_again_when_a_file_comes_or_goes()
    {
        Write("etc/sysctl.d/90-openclaw.conf", "net.core.somaxconn = 1000");
        Settle();
        var settled = SysctlConfiguration.Read(_root.FullName).Value;
        Assert.Same(settled, SysctlConfiguration.Read(_root.FullName, settled).Value);

        Write("etc/sysctl.d/95-later.conf", "net.core.somaxconn = 2000");
        var later = SysctlConfiguration.Read(_root.FullName, settled).Value;
        Assert.Equal("2000", later[SoMaxConn]);

        Settle();
        later = SysctlConfiguration.Read(_root.FullName, later).Value;
        File.Delete(Path.Combine(_root.FullName, "etc/sysctl.d/95-later.conf"));
        var without = SysctlConfiguration.Read(_root.FullName, later).Value;
        Assert.Equal("1000", without[SoMaxConn]);

        Settle();
        without = SysctlConfiguration.Read(_root.FullName, without).Value;
        Write("run/sysctl.d/95-later.conf", "net.core.somaxconn = 3000");
        Assert.Equal("3000", SysctlConfiguration.Read(_root.FullName, without).Value[SoMaxConn]);
    }

    [Fact]
    public void A_slash_in_a_dotted_key_is_a_dot() =>
        Assert.Equal("net/ipv4/conf/eth0.1/forwarding", SysctlLine.PathOf("net.ipv4.conf.eth0/1.forwarding"));

    [Fact]
    public void Without_any_directory_there_is_nothing_to_say() =>
        Assert.Equal(Absence.NotPresent, SysctlConfiguration.Read(_root.FullName).Missing?.Reason);

    /// <summary>Makes the files and directories older than the kernel's clock for files is coarse.</summary>
    void Settle()
    {
        foreach (var entry in _root.EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
            entry.LastWriteTimeUtc = DateTime.UtcNow - TimeSpan.FromMinutes(1);
    }

    string? Read(string path) => SysctlConfiguration.Read(_root.FullName).Value[path];

    void Write(string path, string text) => File.WriteAllText(PathOf(path), text);

    void Link(string path, string target)
    {
        File.Delete(PathOf(path));
        File.CreateSymbolicLink(PathOf(path), target);
    }

    string PathOf(string path)
    {
        var full = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return full;
    }
}
