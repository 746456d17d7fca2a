using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sysctls;

/// <summary>
/// The network limits of sysctl, compared with the configuration that a restart of the machine would apply.
/// </summary>
/// <param name="ByKey">The keys that exist here, each with true where sysctl.d sets its present value.</param>
public sealed record PersistedSysctls(IReadOnlyDictionary<string, bool> ByKey)
{
    /// <summary>The kernel's defaults where they are constants. The others depend on the machine's memory.</summary>
    static readonly ImmutableDictionary<string, string> Defaults = new (string Key, string Value)[]
    {
        ("net.ipv4.ip_local_port_range", "32768 60999"),
        (ReservedPorts, ""),
        (ListenBacklog, "4096"),
        ("net.ipv4.neigh.default.gc_thresh3", "1024"),
        ("net.ipv6.neigh.default.gc_thresh3", "1024"),
    }.ToImmutableDictionary(static pair => pair.Key, static pair => pair.Value);

    /// <summary>The first version with the present SOMAXCONN, which was 128 before (commit 19f92a030ca6).</summary>
    static readonly Version LongerListenBacklog = new(5, 4);

    const string ListenBacklog = "net.core.somaxconn";

    const string ReservedPorts = "net.ipv4.ip_local_reserved_ports";

    /// <summary>
    /// The known values that a restart of the machine would restore, for the keys whose present value is another.
    /// </summary>
    public ImmutableDictionary<string, string> ComesBack { get; init; } = [];

    /// <summary>
    /// Keys that sysctl.d does not set and whose default depends on the machine. Their value after a restart is
    /// unknown.
    /// </summary>
    public ImmutableHashSet<string> Unknown { get; init; } = [];

    /// <summary>The keys of <see cref="Unknown"/> that sysctl.d set at an earlier reading.</summary>
    public ImmutableHashSet<string> Lost { get; init; } = [];

    /// <summary>The keys whose present value a restart of the machine would undo, as far as that is known.</summary>
    public ImmutableHashSet<string> Reverting => Lost.Union(ComesBack.Keys);

    /// <summary>The file with the effective line, for each key that sysctl.d sets.</summary>
    public ImmutableDictionary<string, string> SetIn { get; init; } = [];

    /// <summary>Compares sysctl.d with the running values in the calling thread's namespace.</summary>
    /// <param name="proc">The procfs with the running values.</param>
    /// <param name="root">The mount point of the machine's root file system.</param>
    /// <param name="keys">The keys to compare.</param>
    /// <param name="kernel">The version of the kernel; null for the running one.</param>
    internal static Reading<PersistedSysctls> Read(
        ProcMount proc,
        string root,
        ImmutableArray<string> keys,
        Version? kernel = null
    ) => SysctlConfiguration.Read(root).Select(configuration => Compare(proc, configuration, keys, kernel));

    /// <summary>Compares a configuration with what the kernel has in the reading thread's namespace.</summary>
    /// <param name="proc">The procfs with the running values.</param>
    /// <param name="configuration">The persistent values.</param>
    /// <param name="keys">The keys to compare.</param>
    /// <param name="kernel">The version of the kernel; null for the running one.</param>
    internal static PersistedSysctls Compare(
        ProcMount proc,
        SysctlConfiguration configuration,
        ImmutableArray<string> keys,
        Version? kernel = null
    )
    {
        var defaults =
            (kernel ?? Environment.OSVersion.Version) < LongerListenBacklog
                ? Defaults.SetItem(ListenBacklog, "128")
                : Defaults;
        var running = keys.Select(key => (Key: key, Path: SysctlLine.PathOf(key)))
            .Select(entry =>
                (entry.Key, Configured: configuration[entry.Path], Running: proc.ReadText("sys/" + entry.Path))
            )
            .Where(static entry => entry.Running.Missing is null)
            .ToList();
        return new PersistedSysctls(
            running.ToDictionary(
                static entry => entry.Key,
                static entry => entry.Configured is { } value && AreEqual(entry.Key, value, entry.Running.Value)
            )
        )
        {
            ComesBack = running
                .Select(entry =>
                    (
                        entry.Key,
                        Value: entry.Configured ?? defaults.GetValueOrDefault(entry.Key),
                        Running: entry.Running.Value
                    )
                )
                .Where(static entry => entry.Value is not null && !AreEqual(entry.Key, entry.Value, entry.Running))
                .ToImmutableDictionary(static entry => entry.Key, static entry => entry.Value!),
            Unknown =
            [
                .. running
                    .Where(static entry => entry.Configured is null && !Defaults.ContainsKey(entry.Key))
                    .Select(static entry => entry.Key),
            ],
            SetIn = running
                .Select(entry => (entry.Key, File: configuration.FileOf(SysctlLine.PathOf(entry.Key))))
                .Where(static entry => entry.File is not null)
                .ToImmutableDictionary(static entry => entry.Key, static entry => entry.File!),
        };
    }

    /// <summary>Returns true where the kernel would show the configured value like the running one.</summary>
    static bool AreEqual(string key, string configured, string running)
    {
        // The kernel sorts the list and joins neighbours.
        if (key == ReservedPorts)
        {
            return EphemeralPortSettings.ParseReserved(Encoding.UTF8.GetBytes(configured)).TryGet(out var one)
                && EphemeralPortSettings.ParseReserved(Encoding.UTF8.GetBytes(running)).TryGet(out var other)
                && one.ContainsAll(other)
                && other.ContainsAll(one);
        }

        return Numbers(configured).SequenceEqual(Numbers(running));
    }

    static IEnumerable<string> Numbers(string value) =>
        value
            .Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(static number =>
                long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
                    ? parsed.ToString(CultureInfo.InvariantCulture)
                    : number
            );
}
