using System.Globalization;
using OpenClaw.Exporter.Runtime;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Procfs;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Pools;

/// <summary>The remedies of the pools, from what was read.</summary>
static class PoolRemedies
{
    // Below it live the ports of services; above the default's end some systems keep ports for other uses.
    const int LowestSensiblePort = 10240;
    const int HighestSensiblePort = 60999;
    const long SensibleDescriptors = 65536;
    const long SensibleBacklog = 4096;

    /// <summary>For connect(): a wider range, unless it is as wide as is wise; what the application can do comes first.</summary>
    public static Remedy ConnectPorts(Snapshot snapshot)
    {
        var advice = snapshot.Get<TcpSockets>().TryGet(out var tcp) switch
        {
            true when tcp![TcpState.TimeWait] > tcp[TcpState.Established] =>
                "Most of these ports wait in TIME_WAIT: keep connections open and reuse them (connection pool, keep-alive) instead of opening one for each request. A wider range buys time.",
            true when 2 * tcp.EstablishedWithoutKeepalive > tcp[TcpState.Established] =>
                "Most connections have no keepalive, so those whose peer is gone hold their port for good: turn it on (SO_KEEPALIVE), "
                + "and share connections to this destination (connection pool, HTTP/2). A wider range buys time.",
            _ => "Share connections to this destination (connection pool, HTTP/2), or close those that are not used. A wider range buys time.",
        };
        return WiderRange(snapshot, advice);
    }

    /// <summary>For bind(): likewise.</summary>
    public static Remedy BindPorts(Snapshot snapshot) => WiderRange(
        snapshot, "Let outgoing sockets be bound by connect(), or bind them with IP_BIND_ADDRESS_NO_PORT, so that destinations can share ports. A wider range buys time.");

    /// <summary>For a process: its own limit, on the running process, as far as its hard limit allows without more rights.</summary>
    public static Remedy ProcessDescriptors(Snapshot snapshot, PoolLevel level)
    {
        var room = Math.Max(SensibleDescriptors, 2 * (long)(level.Limit ?? level.Used));
        var pid = level.Pid?.ToString(CultureInfo.InvariantCulture) ?? "PID";
        var hard = snapshot.Get<ProcessTable>().TryGet(out var table)
            ? table.Processes.FirstOrDefault(process => process.Pid == level.Pid)?.Limits.Select(static limits => limits.OpenFilesHard ?? long.MaxValue)
            : null;
        var hasRoom = hard is { } reading && reading.TryGet(out var ceiling) && ceiling > level.Limit;
        var now = hasRoom ? Math.Min(room, hard!.Value.Value) : room;
        return new(
            $"{WhatItHolds(snapshot, level.Pid)}{HowItGrows(snapshot, level)}",
            hasRoom ? $"prlimit --pid {pid} --nofile={now}:" : $"prlimit --pid {pid} --nofile={now}:{now}",
            $"LimitNOFILE={room}",
            $"the [Service] section of its systemd unit (systemctl edit {level.Subject})",
            NeedsRestart: true,
            "Raising fs.file-max does not help: the limit that fails is the process's own RLIMIT_NOFILE."
            + (hasRoom ? "" : " Its hard limit is reached too: raising that takes CAP_SYS_RESOURCE."),
            RestartPending(snapshot, level));
    }

    /// <summary>For the whole machine.</summary>
    public static Remedy SystemDescriptors(PoolLevel level) => Remedy.Sysctl(
        "Find who holds them (the fullest processes are listed), and make room.", "fs.file-max", Twice(level));

    /// <summary>For connection tracking.</summary>
    public static Remedy ConntrackEntries(PoolLevel level) => Remedy.Sysctl(
        "Make room in the table, or stop tracking what needs no tracking (nft notrack).", "net.netfilter.nf_conntrack_max", Twice(level),
        "One value for the machine: set it on the host. Each entry takes about 320 bytes of kernel memory, and kube-proxy sets its own value again.") with
    {
        OnHost = true,
    };

    /// <summary>For TIME_WAIT.</summary>
    public static Remedy TimeWaitSockets(PoolLevel level) => Remedy.Sysctl(
        "Keep connections open and reuse them instead of opening one for each request.", "net.ipv4.tcp_max_tw_buckets", Twice(level),
        "Never make it smaller to get rid of TIME_WAIT: packets of old connections then reach new ones.");

    /// <summary>For orphans.</summary>
    public static Remedy OrphanSockets(PoolLevel level) => Remedy.Sysctl(
        "See to peers that are gone while data is on its way to them.", "net.ipv4.tcp_max_orphans", Twice(level),
        "One value for the machine: set it on the host. Each orphan takes up to 64 KB of kernel memory.");

    /// <summary>For the buffers of a protocol, whose three numbers are pages.</summary>
    public static Remedy SocketMemory(PoolLevel level, string protocol)
    {
        var advice = $"Find the sockets whose data nobody reads: ss -{protocol[0]}nm.";
        if (level.Limit is not { } limit)
            return new(advice);
        var high = 2 * (long)limit / Environment.SystemPageSize;
        return Remedy.Sysctl(
            advice, $"net.ipv4.{protocol}_mem", string.Create(CultureInfo.InvariantCulture, $"{high / 2} {high * 3 / 4} {high}"),
            "One value for the machine: set it on the host. It is memory that nothing else can have.");
    }

