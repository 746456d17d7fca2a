using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>Tells OpenClaw's services from other processes that mention OpenClaw.</summary>
public class DaemonProcessTests
{
    const string Elsewhere = "0::/user.slice/user-0.slice/session-3.scope\n";

    [Theory]
    [InlineData("openclaw-gatewa", "openclaw-gateway\0", "0::/\n", true)]
    [InlineData("node", "node\0/opt/openclaw/gateway.js\0", Elsewhere, true)]
    [InlineData(
        "MainThread",
        "/usr/bin/node\0--max-old-space-size=4096\0/usr/lib/node_modules/openclaw/dist/index.js\0gateway\0",
        Elsewhere,
        true
    )]
    [InlineData("python3.13", "python3.13\0-m\0openclaw\0", Elsewhere, true)]
    [InlineData("java", "java\0-jar\0agent.jar\0--name=openclaw\0", "0::/system.slice/openclaw.service\n", true)]
    [InlineData(
        "java",
        "java\0-jar\0agent.jar\0--name=openclaw\0",
        "1:cpu:/x\n0::/user.slice/user@1000.service/app.slice/openclaw-gateway.service\n",
        true
    )]
    [InlineData("tail", "tail\0-f\0/var/log/openclaw.log\0", Elsewhere, false)]
    [InlineData("tail", "tail\0-f\0/var/log/openclaw.log\0", "0::/\n", false)]
    [InlineData("vim", "vim\0/etc/openclaw/daemon.yml\0", Elsewhere, false)]
    [InlineData("bash", "bash\0-c\0tail -f openclaw.log\0", Elsewhere, false)]
    [InlineData("bash", "bash\0-lc\0tail -f openclaw.log\0", Elsewhere, false)]
    [InlineData("node", "node\0-e\0require('openclaw')\0", Elsewhere, false)]
    [InlineData(
        "openclaw-export",
        "/usr/bin/openclaw-exporter\0",
        "0::/system.slice/openclaw-exporter.service\n",
        false
    )]
    [InlineData("sh", "sh\0-c\0sleep 9 # openclaw\0", "0::/system.slice/openclaw-exporter.service\n", false)]
    public async Task A_bystander_is_watched_and_no_service(
        string name,
        string commandLine,
        string cgroup,
        bool isService
    )
    {
        using var proc = new FixtureProc();
        proc.AddProcess(77, name, commandLine, descriptors: 1, "1024");
        proc["77/cgroup"] = cgroup;

        var table = (
            await new Sampler(
                [new ProcessTableReader(new ProcMount(proc.Root), new Regex("openclaw"), TimeProvider.System)],
                TimeProvider.System
            ).SampleAsync(TimeSpan.FromSeconds(10))
        )
            .Get<ProcessTable>()
            .Value;

        Assert.True(Assert.Single(table.Processes, static process => process.Pid == 77).IsWatched);
        var (_, processes) = Assert.Single(
            DaemonConnectionPool.Services(new([new("daemon", 500, 65536)], null), table)
        );
        Assert.Equal(isService ? [77, 4711] : [4711], processes.Select(static process => process.Pid).Order());
    }
}
