using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// Counts the entries of connection tracking by ctnetlink. A dump walks the connections of the whole machine. So the
/// reader asks only while connections fail, or while the table is above half of its maximum. It asks at most once a
/// minute in each namespace. Needs CAP_NET_ADMIN in the namespace.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="open">Opens a socket of nfnetlink.</param>
/// <param name="time">The clock.</param>
sealed class TrackedConnectionsReader(
    ProcMount proc,
    Func<TimeSpan, Reading<INetlinkTransport>> open,
    TimeProvider time
) : Reader<TrackedConnections>("tracked_connections", Files)
{
    /// <summary>The sources of the values, for messages.</summary>
    public const string Files = $"{Entries}; {Rules}";

    const string Entries = "ctnetlink, IPCTNL_MSG_CT_GET";
    const string Rules = "nf_tables, NFT_MSG_GETRULE";

    static readonly TimeSpan AfterRise = TimeSpan.FromMinutes(5);
    static readonly TimeSpan BetweenDumps = TimeSpan.FromMinutes(1);

    readonly Dictionary<FileIdentity, Look> _looks = [];

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(ConntrackFailures), typeof(ConntrackTable)];

    protected override Reading<TrackedConnections> Read(SamplingPass sampling)
    {
        var tracked = sampling.Get<ConntrackTable>();
        if (tracked.Missing is { Outcome: Outcome.None } untracked)
            return untracked;
        var isHalfFull =
            tracked.TryGet(out var table)
            && table.Maximum.TryGet(out var maximum)
            && maximum is { } limit
            && 2 * table.Count > limit;
        if (!sampling.Get<ConntrackFailures>().TryGet(out var failures) && !isHalfFull)
            return TrackedConnections.FailuresUnknown;
        var failed = failures is null ? 0 : ValueOf(failures.InsertFailures) + ValueOf(failures.Drops);
        var look = LookOfNamespace();
        look.SeenAt = time.GetTimestamp();

        // A namespace that has the inode of an earlier one begins with lower counters.
        if (failed != look.Failed)
        {
            look.IsPresumed = look.Failed is null;
            (look.Failed, look.RoseAt) = (failed, failed > 0 ? look.SeenAt : null);
        }

        var isFailing = look.RoseAt is { } rose && time.GetElapsedTime(rose, look.SeenAt) < AfterRise;
        if (!isFailing && !isHalfFull)
        {
            look.Last = null;
            return TrackedConnections.NothingFails;
        }

        if (look.Last is { } last && time.GetElapsedTime(look.AskedAt, look.SeenAt) < BetweenDumps)
            return last;
        var asked = open(sampling.Deadline.Remaining).Then(transport => Ask(transport, isFailing, sampling.Deadline));

        // Old failures are no reason to call anything unknown where nobody may look.
        if (look.IsPresumed && !isHalfFull && asked.Missing is { Reason: Absence.NotPermitted })
            return TrackedConnections.NothingFails;
        (look.Last, look.AskedAt) = (asked, look.SeenAt);
        return asked;
    }

    protected override Missing? Shortfall(TrackedConnections value) => value.Translated.Shortfall;

    protected override Missing? FailureFrom(Missing missing) =>
        missing.Outcome is Outcome.None or Outcome.NotAsked ? null : missing;

    static Reading<TrackedConnections> Ask(INetlinkTransport transport, bool isFailing, Deadline deadline)
    {
        using (transport as IDisposable)
        {
            var connections = new TrackedConnectionFold();
            var failure = new NetlinkDump(transport, Entries).Run(
                LinuxNfnetlink.IPCTNL_MSG_CT_GET,
                default(LinuxNfnetlink.nfgenmsg),
                connections,
                deadline
            );
            if (failure is not null)
                return failure with { Detail = $"connection tracking and its address translation: {failure.Detail}" };

            // Without rules, as with iptables-legacy, the ports in use show the limit.
            var rules = new NetlinkDump(transport, Rules).RunUndisturbed(
                LinuxNfTables.NFT_MSG_GETRULE,
                default(LinuxNfnetlink.nfgenmsg),
                static () => new TranslationRuleFold(),
                deadline
            );
            return connections.ToTrackedConnections(rules.TryGet(out var fold) ? fold.Ranges : [], isFailing);
        }
    }

    Look LookOfNamespace()
    {
        // Without the link there is one namespace, as on a machine of files.
        var netns = FileIdentity.Read(proc.PathOf("thread-self/ns/net")).TryGet(out var identity) ? identity : default;
        if (_looks.TryGetValue(netns, out var known))
            return known;
        var now = time.GetTimestamp();
        foreach (var ended in _looks.Where(look => time.GetElapsedTime(look.Value.SeenAt, now) > AfterRise).ToList())
            _ = _looks.Remove(ended.Key);
        return _looks[netns] = new();
    }

    static long ValueOf(Reading<long> counter) => counter.TryGet(out var value) ? value : 0;

    /// <summary>The last look at a namespace, in timestamps of the clock.</summary>
    sealed class Look
    {
        /// <summary>The number of failures; null before the first look.</summary>
        public long? Failed { get; set; }

        /// <summary>True where the failures were there at the first look, and may be old.</summary>
        public bool IsPresumed { get; set; }

        public long? RoseAt { get; set; }

        public long SeenAt { get; set; }

        public long AskedAt { get; set; }

        public Reading<TrackedConnections>? Last { get; set; }
    }
}
