using System.Collections.Immutable;
using System.Net;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Finds the Gateways of this machine by their process titles, command lines and listeners. It looks closely at a
/// process once, then each minute, and each time while no listener of it is known.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="clock">The clock.</param>
/// <param name="root">The mount point of the machine's root file system, where engines name containers.</param>
/// <param name="ports">The list that gets the ports of the Gateways; null for none.</param>
sealed partial class GatewayDiscovery(
    ProcMount proc,
    TimeProvider clock,
    string root = "/",
    ServicePortList? ports = null
) : Reader<FoundGateways>("gateway_discovery", "/proc/PID/{cmdline,cgroup,environ,fd,net/tcp,stat}")
{
    /// <summary>The title that the Gateway gives its process.</summary>
    public const string Title = "openclaw-gateway";

    /// <summary>The port that a Gateway listens at without a setting.</summary>
    public const ushort UsualPort = 18789;

    /// <summary>The time that a Gateway is expected back after its end, so that an alert can fire.</summary>
    public static readonly TimeSpan ExpectedFor = TimeSpan.FromMinutes(15);

    static readonly TimeSpan Recheck = TimeSpan.FromMinutes(1);

    /// <summary>The names of processes that run a script, as the kernel shows them.</summary>
    static readonly ImmutableHashSet<string> ScriptRunners = ["node", "nodejs", "bun", "openclaw", "openclaw gateway"];

    readonly long _start = clock.GetTimestamp();
    readonly GatewayWorkers _workers = new(proc);
    readonly GatewaySandboxes _sandboxes = new(proc, new(proc, root, clock));
    ImmutableArray<Sandbox> _inContainers = [];
    Dictionary<int, Seen> _seen = [];
    ImmutableArray<Seen> _gone = [];

    /// <inheritdoc/>
    public override ImmutableArray<Type> Needs { get; init; } =
    [typeof(ProcessTable), typeof(TcpSockets), typeof(NetworkNamespaces)];

    /// <inheritdoc/>
    protected override Reading<FoundGateways> Read(SamplingPass sampling)
    {
        var now = clock.GetElapsedTime(_start);
        if (sampling.Get<ProcessTable>().TryGet(out var table))
        {
            var seen = Look(table, sampling.Deadline, now);
            _gone =
            [
                .. _gone,
                .. _seen
                    .Where(before => !seen.ContainsKey(before.Key) && before.Value.Gateway.HealthAddress is not null)
                    .Select(before => before.Value with { At = now }),
            ];
            _seen = seen;
            var workers = _workers.Find(table, seen.Keys);
            var namespaces = sampling.Get<NetworkNamespaces>().TryGet(out var all) ? all : null;
            foreach (var (pid, one) in seen)
            {
                var netns = table.Processes.FirstOrDefault(process => process.Pid == pid) is { } process
                    ? namespaces?.Find(process)?.Name
                    : null;
                var gateway = one.Gateway with { Workers = [.. workers[pid]], Netns = netns ?? "" };
                seen[pid] = one with { Gateway = gateway };
            }

            _inContainers = _sandboxes.Find(table, [.. seen.Values.Select(static one => one.Gateway)]);
        }

        var running = _seen.Values.Select(static one => one.Gateway).OrderBy(static gateway => gateway.Pid).ToList();
        _gone = [.. _gone.Where(gone => IsExpected(gone, running, now))];
        var missed = _gone;
        if (WithoutProcess(sampling, running) is { } unowned)
        {
            // The listener may be that of a Gateway that ended since the sockets were read. So the next snapshot
            // decides whether it was replaced.
            running.Add(unowned);
            missed = [.. missed.Where(gone => !IsSame(unowned, gone.Gateway))];
        }

        ports?.SetFound(running.Concat(missed.Select(static gone => gone.Gateway)).SelectMany(FoundGateway.PortsHere));
        return running.Count == 0 && missed.IsEmpty
            ? new Missing(Absence.NotPresent, "no OpenClaw Gateway runs on this machine")
            : new FoundGateways([.. running], [.. missed.Select(gone => gone.Gateway with { GoneFor = now - gone.At })])
            {
                Sandboxes = _inContainers,
            };
    }

    /// <summary>A machine without a Gateway is no failure.</summary>
    protected override Missing? FailureFrom(Missing missing) => missing.Outcome == Outcome.None ? null : missing;

    /// <summary>
    /// Returns true where a Gateway that ended was not replaced. A Gateway that starts again and again without a
    /// listener replaces nothing, and is waited for.
    /// </summary>
    static bool IsExpected(Seen gone, List<FoundGateway> running, TimeSpan now) =>
        !running.Exists(one => one.Address is not null && IsSame(one, gone.Gateway))
        && (now - gone.At < ExpectedFor || running.Exists(one => one.Address is null && IsSame(one, gone.Gateway)));

    /// <summary>
    /// Compares addresses and configuration files, which are the same in two containers. Only within one network
    /// namespace do they mean the same Gateway.
    /// </summary>
    static bool IsSame(FoundGateway one, FoundGateway other) =>
        one.IsHere == other.IsHere
        && (
            (one.Address is not null && one.Address.Equals(other.Address))
            || (one.Configuration.Length > 0 && one.Configuration == other.Configuration)
        );

    Dictionary<int, Seen> Look(ProcessTable table, Deadline deadline, TimeSpan now)
    {
        var seen = new Dictionary<int, Seen>();
        foreach (var process in table.Processes)
        {
            if (seen.ContainsKey(process.Pid) || Recognize(process) is not { } sign)
                continue;
            var known = _seen.GetValueOrDefault(process.Pid);
            seen[process.Pid] =
                known is { Gateway: { Address: not null } gateway }
                && gateway.FoundBy == sign
                && now - known.At < Recheck
                    ? known
                    : new(Look(process, sign, table, deadline), now);
        }

        return seen;
    }

    /// <summary>Returns the sign that a process is a Gateway; null where it is none.</summary>
    string? Recognize(ProcessDescriptors process)
    {
        if (process.Name == Title || process.Name.StartsWith(Title + "-", StringComparison.Ordinal))
            return "process title";
        return
            process.IsWatchedProgram
            && ScriptRunners.Contains(process.Name)
            && proc.ReadStart($"{process.Pid}/cmdline").TryGet(out var line)
            && GatewayCommand().IsMatch(line)
            ? "command line"
            : null;
    }

    FoundGateway Look(ProcessDescriptors process, string sign, ProcessTable table, Deadline deadline)
    {
        var owner = proc.Read($"{process.Pid}/cgroup", ProcessOwner.Parse).TryGet(out var read)
            ? read
            : ProcessOwner.None;
        var opened = OpenedFiles.Read(proc, process.Pid, deadline);
        var isVisible = opened.TryGet(out var files);
        var found = GatewayFiles.Read(proc, process.Pid, owner, isVisible ? files!.Paths : []);
        return new(process.Pid, process.Name)
        {
            FoundBy = sign,
            Address = isVisible ? LoopbackOf(files!.Listeners, found.Port) : null,
            IsHidden = !isVisible,
            IsHere = OpenedFiles.SharesNetwork(proc, process.Pid).TryGet(out var isHere) ? isHere : null,
            Port = found.Port,
            UsesTls = found.UsesTls,
            Owner = _sandboxes.WordsFor(owner, table) is { Length: > 0 } words ? words : GatewayFiles.UnitOf(owner),
            Cgroup = owner.Cgroup,
            IsUserUnit = owner.IsOfUser,
            UnitLimit = found.UnitLimit,
            Profile = found.Profile,
            Configuration = found.Configuration,
            Log = found.Log,
            Unreached = found.Unreached,
        };
    }

    /// <summary>
    /// Returns the loopback address of a listener: the configured port, else the usual one, else the lowest. A listener
    /// at all addresses is at the loopback address, too.
    /// </summary>
    internal static IPEndPoint? LoopbackOf(ImmutableArray<IPEndPoint> listeners, int? configured)
    {
        var best = listeners
            .Where(static one =>
                IPAddress.IsLoopback(one.Address)
                || one.Address.Equals(IPAddress.Any)
                || one.Address.Equals(IPAddress.IPv6Any)
            )
            .OrderByDescending(one => one.Port == configured)
            .ThenByDescending(static one => one.Port == UsualPort)
            .ThenBy(static one => one.Port)
            .ThenBy(static one => one.AddressFamily)
            .FirstOrDefault();
        if (best is null || IPAddress.IsLoopback(best.Address))
            return best;
        return new(best.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : IPAddress.IPv6Loopback, best.Port);
    }

    /// <summary>
    /// Returns the Gateway at the usual port where its process or listener is not visible: in another container of a
    /// pod, or as another user.
    /// </summary>
    static FoundGateway? WithoutProcess(SamplingPass sampling, List<FoundGateway> running)
    {
        if (
            running.Exists(static one => one.Address is not null && one.IsHere == true)
            || !sampling.Get<TcpSockets>().Then(static sockets => sockets.Ports).TryGet(out var taken)
            || !taken.ListeningPorts.Contains(UsualPort)
        )
        {
            return null;
        }

        // A Gateway with visible descriptors has no listener: the port is another program's.
        var barred = running.FindIndex(static one => one is { Address: null, IsHidden: false, IsHere: true });
        if (barred >= 0)
        {
            running[barred] = running[barred] with { TakenPort = UsualPort };
            return null;
        }

        // A process whose descriptors may not be read is the owner.
        var hidden = running.FindIndex(static one => one.Address is null && one.IsHere != false);
        var owner = hidden < 0 ? new(0, "a process that is not visible") { FoundBy = "listener" } : running[hidden];
        if (hidden >= 0)
            running.RemoveAt(hidden);
        return owner with { Address = new(IPAddress.Loopback, UsualPort), IsHere = true };
    }

    /// <summary>
    /// Matches a script of OpenClaw with the word "gateway" that is no question or order to a running Gateway.
    /// </summary>
    [GeneratedRegex(
        @"openclaw[^\0]*\0(?:[^\0]*\0)*?gateway\0"
            + @"(?!(?:status|health|stop|start|restart|call|stability|probe|install|uninstall)\0)",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex GatewayCommand();

    sealed record Seen(FoundGateway Gateway, TimeSpan At);
}
