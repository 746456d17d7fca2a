using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Verification;

/// <summary>The number of connections that a load test may open without making the trouble that it tests for.</summary>
/// <param name="Connections">The number of connections.</param>
/// <param name="Limit">The resource that allows no more, in words.</param>
sealed record Headroom(int Connections, string Limit)
{
    /// <summary>The part of a free amount that a test may use.</summary>
    const double Part = 0.8;

    const string OwnDescriptors = "open files of this command";

    /// <summary>Computes the number from what is free in a network namespace and on the machine.</summary>
    /// <param name="diagnosis">The diagnosis before the test.</param>
    /// <param name="perConnection">The sockets that a connection needs here: two with an own listener.</param>
    public static Headroom Compute(Diagnosis diagnosis, int perConnection)
    {
        var view = diagnosis.Primary;
        var least = new Headroom(int.MaxValue, "nothing");
        if (OpenFileLimits.Read(Environment.ProcessId).TryGet(out var own))
            Limit(own.Soft - Directory.GetFiles("/proc/self/fd").Length, perConnection, OwnDescriptors);
        if (view.Get<EphemeralPortSettings>().TryGet(out var settings))
        {
            var ports = settings.UsableCount();
            Limit(ports, 1, PoolCatalogue.EphemeralConnectPorts.Title);
            LimitBelowCritical(ports, 0, 1, PoolCatalogue.EphemeralConnectPorts, thresholds: null);
        }

        foreach (var finding in diagnosis.Findings)
        {
            var cost = CostOf(finding.Pool, perConnection);
            if (cost == 0 || finding.Level.Limit is not { } limit || !PoolWatch.Concerns(finding, diagnosis))
                continue;
            Limit(limit - finding.Level.Used, cost, finding.Pool.Title);
            LimitBelowCritical(limit, finding.Level.Used, cost, finding.Pool, finding.Pool.ThresholdsOf(finding.Level));
        }

        return least;

        void LimitBelowCritical(double limit, double used, int cost, Pool pool, Thresholds? thresholds) =>
            Limit(((limit * (thresholds ?? pool.Thresholds).Critical) - used - 1) / Part, cost, pool.Title);

        void Limit(double free, int cost, string resource)
        {
            var connections = (int)Math.Clamp(Math.Floor(Part * free / cost), 0, int.MaxValue);
            if (connections < least.Connections)
                least = new(connections, resource);
        }
    }

    /// <summary>Returns the amount of a pool that a connection uses; 0 for another pool.</summary>
    static int CostOf(Pool pool, int perConnection)
    {
        if (!pool.IsOfConnections)
            return 0;
        return pool == PoolCatalogue.SystemFileDescriptors ? perConnection : 1;
    }
}
