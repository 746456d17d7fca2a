using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Timeline;

namespace OpenClaw.Exporter.Tests;

/// <summary>Several pools high, one really exhausted: that one is named, and the remedy is its own.</summary>
public class MisdiagnosisTests
{
    /// <summary>Every ordered pair; a destination that takes all ports leaves none to bind(), so that pair cannot be told apart.</summary>
    public static TheoryData<string, string> Pairs => [.. from exhausted in FilledMachine.Pools
                                                          from high in FilledMachine.Pools
                                                          where exhausted != high && (exhausted, high) != ("ephemeral_connect_ports", "ephemeral_bind_ports")
                                                          select (exhausted, high)];

    /// <summary>What frees each pool of a machine on which all have the limit 1000, ports 100, and a process 100 descriptors.</summary>
    static readonly Dictionary<string, string?> Commands = new()
    {
        ["ephemeral_connect_ports"] = "sysctl -w net.ipv4.ip_local_port_range=\"39700 40099\"",
        ["ephemeral_bind_ports"] = "sysctl -w net.ipv4.ip_local_port_range=\"39700 40099\"",
        ["process_file_descriptors"] = "prlimit --pid 12 --nofile=65536:",
        ["system_file_descriptors"] = "sysctl -w fs.file-max=2000",
        ["conntrack_entries"] = "sysctl -w net.netfilter.nf_conntrack_max=2000",
        ["bridge_ports"] = null,
        ["time_wait_sockets"] = "sysctl -w net.ipv4.tcp_max_tw_buckets=2000",
        ["orphan_sockets"] = "sysctl -w net.ipv4.tcp_max_orphans=2000",
        ["tcp_memory_bytes"] = "sysctl -w net.ipv4.tcp_mem=\"1000 1500 2000\"",
        ["udp_memory_bytes"] = "sysctl -w net.ipv4.udp_mem=\"1000 1500 2000\"",
        ["neighbour_entries"] = "sysctl -w net.ipv4.neigh.default.gc_thresh3=2000",
        ["accept_queue_connections"] = "sysctl -w net.core.somaxconn=4096",
        ["daemon_connections"] = null,
    };

    [Fact]
    public void Each_pool_has_a_command_or_none_on_purpose() =>
        Assert.Equal(PoolCatalogue.All.Select(static pool => pool.Name).Order(StringComparer.Ordinal), Commands.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_exhausted_pool_is_named(string exhausted, string high)
    {
        using var machine = new FilledMachine();
        var critical = PoolCatalogue.All.Single(pool => pool.Name == high).CriticalRatio;
        machine.Fill(high, critical - 0.01);
        machine.Fill(exhausted, 1);

        var diagnosis = await machine.DiagnoseAsync();

        var worst = diagnosis.Findings[0];
        Assert.Equal(exhausted, worst.Pool.Name);
        Assert.Equal(PoolCondition.Critical, worst.Condition);
        Assert.Equal(PoolCondition.Warning, diagnosis.Findings.First(finding => finding.Pool.Name == high).Condition);
        Assert.StartsWith(worst.Pool.Headline, Verdicts.Of(diagnosis), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Commands[exhausted], worst.Remedy.Command);

        var json = JsonSerializer.SerializeToElement(DiagnosisDocument.Of(diagnosis, new UtilizationHistory()), DiagnosisJson.Default.DiagnosisDocument);
        Assert.Equal(exhausted, json.GetProperty("pools")[0].GetProperty("pool").GetString());
        using var text = new StringWriter();
        new DiagnosisPrinter(text, inColour: false).PrintDiagnosis(diagnosis);
        Assert.Contains($"CRITICAL {exhausted}\n", text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\e', text.ToString());
    }
}
