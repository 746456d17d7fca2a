using System.Collections.Immutable;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>Without the program, its reason is in the outcome, and every other value is read.</summary>
public class RefusalFallbackTests
{
    const string Types = "/sys/kernel/btf/vmlinux";

    [Theory]
    [InlineData(new int[0], "bpf(BPF_MAP_CREATE): needs CAP_BPF and CAP_PERFMON")]
    [InlineData(new[] { Capabilities.CAP_PERFMON }, "bpf(BPF_MAP_CREATE): needs CAP_BPF too")]
    [InlineData(new[] { Capabilities.CAP_BPF }, "bpf(BPF_PROG_LOAD): needs CAP_PERFMON too")]
    [InlineData(new[] { Capabilities.CAP_BPF, Capabilities.CAP_PERFMON }, null)]
    public void The_capability_that_is_missing_is_named(int[] capabilities, string? reason)
    {
        var attached = Capabilities.Only(capabilities, static () => RefusedConnectProgram.Attach(Types));

        Assert.Equal(reason, attached.Missing?.Detail);
        Assert.Equal(reason is null ? null : Absence.NotPermitted, attached.Missing?.Reason);
        if (attached.TryGet(out var program))
            program.Dispose();
        var walk = Capabilities.Only(capabilities, static () => TcpWalkProgram.Attach(Types));
        Assert.Equal(reason, walk.Missing?.Detail);
        if (walk.TryGet(out var walking))
            walking.Dispose();
    }

    /// <summary>A program may have all capabilities where a kernel is locked down.</summary>
    [Fact]
    public void A_refusal_in_spite_of_the_capabilities_names_those_that_can_refuse()
    {
        var missing = BpfRefusal.From(1, "BPF_PROG_LOAD");

        Assert.Equal(
            "bpf(BPF_PROG_LOAD): refused by kernel lockdown, a security module or a seccomp filter",
            missing.Detail
        );
        Assert.True(missing.IsFiltered);
        Assert.False(Capabilities.Only([], static () => BpfRefusal.From(1, "BPF_PROG_LOAD")).IsFiltered);
    }

    [Fact]
    public void A_kernel_without_BTF_is_told_by_its_file()
    {
        var missing = RefusedConnectProgram.Attach("/nowhere/vmlinux").Missing!;

        Assert.Equal(
            new(Absence.NotPresent, "/nowhere/vmlinux: the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)"),
            missing
        );
    }

    [Fact]
    public void The_verifier_tells_why_it_refuses_a_program()
    {
        var code = new BpfAssembler();
        code.Load(BpfWidth.U64, BpfRegister.R0, BpfRegister.R9, 0);
        code.Return(0);

        var missing = BpfProgram.AttachRaw(code, "sys_exit\0"u8).Missing!;

        Assert.Equal(Absence.Failed, missing.Reason);
        Assert.StartsWith(
            "bpf(BPF_PROG_LOAD): the verifier refuses the program: ",
            missing.Detail,
            StringComparison.Ordinal
        );
        Assert.Contains("R9 !read_ok", missing.Detail, StringComparison.Ordinal);
    }

    /// <summary>The reader keeps its reason and does not ask again; every other reader has its value.</summary>
    [Fact]
    public void Every_other_value_is_read_without_the_capabilities()
    {
        var with = KernelSampling.Readers().SnapshotHere();
        var without = Capabilities.Only([], static () => KernelSampling.Readers().SnapshotHere());

        var lost = Assert.Single(without.Runs, static run => run.Reader.Name == "refused_connects");
        Assert.Equal(Absence.NotPermitted, lost.Failure!.Reason);
        Assert.Null(with.Runs.Single(static run => run.Reader.Name == "refused_connects").Failure);
        Assert.Contains(without.Runs, static run => run.Reader.Name == "tcp_sockets" && run.Failure is null);
        Assert.True(without.WholeMachine.Get<ByNamespace<RefusedConnects>>().Missing is { IsUnseen: true });
    }

    [Fact]
    public void A_map_that_is_too_small_tells_how_many_calls_are_not_counted()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40001");
        using var program = RefusedConnectProgram.Attach(Types, elements: 1).Value;
        using var reader = new RefusedConnectsReader(new ProcMount(), 10, TimeProvider.System, () => program);
        ImmutableArray<Reader> readers =
        [
            .. KernelSampling.Readers().Where(static one => one.Name is "processes" or "network_namespaces"),
            reader,
        ];
        var refused = 0;
        for (var port = 9000; port < 9200; port++)
        {
            netns.Attach(new ConnectionPairs(netns, port));
            refused += ConnectingProgram.Start(netns, $"client-{port}", "blocking", "127.0.0.1", port, 1).Refused();
        }

        var run = SamplingPass
            .Run(readers, Deadline.After(TimeSpan.FromSeconds(30)))
            .Runs()
            .Single(one => one.Reader == reader);

        Assert.Equal(Absence.Interrupted, run.Failure!.Reason);
        Assert.Matches("not counted: [0-9,]+ refused calls?, because", run.Failure.Detail);
    }
}