    /// <summary>For a neighbour table.</summary>
    public static Remedy NeighbourEntries(PoolLevel level) => Remedy.Sysctl(
        "Find who fills it: ip neigh show | awk '{print $3}' | sort | uniq -c.", $"net.{level.Subject}.neigh.default.gc_thresh3", Twice(level),
        "One table for all network namespaces: set it on the host.");

    /// <summary>For a listener: why it does not accept comes first, for a longer queue only lets clients wait longer.</summary>
    public static Remedy AcceptQueue(PoolLevel level) => Remedy.Sysctl(
        $"See why the process behind it does not accept (ss -ltnp 'sport = :{level.Subject[(level.Subject.LastIndexOf(':') + 1)..]}' names it): stuck, or short of CPU. A longer queue rides out bursts only.",
        "net.core.somaxconn", Math.Max(SensibleBacklog, 2 * (long)level.Limit!.Value).ToString(CultureInfo.InvariantCulture),
        "The program must ask for the longer queue in listen(), and be started again: a listener keeps the backlog it was made with.");

    /// <summary>Names the kind that most of them are, so that a leak of files is not taken for one of connections.</summary>
    static string WhatItHolds(Snapshot snapshot, int? pid)
    {
        if (pid is null
            || !snapshot.Get<WatchedDescriptors>().TryGet(out var watched)
            || !watched.ByPid.TryGetValue(pid.Value, out var reading)
            || !reading.TryGet(out var kinds))
        {
            return $"See what it holds open: ls -l /proc/{pid?.ToString(CultureInfo.InvariantCulture) ?? "PID"}/fd. ";
        }

        var most = kinds.ByName.MaxBy(static kind => kind.Count);
        var kind = most.Name switch
        {
            "socket" => "sockets: look at its connections",
            "file" => "files, not sockets: the network is not the cause",
            "pipe" => "pipes, not sockets: look at its child processes",
            _ => "neither sockets nor files",
        };
        var all = kinds.ByName.Sum(static kind => kind.Count);
        return kinds.IsEstimate
            ? $"About {most.Count} of its {all} descriptors are {kind}, by a sample of them (ls -l /proc/{pid}/fd). "
            : $"{most.Count} of its {all} descriptors are {kind} (ls -l /proc/{pid}/fd). ";
    }

    /// <summary>Whether it leaks, by what was seen over time.</summary>
    static string HowItGrows(Snapshot snapshot, PoolLevel level)
    {
        const string unknown = "When that only grows, the process leaks and more room only delays the end.";
        if (level.Pid is not { } pid || !snapshot.Get<DescriptorGrowth>().TryGet(out var growth) || !growth.PerHourByPid.TryGetValue(pid, out var perHour))
            return unknown;
        if (perHour < 1)
            return "Their number does not grow.";
        var left = level.Limit is { } limit ? $", and is out of them in {Durations.Of(TimeSpan.FromHours((limit - level.Used) / perHour))}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"It gains {perHour:N0} an hour{left}: it leaks, and more room only delays the end.");
    }

    /// <summary>Where the service's configuration says something else than what its process runs with.</summary>
    static string? RestartPending(Snapshot snapshot, PoolLevel level) =>
        snapshot.Get<ServiceConfiguration>().TryGet(out var configuration) && snapshot.Get<ProcessTable>().TryGet(out var table)
        && DaemonConnectionPool.Services(configuration, table).FirstOrDefault(service => service.Processes.Any(process => process.Pid == level.Pid)).Limits is { MaxOpenFiles: { } wanted }
        && wanted != level.Limit
            ? $"max-open-files is configured as {wanted}, the process runs with {level.Limit}: restart pending."
            : null;

    static Remedy WiderRange(Snapshot snapshot, string advice)
    {
        if (!snapshot.Get<EphemeralPortSettings>().TryGet(out var settings))
            return new(advice);
        var first = Math.Min((int)settings.First, Math.Max(LowestSensiblePort, settings.First - (3 * settings.RangeSize)));
        var last = Math.Max((int)settings.Last, Math.Min(HighestSensiblePort, first + (4 * settings.RangeSize) - 1));

        // An odd range loses a port.
        if ((last - first) % 2 == 0)
            last--;
        return last - first + 1 <= settings.RangeSize
            ? new(advice, Warning: "The range is as wide as is wise: below 10240 it would swallow the ports of services.")
            : Remedy.Sysctl(
                advice, "net.ipv4.ip_local_port_range", string.Create(CultureInfo.InvariantCulture, $"{first} {last}"),
                "A service that listens on a port inside the new range can find it taken: put its port into net.ipv4.ip_local_reserved_ports.");
    }

    static string Twice(PoolLevel level) => (2 * (long)(level.Limit ?? level.Used)).ToString(CultureInfo.InvariantCulture);
}
