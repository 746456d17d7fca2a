using System.Text.Json;
using System.Text.RegularExpressions;
using DotNet.Testcontainers.Builders;
using Microsoft.Extensions.Logging.Abstractions;

namespace OpenClaw.ContainerTests;

/// <summary>An exporter for the machine and all its containers, with the capabilities that deploy/ grants.</summary>
public sealed partial class HostTests(ITestOutputHelper output)
{
    /// <summary>Every granted capability is needed, and no reader needs another.</summary>
    /// <param name="withheld">A capability that the exporter does not get.</param>
    /// <param name="refused">The readers that then report not_permitted.</param>
    [Theory]
    [InlineData("")]
    [InlineData("SYS_PTRACE", "namespace_snapshots", "network_namespaces", "watched_descriptors")]
    [InlineData("DAC_READ_SEARCH", "watched_descriptors")]
    [InlineData("SYS_ADMIN", "namespace_snapshots", "refused_connects")]
    public async Task It_sees_into_other_containers_with_these_capabilities(string withheld, params string[] refused)
    {
        var capabilities = Granted();
        Assert.True(
            withheld.Length == 0 || capabilities.Remove(withheld),
            $"{withheld} is none of those that deploy/ gives"
        );
        await using var sidecar = await Sidecar.StartAsync();
        Assert.Equal(Sidecar.Ports, await sidecar.ExhaustAsync());

        using var json = JsonDocument.Parse(await DiagnoseAsync(capabilities, SeccompProfile.Ebpf));
        var missing = json.RootElement.GetProperty("missing").EnumerateArray().ToArray();
        foreach (var reader in missing)
            output.WriteLine(reader.GetProperty("detail").GetString()!);
        var exhausted = LevelsOf(json, sidecar);

        Assert.Equal(
            refused,
            missing
                .Where(static reader => reader.GetProperty("reason").GetString() == "not_permitted")
                .Select(static reader => reader.GetProperty("reader").GetString())
                .Order()
        );
        if (refused.Contains("namespace_snapshots"))
        {
            Assert.Empty(exhausted);
            return;
        }

        var pool = Assert.Single(exhausted);
        Assert.Equal("critical", pool.GetProperty("condition").GetString());
        Assert.Equal(Sidecar.Ports, pool.GetProperty("used").GetDouble());

        // The namespace is named after the container of its first process. Process ids of the machine may have wrapped
        // around; then the other container of the sidecar comes first.
        var netns = pool.GetProperty("netns").GetString()!;
        Assert.True(
            new[] { sidecar.Application.Id, sidecar.Exporter.Id }.Any(id =>
                id.StartsWith(netns, StringComparison.Ordinal)
            ),
            netns
        );
    }

    /// <summary>The engine tells the process id on the machine. In its container, the program is the first
    /// process.</summary>
    [Fact]
    public async Task The_process_and_the_container_that_hold_all_ports_are_named()
    {
        await using var sidecar = await Sidecar.StartAsync();
        Assert.Equal(Sidecar.Ports, await sidecar.ExhaustAsync());

        using var json = JsonDocument.Parse(await DiagnoseAsync(Granted(), SeccompProfile.Ebpf));

        var holder = Assert.Single(
            Assert.Single(LevelsOf(json, sidecar)).GetProperty("holders").EnumerateArray().ToArray()
        );
        Assert.Equal(
            ("dotnet OpenClaw.Workload.dll", await ContainerEngine.ProcessAsync(sidecar.Application), 1L),
            (
                holder.GetProperty("process").GetString(),
                holder.GetProperty("pid").GetInt64(),
                holder.GetProperty("inner_pid").GetInt64()
            )
        );
        Assert.Equal(sidecar.Name, holder.GetProperty("container").GetString());
        Assert.Equal(Sidecar.Ports, holder.GetProperty("count").GetDouble());
    }

    /// <summary>The walk of TCP sockets is missing where a machine has enough of them to need it.</summary>
    [Fact]
    public async Task Without_bpf_only_programs_in_the_kernel_are_missing()
    {
        await ContainerEngine.RequireAsync();

        using var json = JsonDocument.Parse(await DiagnoseAsync(Granted(), SeccompProfile.Host));

        var missing = json
            .RootElement.GetProperty("missing")
            .EnumerateArray()
            .Where(static reader => reader.GetProperty("reason").GetString() == "not_permitted")
            .Select(static reader => reader.GetProperty("reader").GetString())
            .ToList();
        Assert.Contains("refused_connects", missing);
        Assert.Empty(missing.Except(["refused_connects", "tcp_sockets"]));
    }

    /// <summary>Returns the levels of the ports to the destination of a sidecar's application.</summary>
    static IEnumerable<JsonElement> LevelsOf(JsonDocument json, Sidecar sidecar) =>
        json
            .RootElement.GetProperty("pools")
            .EnumerateArray()
            .Where(pool =>
                pool.GetProperty("pool").GetString() == "ephemeral_connect_ports"
                && pool.GetProperty("subject").GetString() == sidecar.Destination.ToString()
            );

    static async Task<string> DiagnoseAsync(IEnumerable<string> capabilities, string profile)
    {
        await using var exporter = new ContainerBuilder(ContainerEngine.Exporter)
            .WithLogger(NullLogger.Instance)
            .WithCommand("diagnose", "--format=json", "--netns=all", "--path.rootfs=/host", "--process.watch=Workload")
            .WithBindMount("/", "/host", DotNet.Testcontainers.Configurations.AccessMode.ReadOnly)
            .WithCreateParameterModifier(create =>
            {
                create.User = "0:0";
                create.HostConfig!.NetworkMode = "host";
                create.HostConfig.PidMode = "host";
                create.HostConfig.ReadonlyRootfs = true;
                create.HostConfig.CapDrop = ["ALL"];
                create.HostConfig.CapAdd = [.. capabilities];
                create.HostConfig.SecurityOpt = ["no-new-privileges", "apparmor=unconfined", profile];
            })
            .Build();
        await exporter.StartAsync(TestContext.Current.CancellationToken);
        await exporter.GetExitCodeAsync(TestContext.Current.CancellationToken);
        var (said, complaints) = await exporter.GetLogsAsync(
            timestampsEnabled: false,
            ct: TestContext.Current.CancellationToken
        );
        Assert.Equal("", complaints);
        return said;
    }

    /// <summary>The capabilities in deploy/compose/compose.yml; another test compares the DaemonSet.</summary>
    static List<string> Granted() =>
        [
            .. Added()
                .Match(File.ReadAllText(Repository.PathOf("deploy/compose/compose.yml")))
                .Groups[1]
                .Value.Split(", "),
        ];

    [GeneratedRegex(@"cap_add: \[(.+)\]")]
    private static partial Regex Added();
}
