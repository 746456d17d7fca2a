using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Symptoms in the diagnosis: their rise, their meaning, and the full pool that explains them.</summary>
public class SymptomFindingTests
{
    [Fact]
    public async Task A_first_look_knows_of_no_rise()
    {
        using var machine = new FilledMachine();

        var diagnosis = await machine.DiagnoseAsync();

        Assert.Empty(diagnosis.Symptoms);
        Assert.Equal(PoolCondition.Ok, diagnosis.Condition);
    }

    [Fact]
    public async Task A_failure_is_critical_however_empty_the_pools_are()
    {
        using var machine = new FilledMachine();
        machine.Write("thread-self/net/stat/nf_conntrack", Text(3));
        var before = await machine.DiagnoseAsync();
        machine.Write("thread-self/net/stat/nf_conntrack", Text(43));

        var diagnosis = await machine.DiagnoseAsync(before);

        var failure = Assert.Single(diagnosis.Symptoms);
        Assert.Equal(
            ("conntrack_drops_total", 40.0, PoolCondition.Critical, "self"),
            (failure.Symptom.Name, failure.Increase, failure.Condition, failure.Netns)
        );
        Assert.Null(failure.Cause);
        Assert.Equal(PoolCondition.Critical, diagnosis.Condition);
        Assert.StartsWith(
            "Conntrack drops rose by 40 within ",
            Verdicts.Summarize(diagnosis),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            ": OpenClaw reports clw-connection-timeout.",
            Verdicts.Summarize(diagnosis),
            StringComparison.Ordinal
        );
        Assert.Equal(1, Condition(diagnosis, ClwCodes.ConnectionTimeout, "critical"));
        Assert.Equal(0, Condition(diagnosis, ClwCodes.PortConflict, "warning"));
    }

    [Fact]
    public async Task A_full_pool_explains_its_failure()
    {
        using var machine = new FilledMachine();
        machine.Fill("conntrack_entries", 1);
        machine.Write("thread-self/net/stat/nf_conntrack", Text(3));
        var before = await machine.DiagnoseAsync();
        machine.Write("thread-self/net/stat/nf_conntrack", Text(43));

        var diagnosis = await machine.DiagnoseAsync(before);

        Assert.Empty(diagnosis.Unexplained);
        Assert.Equal("conntrack_drops_total", Assert.Single(diagnosis.EffectsOf(diagnosis.Findings[0])).Symptom.Name);
        Assert.StartsWith("Conntrack entries", Verdicts.Summarize(diagnosis), StringComparison.Ordinal);
    }

    /// <summary>A counter falls when a namespace is created again or the kernel restarts.</summary>
    [Fact]
    public async Task A_counter_that_fell_says_nothing()
    {
        using var machine = new FilledMachine();
        machine.Write("thread-self/net/stat/nf_conntrack", Text(43));
        var before = await machine.DiagnoseAsync();
        machine.Write("thread-self/net/stat/nf_conntrack", Text(3));

        Assert.Empty((await machine.DiagnoseAsync(before)).Symptoms);
    }

    [Theory]
    [InlineData(ProbeOperation.Socket, Errno.ENOBUFS, ClwCodes.ResourceLimit)]
    [InlineData(ProbeOperation.Socket, Errno.ENFILE, ClwCodes.ResourceLimit)]
    [InlineData(ProbeOperation.TcpBind, Errno.EADDRINUSE, ClwCodes.PortConflict)]
    [InlineData(ProbeOperation.TcpBind, Errno.ENFILE, ClwCodes.ResourceLimit)]
    [InlineData(ProbeOperation.UdpBind, Errno.EADDRINUSE, ClwCodes.PortConflict)]
    [InlineData(ProbeOperation.Connect, Errno.EADDRNOTAVAIL, ClwCodes.NetworkExhausted)]
    [InlineData(ProbeOperation.Connect, Errno.ENFILE, ClwCodes.ResourceLimit)]
    public async Task A_probe_that_is_refused_is_critical_at_once(ProbeOperation operation, int error, string code)
    {
        using var machine = new FilledMachine();
        var probe = new AllocationProbe([new(operation, error, TimeSpan.Zero)], []);

        var diagnosis = await machine.DiagnoseAsync(
            null,
            new FunctionReader<AllocationProbe>("allocation_probe", "", _ => probe)
        );

        var failure = Assert.Single(diagnosis.Symptoms);
        Assert.Equal((code, PoolCondition.Critical), (failure.Alert?.Code, failure.Condition));
    }

