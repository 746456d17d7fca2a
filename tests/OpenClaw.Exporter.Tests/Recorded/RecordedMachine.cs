using System.Collections.Immutable;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// A machine of fixtures and scripted readers, of which nothing depends on where and when it is looked at.
/// </summary>
sealed class RecordedMachine : IDisposable
{
    /// <summary>Readers of what each network namespace has.</summary>
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

    /// <summary>Those of them that read the namespace of a process from outside.</summary>
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

    /// <summary>Always as long, for text is broken into lines by its length.</summary>
    static string NewFolder => $"/tmp/openclaw-recorded-{Guid.NewGuid():n}";

    readonly RecordedClock _clock = new();
    readonly RecordedSampling _sampling;
    readonly Dictionary<string, Func<ImmutableArray<Reader>, Reader>> _replaced = [];
    readonly List<RecordedMachine> _inside = [];

    /// <summary>A quiet machine.</summary>
    public RecordedMachine() => _sampling = new(_clock);

    /// <summary>Its files and sockets.</summary>
    public FilledMachine Fixture { get; } = new(NewFolder);

    /// <summary>How many further network namespaces are shown one by one.</summary>
    public int NamespacesShown { get; set; } = 50;

    /// <summary>The time there.</summary>
    public DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>Its clock.</summary>
    public TimeProvider Clock => _clock;

    /// <summary>What it is sampled with.</summary>
    public RecordedSampling Sampling => _sampling;

    /// <summary>Has a reader of this name give a value.</summary>
    public void Give<T>(string reader, T value) => _replaced[reader] = _ => RecordedSampling.Given(reader, value);

    /// <summary>Has readers give nothing.</summary>
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

    /// <summary>Makes a machine whose own network namespace is another one of this machine.</summary>
    public RecordedMachine AddInside()
    {
        var inside = new RecordedMachine();
        _inside.Add(inside);
        return inside;
    }

    /// <summary>What is read in its own network namespace.</summary>
    /// <param name="isEntered">Whether it is entered, or only looked at from outside.</param>
    public ImmutableArray<Reader> NamespaceReaders(bool isEntered = true) =>
        Readers().RemoveAll(reader => !(isEntered ? OfNamespace : FromOutside).Contains(reader.Name));

    /// <summary>Has the reader of other network namespaces give these.</summary>
    public async Task GiveNamespacesAsync(
        int unused,
        params IEnumerable<(NetworkNamespace Netns, ImmutableArray<Reader> Readers, Missing? NotEntered)> namespaces
    )
    {
        var reader = await _sampling.NamespacesAsync(unused, namespaces);
        _replaced[reader.Name] = _ => reader;
    }

    /// <summary>All its readers.</summary>
    public ImmutableArray<Reader> Readers()
    {
        var readers = Fixture.Readers();
        return
        [
            .. readers.Where(reader => !_replaced.ContainsKey(reader.Name)),
            .. _replaced.Values.Select(replacement => replacement(readers)),
        ];
    }

    /// <summary>Samples it.</summary>
    public Task SampleAsync() => _sampling.SampleAsync(Readers(), NamespacesShown);

    /// <summary>Samples it, and lets time go by.</summary>
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
