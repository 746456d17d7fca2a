using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>An OpenClaw Gateway that runs on this machine, or ran here a few minutes ago.</summary>
/// <param name="Pid">Its process; 0 where only its listener is visible.</param>
/// <param name="Name">The name of its process.</param>
sealed record FoundGateway(int Pid, string Name)
{
    /// <summary>The sign that it was found by: its process title, its command line or its listener.</summary>
    public required string FoundBy { get; init; }

    /// <summary>The loopback address at which it listens; null where it has none or none can be seen.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>The port that it is configured to listen at; null where that is unknown.</summary>
    public int? Port { get; init; }

    /// <summary>
    /// False where it is in another network namespace, so that 127.0.0.1 is not its address. Null where that is
    /// unknown.
    /// </summary>
    public bool? IsHere { get; init; }

    /// <summary>The name of its network namespace; empty where that is unknown.</summary>
    public string Netns { get; init; } = "";

    /// <summary>True where its descriptors may not be read, so that its listener is unknown.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The port at which another program listens instead of it; null where it could listen.</summary>
    public int? TakenPort { get; init; }

    /// <summary>True where its configuration turns TLS on.</summary>
    public bool UsesTls { get; init; }

    /// <summary>The systemd unit, or the container and pod in words; empty outside all of them.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The path of its cgroup; empty when unknown.</summary>
    public string Cgroup { get; init; } = "";

    /// <summary>The limit in its systemd unit; null where none is set there or the unit cannot be read.</summary>
    public UnitLimit? UnitLimit { get; init; }

    /// <summary>True where its unit belongs to a user's systemd.</summary>
    public bool IsUserUnit { get; init; }

    /// <summary>The processes that it started, directly or not.</summary>
    public ImmutableArray<ProcessDescriptors> Workers { get; init; } = [];

    /// <summary>The profile; empty for the default one.</summary>
    public string Profile { get; init; } = "";

    /// <summary>The path of its configuration file, as it sees it; empty when unknown.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>The path of its log with stars, as this process reaches it; empty when unknown.</summary>
    public string Log { get; init; } = "";

    /// <summary>
    /// True where no file has the path of its log. The output of a unit is in the journal, which is not read.
    /// </summary>
    public bool HasNoLog { get; init; }

    /// <summary>The reason why its files are not reached; null where they are.</summary>
    public Missing? Unreached { get; init; }

    /// <summary>The time since it was first seen to be gone; null while it runs.</summary>
    public TimeSpan? GoneFor { get; init; }

    /// <summary>
    /// Returns its port where it is in the exporter's own network namespace: that of its listener, else the configured
    /// one.
    /// </summary>
    public static IEnumerable<ushort> PortsHere(FoundGateway gateway) =>
        gateway.IsHere == true && (gateway.Address?.Port ?? gateway.Port) is { } port ? [(ushort)port] : [];

    string Scheme => UsesTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;

    /// <summary>The address of its health; null where nothing may be sent to it from here.</summary>
    public Uri? HealthAddress => IsHere == true ? LoopbackAddress : null;

    /// <summary>The address of its health in its own network namespace; null where it is not known to listen.</summary>
    public Uri? LoopbackAddress => Address is { } address ? new($"{Scheme}://{address}/healthz") : null;

    /// <summary>Returns true where its process is in a network namespace.</summary>
    public bool IsIn(NamespaceView view) => Pid > 0 && (view.IsOwn ? IsHere == true : Netns == view.Name);

    /// <summary>The reason why its health is not asked; null where it is.</summary>
    public string? NotAsked =>
        this switch
        {
            { TakenPort: { } port } => string.Create(
                CultureInfo.InvariantCulture,
                $"has no listener; another program listens at port {port} (ss -ltnp sport = :{port})"
            ),
            { IsHere: false } => "in another network namespace; its health is not checked",
            { HealthAddress: null } => "no visible loopback address; its health is not checked",
            _ => null,
        };

    string NameElsewhere => IsHere == false ? Netns : "";

    /// <summary>Its process in words.</summary>
    public string Process =>
        Pid > 0 ? string.Create(CultureInfo.InvariantCulture, $"{VisibleText.Escape(Name)} (pid {Pid})") : Name;

    /// <summary>The number of its workers and the names of the first ones; empty without workers.</summary>
    string WorkerWords
    {
        get
        {
            const int namesAtMost = 3;
            if (Workers.IsEmpty)
                return "";
            var names = Workers.Select(static worker => worker.Name).Distinct().ToList();
            var more = names.Count > namesAtMost ? ", …" : "";
            var all = string.Join(", ", names.Take(namesAtMost));
            return $"{Counted.Format(Workers.Length, "worker processes")} ({all}{more})";
        }
    }

    /// <summary>Returns all that is known of it as one line.</summary>
    /// <param name="version">Its version; null when unknown.</param>
    /// <param name="isAsked">True where its health is checked.</param>
    public string Describe(string? version, bool isAsked = false)
    {
        var parts = ImmutableArray.CreateBuilder<string>();
        parts.Add(Process);
        if (Address is not null)
            parts.Add($"{Address}");
        Add("version", version ?? "");
        Add("", Owner);
        Add("", WorkerWords);
        Add("profile", Profile);
        Add("log", HasNoLog ? "" : Log);
        if (HasNoLog)
            Add("", $"no log at {Log}: its errors are not counted, for the journal is not read; set logging.file");
        if (Unreached is { } why)
            Add("", $"its log is not read: {why.Detail}");
        Add("configuration", Configuration);
        Add(isAsked && IsHere == false ? "network namespace" : "", isAsked ? NameElsewhere : NotAsked ?? "");
        parts.Add($"found by its {FoundBy}");
        return string.Join(", ", parts);

        void Add(string word, string value)
        {
            if (value.Length > 0)
                parts.Add($"{word} {VisibleText.Escape(value)}".TrimStart());
        }
    }
}

/// <summary>The Gateways on this machine.</summary>
/// <param name="Running">The Gateways that run, in the order of their process ids.</param>
/// <param name="Gone">The Gateways that ended in the last minutes and were not started again.</param>
sealed record FoundGateways(ImmutableArray<FoundGateway> Running, ImmutableArray<FoundGateway> Gone)
{
    /// <summary>The containers in which OpenClaw runs the tools of its agents.</summary>
    public ImmutableArray<Sandbox> Sandboxes { get; init; } = [];

    /// <summary>Returns the sandbox of a process; null outside a sandbox.</summary>
    public Sandbox? SandboxOf(int pid) =>
        Sandboxes.FirstOrDefault(sandbox => sandbox.Processes.Any(process => process.Pid == pid));

    /// <summary>
    /// Returns the units whose file sets a limit on descriptors, and whether their Gateway runs with another one.
    /// </summary>
    public IEnumerable<(string Name, bool IsPending)> PendingRestarts(ProcessTable table) =>
        from gateway in Running
        let limit = gateway.UnitLimit
        where limit is not null
        let process = table.Processes.FirstOrDefault(process => process.Pid == gateway.Pid)
        where process is not null && process.Limits.Missing is null
        select (Path.GetFileNameWithoutExtension(gateway.Owner), !limit.IsInForce(process.Limits.Value));

    /// <summary>
    /// Returns the Gateway that started a process; null for a Gateway itself and for any other process.
    /// </summary>
    public FoundGateway? StarterOf(int pid) =>
        Running.FirstOrDefault(gateway => gateway.Workers.Any(worker => worker.Pid == pid));
}
