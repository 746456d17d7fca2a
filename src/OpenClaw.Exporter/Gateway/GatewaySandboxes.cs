using System.Collections.Immutable;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>A container that OpenClaw created to run the tools of its agents.</summary>
/// <param name="Name">The name of the container.</param>
/// <param name="Gateway">Its Gateway in words; without a process id where several run.</param>
/// <param name="Processes">The processes in it.</param>
sealed record Sandbox(string Name, string Gateway, ImmutableArray<ProcessDescriptors> Processes)
{
    /// <summary>The configuration file of its Gateway; openclaw.json where several run.</summary>
    public required string Configuration { get; init; }

    /// <summary>The container in words: "sandbox NAME of openclaw-gateway (pid 300)".</summary>
    public string Words => $"sandbox {Name} of {Gateway}";
}

/// <summary>
/// Finds the sandboxes of OpenClaw by the label of their containers. The cgroup of a process is read once. Outside
/// a container it is read once more: an engine moves a process into its container after it started it.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="files">The files of the container engines.</param>
sealed class GatewaySandboxes(ProcMount proc, ContainerFiles files)
{
    /// <summary>The label of each sandbox (buildSandboxCreateArgs of OpenClaw).</summary>
    const string Label = "openclaw.sandbox";

    /// <summary>The start of a sandbox's name by default. The files of Podman have no labels.</summary>
    const string Prefix = "openclaw-sbx-";

    Dictionary<ProcessIdentity, Seen> _seen = [];

    /// <summary>Returns the sandboxes that have a process.</summary>
    /// <param name="table">The processes of the machine.</param>
    /// <param name="gateways">The Gateways that run.</param>
    public ImmutableArray<Sandbox> Find(ProcessTable table, ImmutableArray<FoundGateway> gateways)
    {
        var processes = gateways.IsEmpty ? [] : table.Processes.DistinctBy(static process => process.Pid).ToList();
        _seen = processes.ToDictionary(static process => process.Identity, process => Look(process.Identity));

        // Nothing tells which of several Gateways created a container.
        var only = gateways is [var single] ? single : null;
        var gateway = only?.Process ?? GatewayDiscovery.Title;
        var configuration = only is { Configuration: { Length: > 0 } path } ? path : GatewayFiles.ConfigurationFile;
        var sandboxes =
            from process in processes
            let owner = _seen[process.Identity].Owner
            where owner.Container.Length > 0
            group process by owner.Container into inside
            let container = ContainerOf(_seen[inside.First().Identity].Owner, table)
            where container is not null && IsSandbox(container)
            orderby container.Name
            select new Sandbox(container.Name, gateway, [.. inside]) { Configuration = configuration };
        ImmutableArray<Sandbox> found = [.. sandboxes];
        files.ForgetUnasked();
        return found;
    }

    /// <summary>Returns the container or pod of a process in words; empty outside both.</summary>
    public string WordsFor(ProcessOwner owner, ProcessTable table) =>
        ContainerWords.Describe(owner.Container, ContainerOf(owner, table));

    Container? ContainerOf(ProcessOwner owner, ProcessTable table) =>
        files.Find(owner, table).TryGet(out var container) ? container : null;

    static bool IsSandbox(Container container) =>
        container.Labels is { } labels
            ? labels.GetValueOrDefault(Label) == "1"
            : container.Name.StartsWith(Prefix, StringComparison.Ordinal);

    Seen Look(ProcessIdentity process)
    {
        var known = _seen.GetValueOrDefault(process);
        if (known is { IsFinal: true })
            return known;
        return proc.Read($"{process.Pid}/cgroup", ProcessOwner.Parse).TryGet(out var owner)
            ? new(owner, owner.Container.Length > 0 || known is not null)
            : new(ProcessOwner.None, IsFinal: false);
    }

    /// <summary>The owner of a process.</summary>
    /// <param name="Owner">The owner.</param>
    /// <param name="IsFinal">True where it need not be read again.</param>
    sealed record Seen(ProcessOwner Owner, bool IsFinal);
}