    /// <summary>The exporter's own descriptor limit says nothing about other programs.</summary>
    [Theory]
    [InlineData(ProbeOperation.Socket)]
    [InlineData(ProbeOperation.TcpBind)]
    [InlineData(ProbeOperation.UdpBind)]
    [InlineData(ProbeOperation.Connect)]
    public async Task A_limit_of_the_exporter_s_own_is_not_the_machine_s(ProbeOperation operation)
    {
        using var machine = new FilledMachine();
        machine.Fill("process_file_descriptors", 1);
        machine.Fill("ephemeral_bind_ports", 1);
        var probe = new AllocationProbe([new(operation, Errno.EMFILE, TimeSpan.Zero)], []);

        var diagnosis = await machine.DiagnoseAsync(
            null,
            new FunctionReader<AllocationProbe>("allocation_probe", "", _ => probe)
        );

        var failure = Assert.Single(diagnosis.Symptoms);
        Assert.Equal(
            (ClwCodes.ResourceLimit, PoolCondition.Warning, null),
            (failure.Alert?.Code, failure.Condition, failure.Cause)
        );
        Assert.StartsWith(
            "The exporter itself has no file descriptor left",
            Verdicts.Failure(failure),
            StringComparison.Ordinal
        );
        Assert.Contains("RLIMIT_NOFILE", failure.Alert!.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 0, PoolCondition.Critical)]
    [InlineData(null, 1, PoolCondition.Ok)]
    [InlineData(null, 10, PoolCondition.Ok)]
    [InlineData(1UL, 0, PoolCondition.Ok)]
    internal async Task A_kernel_message_counts_while_it_is_recent_and_ours(
        ulong? netns,
        int minutes,
        PoolCondition expected
    )
    {
        using var machine = new FilledMachine();
        var log = new KernelLogEvents(
            [new(KernelLogKind.ConntrackTableFull, netns, DateTimeOffset.UtcNow - TimeSpan.FromMinutes(minutes))],
            new Missing(Absence.NotPermitted, "")
        );

        var diagnosis = await machine.DiagnoseAsync(
            null,
            new FunctionReader<KernelLogEvents>("kernel_log", "", _ => log)
        );

        Assert.Equal(expected, diagnosis.Condition);

        // The events show it at any age, unless it is about a namespace that was not requested.
        if (netns is not null)
        {
            Assert.Empty(RecentEvents.Collect(diagnosis));
            return;
        }

        var seen = Assert.Single(RecentEvents.Collect(diagnosis));
        Assert.Equal(("kernel", "conntrack_table_full", ""), (seen.Source, seen.Kind, seen.Netns));
        Assert.Contains("conntrack_table_full", new StatusPage(diagnosis).Render(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_the_OpenClaw_log_is_a_warning_with_its_context()
    {
        using var machine = new FilledMachine();
        Reader Log(long count, params ImmutableArray<ClwEvent> recent) =>
            new FunctionReader<ClwErrors>("openclaw_log", "", _ => new ClwErrors(
                ImmutableSortedDictionary<string, long>.Empty.Add(ClwCodes.PortConflict, count),
                recent
            ));
        var before = await machine.DiagnoseAsync(null, Log(0));

        var diagnosis = await machine.DiagnoseAsync(
            before,
            Log(
                2,
                new(DateTimeOffset.UtcNow, ClwCodes.PortConflict, "starting gateway", "address <already> in use"),
                new(DateTimeOffset.UtcNow.AddMinutes(-1), ClwCodes.ResourceLimit, new('x', 500), "")
            )
        );

        Assert.Equal(
            (PoolCondition.Warning, ClwCodes.PortConflict),
            (diagnosis.Condition, Assert.Single(diagnosis.Symptoms).Alert?.Code)
        );
        var page = new StatusPage(diagnosis).Render();
        Assert.Contains("starting gateway; address &lt;already&gt; in use", page, StringComparison.Ordinal);

        // Earlier errors are shortened.
        Assert.Contains(
            $"<strong>clw-resource-limit</strong>: {new string('x', 200)}&#x2026;<",
            page,
            StringComparison.Ordinal
        );
        Assert.Equal(
            [ClwCodes.PortConflict, ClwCodes.ResourceLimit],
            RecentEvents
                .Collect(diagnosis)
                .Where(static seen => seen.Source == "openclaw")
                .Select(static seen => seen.Kind)
        );
    }

    /// <summary>Every alert names codes and pools that exist.</summary>
    [Fact]
    public void Alarms_name_what_exists()
    {
        var kinds = Enum.GetValues<KernelLogKind>().Select(Alert.OfKernelLog);
        var probes =
            from operation in Enum.GetValues<ProbeOperation>()
            from error in (int[])[Errno.EMFILE, Errno.ENFILE, Errno.EADDRINUSE]
            select Alert.OfProbe(new ProbeResult(operation, error, default)) ?? Alert.OfProbe(operation);
        var counters = SymptomCatalogue
            .All.Where(static symptom => symptom is { IsCounter: true } && symptom.Labels.IsEmpty)
            .Select(static symptom => symptom.Alert)
            .Where(static alert => alert is not null);
        Assert.All(kinds.Concat(probes).Concat(counters), static alert =>
        {
            Assert.Contains(alert!.Code, ClwCodes.All);
            Assert.All(alert.Causes, static cause => Assert.Contains(cause, PoolCatalogue.All));
        });
        Assert.NotEmpty(counters);
    }

    static string Text(int drops) =>
        $"entries  clashres insert_failed drop early_drop chainlength\n00000001 00000001 00000002 {drops:x8} "
        + $"00000004 00000005\n";

    static double Condition(Diagnosis diagnosis, string code, string severity) =>
        MetricCatalogue
            .All.Single(static family => family.Name == "openclaw_network_condition")
            .Read(diagnosis)
            .Single(sample => sample.Labels.SequenceEqual([code, severity]))
            .Value;
}
