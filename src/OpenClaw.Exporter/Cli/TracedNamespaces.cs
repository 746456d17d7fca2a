using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Cli;

/// <summary>The network namespaces of refused calls: their names, and the selection of --netns.</summary>
/// <param name="proc">The procfs.</param>
/// <param name="root">The mount point of the machine's root file system.</param>
/// <param name="wanted">The value of --netns.</param>
sealed class TracedNamespaces(ProcMount proc, string root, string wanted) : IDisposable
{
    static readonly TimeSpan BetweenReadings = TimeSpan.FromSeconds(2);

    readonly NamespaceSelection _selection = new(
        wanted is ExporterFlags.AutoNetns or ExporterFlags.AllNetns or NetworkNamespaces.Self ? null : wanted
    );
    readonly Sampler _sampler = new(
        KernelReaders
            .All(proc, new Regex("^$"), worst: 0, root, new())
            .RemoveAll(static reader => reader.Name is not ("processes" or "network_namespaces")),
        TimeProvider.System
    );
    NetworkNamespaces? _known;
    long _readAt;

    /// <inheritdoc/>
    public void Dispose() => _sampler.Dispose();

    /// <summary>
    /// Lists the namespaces again, where the list is not new. Returns the reason why the wanted one cannot be traced;
    /// null when it can.
    /// </summary>
    public async Task<string?> RefreshAsync()
    {
        if (_known is not null && System.Diagnostics.Stopwatch.GetElapsedTime(_readAt) < BetweenReadings)
            return null;
        var snapshot = await _sampler.SampleAsync(TimeSpan.FromSeconds(5));
        _readAt = System.Diagnostics.Stopwatch.GetTimestamp();
        var read = snapshot.Get<NetworkNamespaces>();
        if (read.TryGet(out var all))
            _known = all;
        if (wanted is ExporterFlags.AutoNetns or ExporterFlags.AllNetns)
            return null;
        if (_known is null)
            return $"cannot find the network namespace {wanted}: {read.Missing!.Detail}";
        return _known.All.Any(IsWanted) ? null : $"no network namespace {wanted} on this machine";
    }

    /// <summary>Returns true where the namespace of a call is not in the list, such as a new one.</summary>
    public bool IsUnknown(RefusedCall call) => Find(call) is null;

    /// <summary>Returns true where the namespace of a call is selected.</summary>
    public bool Includes(RefusedCall call) =>
        wanted is ExporterFlags.AutoNetns or ExporterFlags.AllNetns || (Find(call) is { } netns && IsWanted(netns));

    /// <summary>Returns the name of the namespace of a call; its inode where it has no known name.</summary>
    public string NameOf(RefusedCall call) =>
        Find(call)?.Name ?? call.NetworkNamespace.ToString(CultureInfo.InvariantCulture);

    bool IsWanted(NetworkNamespace netns) =>
        wanted == NetworkNamespaces.Self ? netns.IsOwn : _selection.Includes(netns);

    NetworkNamespace? Find(RefusedCall call) =>
        _known?.All.FirstOrDefault(netns => netns.Inode == call.NetworkNamespace);
}
