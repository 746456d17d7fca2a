using OpenClaw.Kernel;
using OpenClaw.Kernel.Sysctls;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public sealed class KernelDefaultTests : IDisposable
{
    readonly FixtureProc _proc = new();

    public void Dispose() => _proc.Dispose();

    /// <summary>Linux 5.4, commit 19f92a030ca6, raised the default.</summary>
    [Theory]
    [InlineData("4.19.300", "4096", "128")]
    [InlineData("5.3.18", "4096", "128")]
    [InlineData("5.3.18", "128", null)]
    [InlineData("5.4", "4096", null)]
    [InlineData("5.4.0", "128", "4096")]
    [InlineData("6.18.1", "128", "4096")]
    public void A_restart_gives_the_backlog_that_this_kernel_begins_with(
        string kernel,
        string running,
        string? comesBack
    )
    {
        _proc["sys/net/core/somaxconn"] = running + "\n";

        var persisted = PersistedSysctls
            .Read(new ProcMount(_proc.Root), _proc.Root, KernelReaders.Sysctls, Version.Parse(kernel))
            .Value;

        Assert.Equal(comesBack, persisted.ComesBack.GetValueOrDefault("net.core.somaxconn"));
    }
}
