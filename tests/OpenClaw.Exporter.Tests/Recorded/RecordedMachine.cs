using System.Collections.Immutable;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// A machine of fixtures and scripted readers. Its output does not depend on the place or time of the run.
/// </summary>
sealed class RecordedMachine : IDisposable
{
    /// <summary>The readers that each network namespace has.</summary>
    static readonly string[] OfNamespace =
    [
        "ephemeral_port_settings",
        "tcp_sockets",
        "udp_sockets",
        "conntrack",
        "socket_limits",
        "conntrack_failures",
        "sockstat",
        "tcp_counters",
        "udp_counters",
        "ipv6_counters",
        "interface_drops",
        "network_interfaces",
        "bridge_forwarding",
        "traffic_queues",
    ];

    /// <summary>The readers that read a process' namespace from outside.</summary>
    static readonly string[] FromOutside =
    [
        "sockstat",
        "tcp_counters",
        "udp_counters",
        "ipv6_counters",
        "interface_drops",
        "conntrack_failures",
        "conntrack",
    ];

    /// <summary>A folder name of constant length, since text is wrapped by its length.</summary>
    static string NewFolder => $"/tmp/openclaw-recorded-{Guid.NewGuid():n}";

    readonly RecordedClock _clock = new();
    readonly RecordedSampling _sampling;
    readonly Dictionary<string, Func<ImmutableArray<Reader>, Reader>> _replaced = [];
    readonly List<RecordedMachine> _inside = [];

    /// <summary>A quiet machine.</summary>
    public RecordedMachine() => _sampling = new(_clock);

    /// <summary>The files and sockets.</summary>
    public FilledMachine Fixture { get; } = new(NewFolder);

    /// <summary>The number of other network namespaces that are shown one by one.</summary>
    public int NamespacesShown { get; set; } = 50;

    /// <summary>The present time on the machine's clock.</summary>
    public DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>The machine's clock.</summary>
    public TimeProvider Clock => _clock;

    /// <summary>The sampling of the machine.</summary>
    public RecordedSampling Sampling => _sampling;

    /// <summary>Makes the reader of this name return a value.</summary>
    public void Give<T>(string reader, T value) => _replaced[reader] = _ => RecordedSampling.Given(reader, value);

    /// <summary>Makes readers return no value, with this reason.</summary>
    public void Miss(Absence reason, string detail, params IEnumerable<string> readers)
    {
        foreach (var name in readers)
        {
            var given = _replaced.GetValueOrDefault(name);
            _replaced[name] = all =>
                RecordedSampling.Unread(
                    given?.Invoke(all) ?? all.Single(reader => reader.Name == name),
                    reason,
                    $"{name}: {detail}"
                );
        }
    }

    /// <summary>Creates a machine that represents another network namespace of this machine.</summary>
    public RecordedMachine AddInside()
    {
        var inside = new RecordedMachine();
        _inside.Add(inside);
        return inside;
    }

    /// <summary>The readers of the machine's own network namespace.</summary>
    /// <param name="isEntered">True for an entered namespace; false for one that is read from outside.</param>
    public ImmutableArray<Reader> NamespaceReaders(bool isEntered = true) =>
        Readers().RemoveAll(reader => !(isEntered ? OfNamespace : FromOutside).Contains(reader.Name));

    /// <summary>Makes the reader of other network namespaces return these.</summary>
    public async Task GiveNamespacesAsync(
        int unused,
        params IEnumerable<(NetworkNamespace Netns, ImmutableArray<Reader> Readers, Missing? NotEntered)> namespaces
    )
    {
        var reader = await _sampling.NamespacesAsync(unused, namespaces);
        _replaced[reader.Name] = _ => reader;
    }

    /// <summary>All readers of the machine.</summary>
    public ImmutableArray<Reader> Readers()
    {
        var readers = Fixture.Readers();
        return
        [
            .. readers.Where(reader => !_replaced.ContainsKey(reader.Name)),
            .. _replaced.Values.Select(replacement => replacement(readers)),
        ];
    }

    /// <summary>Samples the machine.</summary>
    public Task SampleAsync() => _sampling.SampleAsync(Readers(), NamespacesShown);

    /// <summary>Samples the machine and then advances the clock.</summary>
    public async Task SampleAsync(TimeSpan then)
    {
        await SampleAsync();
        _clock.Advance(then);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Fixture.Dispose();
        foreach (var inside in _inside)
            inside.Dispose();
    }
}
