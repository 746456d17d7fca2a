using OpenClaw.Kernel.Hosts;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public sealed class HostIdentityTests : IDisposable
{
    readonly FixtureProc _proc = new();
    readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("openclaw-root-");

    public void Dispose()
    {
        _proc.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact]
    public void On_the_machine_the_kernel_knows_its_name() =>
        Assert.Equal("machine-1, Linux 6.18.5", Read("/").Value.Words);

    [Fact]
    public void In_a_container_the_file_of_the_machine_does()
    {
        Directory.CreateDirectory(Path.Combine(_root.FullName, "etc"));
        File.WriteAllText(Path.Combine(_root.FullName, "etc/hostname"), "web-1\n");

        Assert.Equal("web-1", Read(_root.FullName).Value.Name);
    }

    [Fact]
    public void Without_that_file_the_name_of_the_container_is_better_than_none() =>
        Assert.Equal("machine-1", Read(_root.FullName).Value.Name);

    [Fact]
    public void The_start_of_the_kernel_and_the_network_namespace_have_an_id()
    {
        var here = HostIdentity.Read(new ProcMount("/proc"), "/").Value;

        Assert.Equal(36, here.BootId.Length);
        Assert.Equal($"net:[{here.NetnsInode}]", new FileInfo("/proc/thread-self/ns/net").LinkTarget);
        Assert.Equal("", Read("/").Value.BootId);
    }

    [Fact]
    public void Without_any_name_it_is_missing()
    {
        _proc["sys/kernel/hostname"] = null;

        Assert.Equal(Absence.NotPresent, Read("/").Missing?.Reason);
    }

    Reading<HostIdentity> Read(string root) => HostIdentity.Read(new ProcMount(_proc.Root), root);
}
