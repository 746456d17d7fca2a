using System.Diagnostics;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Tests;

/// <summary>A file of another author may be a FIFO, a device, or very long. Its reader says so, and goes on.</summary>
public sealed class HostileFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("fifo", "is not a regular file")]
    [InlineData("/dev/zero", "is not a regular file")]
    [InlineData("/dev/tty", "is not a regular file")]
    [InlineData("/", "is a directory")]
    public void Only_regular_files_are_opened(string kind, string reason)
    {
        var path = Make("x", kind);
        var reading = Stopwatch.StartNew();

        var missing = RegularFile.Read(path).Missing;

        Assert.Equal(new(Absence.Malformed, $"{path}: {reason}"), missing);
        Assert.InRange(reading.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_file_over_the_limit_is_refused_before_it_is_read()
    {
        var path = _folder.Write("x", "");
        using (var file = File.OpenWrite(path))
            file.SetLength(1L << 40);

        Assert.Equal($"{path}: larger than 1048576 bytes", RegularFile.Read(path).Missing?.Detail);
    }

    [Fact]
    public void A_FIFO_as_a_service_file_blinds_nobody_once_it_is_replaced()
    {
        var path = Make("gateway.yml", "fifo");
        _folder.Write("other.yml", "network: {max_connections: 9}");
        var reader = new ServiceConfigurationReader([_folder.PathOf("*.yml")]);

        Assert.Equal($"{path}: is not a regular file", reader.RunHere().Failure?.Detail);

        File.Delete(path);
        _folder.Write("gateway.yml", "network: {max_connections: 8}");
        Assert.Null(reader.RunHere().Failure);
    }

    [Fact]
    public void A_service_file_is_parsed_again_only_after_it_changed()
    {
        var path = _folder.Write("gateway.yml", "network: {max_connections: 9}");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow - TimeSpan.FromMinutes(1));
        var file = ServiceFile.At(path);

        Assert.Equal((9, 9), (file.Read().Value.MaxConnections, file.Read().Value.MaxConnections));
        Assert.Equal(1, file.Count);

        // Another size with the old time.
        _folder.Write("gateway.yml", "network: {max_connections: 10}");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow - TimeSpan.FromMinutes(1));
        Assert.Equal(10, file.Read().Value.MaxConnections);
        Assert.Equal(2, file.Count);
    }

    [Fact]
    public void A_folder_as_a_pattern_is_a_reason() =>
        Assert.Equal(
            "/: is a directory; expected a file, or a pattern",
            new ServiceConfigurationReader(["/"]).RunHere().Failure?.Detail
        );

    [Theory]
    [InlineData("fifo")]
    [InlineData("/dev/zero")]
    public void A_device_in_sysctl_d_is_a_reason(string kind)
    {
        _folder.Write("etc/sysctl.d/1.conf", "net.core.somaxconn = 9");
        Make("etc/sysctl.d/2.conf", kind);

        // An absolute link leads to a file below the root.
        if (kind != "fifo")
            Make("dev/zero", "fifo");

        Assert.EndsWith(
            "is not a regular file",
            SysctlConfiguration.Read(_folder.PathOf("")).Missing?.Detail,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Many_globs_are_compared_in_milliseconds_and_too_many_are_a_reason()
    {
        _folder.Write(
            "etc/sysctl.d/1.conf",
            string.Concat(Enumerable.Range(1, 9999).Select(line => $"net.*.*.*.*{line} = 1\n"))
        );
        var configuration = SysctlConfiguration.Read(_folder.PathOf("")).Value;
        var comparing = Stopwatch.StartNew();
        for (var key = 0; key < 20; key++)
            Assert.Null(configuration["net/ipv4/neigh/default/gc_thresh0"]);
        Assert.InRange(comparing.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));

        _folder.Write("etc/sysctl.d/2.conf", "net.a = 1\nnet.b = 1\n");
        Assert.EndsWith(
            "more than 10000 lines in all files",
            SysctlConfiguration.Read(_folder.PathOf("")).Missing?.Detail,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_sysctl_root_may_be_relative()
    {
        _folder.Write("etc/sysctl.d/1.conf", "net.core.somaxconn = 9");
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, _folder.PathOf(""));

        Assert.Equal("/etc/sysctl.d/1.conf", SysctlConfiguration.Read(relative).Value.FileOf("net/core/somaxconn"));
    }

    [Fact]
    public void A_settings_file_that_is_a_FIFO_is_a_message()
    {
        var path = Make("web.yml", "fifo");

        Assert.Equal(
            $"{path}: is not a regular file",
            Assert.Throws<SettingException>(() => new InputFiles().Read(path)).Message
        );
    }

    /// <summary>Makes a FIFO, or a link, and returns its path.</summary>
    string Make(string relative, string kind)
    {
        var path = _folder.Write(relative, "");
        File.Delete(path);
        if (kind == "fifo")
        {
            using var made = ChildProcess.Start(new(InstalledProgram.Find("mkfifo"), [path]));
            made.WaitForExit();
        }
        else
        {
            File.CreateSymbolicLink(path, kind);
        }

        return path;
    }
}
