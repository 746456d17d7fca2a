using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

public class KernelLogSymptomTests
{
    static readonly DateTimeOffset Seen = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_500);

    [Fact]
    public async Task A_namespace_is_self_or_its_inode_or_not_named()
    {
        var levels = (
            await ReadAsync(
                new KernelLogEvents(
                    [
                        new(KernelLogKind.ConntrackTableFull, 4026532249, Seen),
                        new(KernelLogKind.ConntrackTableFull, 4026531833, Seen),
                        new(KernelLogKind.SynFlooding, null, Seen),
                    ],
                    4026532249
                ),
                Every
            )
        ).Value;

        Assert.Equal(
            [("conntrack_table_full", "self"), ("conntrack_table_full", "4026531833"), ("syn_flooding", "")],
            levels.Select(static level => (level.Labels[0], level.Labels[1]))
        );
        Assert.All(levels, static level => Assert.Equal(1_700_000_000.5, level.Value));
    }

    [Fact]
    public async Task A_flood_has_its_listener_in_words_and_not_in_labels()
    {
        var log = new KernelLogEvents(
            [new(KernelLogKind.SynFlooding, null, Seen) { Listener = "192.0.2.1:443" }],
            4026532249
        );

        var level = Assert.Single((await ReadAsync(log, Every)).Value);

        Assert.Equal("syn_flooding on 192.0.2.1:443", level.Words);
        Assert.Equal("syn_flooding", level.Labels[0]);
    }

    /// <summary>The kernel does not say in which namespace a listener is, so the listeners of this one tell.</summary>
    [Theory]
    [InlineData(443, 1, true)]
    [InlineData(8443, 1, false)]
    [InlineData(8443, 2, true)]
    public async Task A_flood_at_a_port_without_a_listener_here_is_that_of_another_namespace(
        ushort port,
        long listeners,
        bool isShown
    )
    {
        var log = new KernelLogEvents(
            [new(KernelLogKind.SynFlooding, null, Seen) { Listener = "192.0.2.1:443" }],
            4026532249
        );
        var sockets = new TcpSockets([0, 0, 0, 0, 0, 0, 0, 0, 0, listeners, 0], TcpSockets.None.Ports)
        {
            Listeners = [new(SocketAddress.FromIPv4([0, 0, 0, 0]), port, 0, 0, 128) { Group = 1 }],
        };
        var reader = new FunctionReader<TcpSockets>("tcp_sockets", "", _ => sockets);

        Assert.Equal(isShown, !(await ReadAsync(log, reader)).Value.IsEmpty);
        Assert.Single((await ReadAsync(log, reader, Every)).Value);
    }

    /// <summary>An event in another namespace carries the same name as that namespace's other series.</summary>
    [Fact]
    public async Task A_namespace_of_others_has_its_name()
    {
        var namespaces = new NetworkNamespaces([
            new()
            {
                Name = "self",
                IsOwn = true,
                Identity = new(4, 4026532249),
            },
            new() { Name = "blue", Identity = new(4, 4026532999) },
            new()
            {
                Name = "unseen",
                Identity = new(4, 4026531833),
                IsVisible = false,
            },
        ]);

        var levels = (
            await ReadAsync(
                new KernelLogEvents(
                    [
                        new(KernelLogKind.ConntrackTableFull, 4026532999, Seen),
                        new(KernelLogKind.ConntrackTableFull, 4026531833, Seen),
                    ],
                    4026532249
                ),
                new FunctionReader<NetworkNamespaces>("network_namespaces", "", _ => namespaces),
                Every
            )
        ).Value;

        Assert.Equal(["blue", "4026531833"], levels.Select(static level => level.Labels[1]));
    }

    /// <summary>The kernel gives the inode of a namespace that ended to the next one.</summary>
    [Theory]
    [InlineData(-10, "blue")]
    [InlineData(10, "4026532999 (gone)")]
    public async Task A_namespace_that_is_younger_than_the_message_is_another_one(int seconds, string name)
    {
        var namespaces = new NetworkNamespaces([
            new()
            {
                Name = "blue",
                Identity = new(4, 4026532999),
                Since = Seen.AddSeconds(seconds),
            },
        ]);

        var levels = (
            await ReadAsync(
                new KernelLogEvents([new(KernelLogKind.ConntrackTableFull, 4026532999, Seen)], 4026532249),
                new FunctionReader<NetworkNamespaces>("network_namespaces", "", _ => namespaces),
                Every
            )
        ).Value;

        Assert.Equal(name, Assert.Single(levels).Labels[1]);
    }

    /// <summary>Without a list of namespaces, the start of the own process tells the age of the own one.</summary>
    [Theory]
    [InlineData(-10, "self")]
    [InlineData(10, "4026532249 (gone)")]
    public async Task Without_a_list_the_own_namespace_is_as_old_as_the_process(int seconds, string name)
    {
        var log = new KernelLogEvents([new(KernelLogKind.ConntrackTableFull, 4026532249, Seen)], 4026532249)
        {
            OwnSince = Seen.AddSeconds(seconds),
        };

        Assert.Equal(name, Assert.Single((await ReadAsync(log, Every)).Value).Labels[1]);
    }

    [Fact]
    public async Task Without_the_namespace_of_its_own_none_is_self()
    {
        var own = new Missing(Absence.NotPermitted, "/proc/thread-self/ns/net");

        var levels = (
            await ReadAsync(new KernelLogEvents([new(KernelLogKind.ConntrackTableFull, 4026532249, Seen)], own), Every)
        ).Value;

        Assert.Equal("4026532249", Assert.Single(levels).Labels[1]);
    }

    /// <summary>
    /// The kernel log is the machine's. A message about a namespace that was not requested is no problem of the
    /// requested ones. Since Linux 6.17, a message without a name is about the machine's own namespace.
    /// </summary>
    [Theory]
    [InlineData("own", true, "self -")]
    [InlineData("own", false, "self")]
    [InlineData("blue", true, "blue")]
    [InlineData("every", false, "self blue 4026531833 -")]
    public async Task Messages_about_namespaces_that_were_not_requested_are_left_out(
        string requested,
        bool runsOnHost,
        string expected
    )
    {
        var own = new NetworkNamespace
        {
            Name = "self",
            IsOwn = true,
            Identity = new(4, 4026532249),
        };
        var blue = new NetworkNamespace { Name = "blue", Identity = new(4, 4026532999) };
        var log = new KernelLogEvents(
            [
                new(KernelLogKind.ConntrackTableFull, 4026532249, Seen),
                new(KernelLogKind.ConntrackTableFull, 4026532999, Seen),
                new(KernelLogKind.ConntrackTableFull, 4026531833, Seen),
                new(KernelLogKind.ConntrackTableFull, null, Seen),
            ],
            4026532249
        )
        {
            NamesNamespaces = true,
            OwnSince = runsOnHost ? DateTimeOffset.MinValue : Seen.AddDays(-1),
        };
        ImmutableArray<Reader> readers =
        [
            new FunctionReader<NetworkNamespaces>("network_namespaces", "", _ => new NetworkNamespaces([own, blue])),
            .. requested switch
            {
                "blue" => [Snapshots(new([new(blue, Readings.None, null)], 0, IncludesOwn: false) { IsByName = true })],
                "every" => [Every],
                _ => ImmutableArray<Reader>.Empty,
            },
        ];

        var levels = (await ReadAsync(log, [.. readers])).Value;

        Assert.Equal(
            expected,
            string.Join(' ', levels.Select(static level => level.Labels[1] is { Length: > 0 } name ? name : "-"))
        );
    }

    [Theory]
    [InlineData(KernelLogKind.ConntrackTableFull, false, true)]
    [InlineData(KernelLogKind.ConntrackTableFull, true, false)]
    [InlineData(KernelLogKind.SynFlooding, true, true)]
    [InlineData(KernelLogKind.TcpOutOfMemory, true, false)]
    [InlineData(KernelLogKind.NeighbourTableOverflow, true, false)]
    public async Task A_child_namespace_shows_messages_without_a_namespace_that_may_be_about_it(
        KernelLogKind kind,
        bool names,
        bool isShown
    )
    {
        var log = new KernelLogEvents([new(kind, null, Seen)], 4026532249)
        {
            NamesNamespaces = names,
            OwnSince = Seen.AddDays(-1),
        };

        Assert.Equal(isShown, !(await ReadAsync(log)).Value.IsEmpty);
        Assert.Single((await ReadAsync(log, Every)).Value);
    }

    [Fact]
    public async Task A_log_that_may_not_be_read_says_nothing() =>
        Assert.Equal(
            Absence.NotPermitted,
            (await ReadAsync(new Missing(Absence.NotPermitted, "/dev/kmsg"))).Missing?.Reason
        );

    /// <summary>Every namespace of the machine was requested.</summary>
    static Reader Every => Snapshots(new([], 0, IncludesOwn: true));

    static FunctionReader<NamespaceSnapshots> Snapshots(NamespaceSnapshots value) =>
        new("namespace_snapshots", "", _ => value);

    static async Task<Reading<ImmutableArray<SymptomLevel>>> ReadAsync(
        Reading<KernelLogEvents> log,
        params Reader[] more
    )
    {
        var reader = new FunctionReader<KernelLogEvents>("kernel_log", "/dev/kmsg", _ => log);
        return KernelLogSymptom.Read(
            (await new Sampler([reader, .. more], TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10))).Own
        );
    }
}
