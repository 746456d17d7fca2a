using System.Collections.Immutable;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Counters;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The symptoms that are counters of the kernel with a name of their own.</summary>
static class CounterSymptoms
{
    /// <summary>The limit on listed interfaces with drops.</summary>
    public const int InterfacesAtMost = 5;

    /// <summary>Defines a counter of /proc/net/netstat.</summary>
    public static Symptom TcpExt(
        string name,
        string unit,
        string counter,
        string help,
        Alert? alert = null,
        bool isSaidOnce = false
    ) =>
        new()
        {
            Name = name,
            Unit = unit,
            Help = help,
            Alert = alert,
            Source = $"/proc/net/netstat: TcpExt {counter}",
            Scope = PoolScope.NetworkNamespace,
            Read = view =>
                view.Get<TcpExtCounters>()
                    .Then(counters => counters[counter])
                    .Select<ImmutableArray<SymptomLevel>>(count => [new(count) { IsSaidOnce = isSaidOnce }]),
        };

    /// <summary>Defines a counter of UDP, for both families.</summary>
    public static Symptom Udp(string name, string counter, string help, Alert alert) =>
        new()
        {
            Name = name,
            Unit = "datagrams",
            Help = help,
            Alert = alert,
            Source = $"/proc/net/snmp: Udp {counter}; /proc/net/snmp6: Udp6{counter}",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["family"],
            Shortfall = view =>
                FirstUnseen([
                    view.Get<UdpCounters>().Then(counters => counters[counter]).Missing,
                    view.Get<IPv6Counters>().Then(counters => counters["Udp6" + counter]).Missing,
                ]),
            Read = view =>
            {
                var ipv4 = view.Get<UdpCounters>().Then(counters => counters[counter]);
                var ipv6 = view.Get<IPv6Counters>().Then(counters => counters["Udp6" + counter]);
                if (ipv4.Missing is { } missing && ipv6.Missing is not null)
                    return missing;
                return ImmutableArray.CreateRange<SymptomLevel>([
                    .. ipv4.TryGet(out var four) ? [new SymptomLevel(four, "ipv4")] : Array.Empty<SymptomLevel>(),
                    .. ipv6.TryGet(out var six) ? [new SymptomLevel(six, "ipv6")] : Array.Empty<SymptomLevel>(),
                ]);
            },
        };

    /// <summary>Defines a failure of connection tracking.</summary>
    public static Symptom Conntrack(
        string name,
        string unit,
        string column,
        string help,
        Func<ConntrackFailures, Reading<long>> select,
        Alert? alert = null
    ) =>
        new()
        {
            Name = name,
            Unit = unit,
            Help = help,
            Alert = alert,
            Source = $"/proc/net/stat/nf_conntrack: {column}; ctnetlink where it is missing",
            Capability = Privileges.CapabilityOf("conntrack_failures"),
            Scope = PoolScope.NetworkNamespace,
            Read = view =>
                view.Get<ConntrackFailures>()
                    .Then(select)
                    .Select<ImmutableArray<SymptomLevel>>(static count => [new(count)]),
        };

    /// <summary>Defines a counter of the machine's CPUs.</summary>
    public static Symptom Softnet(
        string name,
        string unit,
        string help,
        Func<SoftnetStat, long> select,
        Alert? alert = null
    ) =>
        new()
        {
            Name = name,
            Unit = unit,
            Help = help,
            Alert = alert,
            Source = "/proc/net/softnet_stat",
            Scope = PoolScope.Host,
            Read = view => view.Get<SoftnetStat>().Select(softnet => One(select(softnet))),
        };

    /// <summary>Reads the drops of interfaces, the worst first. Interfaces without drops are omitted.</summary>
    public static Reading<ImmutableArray<SymptomLevel>> InterfaceDrops(NamespaceView view) =>
        view.Get<InterfaceDrops>()
            .Select(static drops =>
            {
                var dropping = drops.Interfaces.Where(static link => Drops(link) > 0).ToList();
                return ImmutableArray.CreateRange(
                    dropping
                        .OrderByDescending(Drops)
                        .ThenBy(static link => link.Name, StringComparer.Ordinal)
                        .Take(InterfacesAtMost)
                        .SelectMany(static link =>
                            (IEnumerable<SymptomLevel>)
                                [
                                    .. link.Received.TryGet(out var received)
                                        ? One(received, link.Name, "receive")
                                        : [],
                                    .. link.Transmitted.TryGet(out var transmitted)
                                        ? One(transmitted, link.Name, "transmit")
                                        : [],
                                ]
                        )
                        .Select(level => level with { WasZeroUnlisted = dropping.Count < InterfacesAtMost })
                );
            });

    /// <summary>Returns the reason why the drops of an interface are missing; null when nothing is.</summary>
    public static Missing? InterfaceShortfall(NamespaceView view) =>
        view.Get<InterfaceDrops>().TryGet(out var drops)
            ? FirstUnseen(
                drops.Interfaces.SelectMany(static link =>
                    new[] { link.Received, link.Transmitted }.Select(side =>
                        side.Missing is { } why
                            ? why with
                            {
                                Detail = $"/proc/net/dev: {link.Name}: {why.Detail}",
                            }
                            : null
                    )
                )
            )
            : null;

    static Missing? FirstUnseen(IEnumerable<Missing?> parts) =>
        parts.FirstOrDefault(static part => part is { IsUnseen: true });

    /// <summary>
    /// Returns the drops of both directions, as far as they are known. The sum of two counters may exceed a long.
    /// </summary>
    static double Drops(InterfaceDrop link) =>
        (link.Received.TryGet(out var received) ? received : 0.0)
        + (link.Transmitted.TryGet(out var transmitted) ? transmitted : 0.0);

    static ImmutableArray<SymptomLevel> One(long value, params ImmutableArray<string> labels) => [new(value, labels)];
}
