using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Verification;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Text;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Cli;

/// <summary>Runs load tests and watches, and prints their results.</summary>
/// <param name="series">The diagnoses.</param>
/// <param name="output">The output.</param>
/// <param name="proc">The mounted procfs.</param>
/// <param name="time">The length.</param>
sealed class VerifyWork(DiagnosisSeries series, TextWriter output, ProcMount proc, TimeSpan time)
{
    const int LabelWidth = 28;

    /// <summary>The number of samples of a watch.</summary>
    const int SamplesOfWatch = 1000;

    static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);

    readonly PoolWatch _pools = new();

    /// <summary>Opens connections and judges the result.</summary>
    /// <param name="target">The address; null for an own listener.</param>
    /// <param name="wanted">The number of connections.</param>
    public async Task<int> LoadAsync(IPEndPoint? target, int wanted)
    {
        var before = await series.NextAsync();
        if (Unknown(before) is { } unknown)
            return unknown;
        _pools.Add(before);
        var headroom = Headroom.Compute(before, target is null ? 2 : 1);
        var connections = Math.Min(wanted, headroom.Connections);
        var load = new ConnectionLoad(target, connections, time);
        if (_pools is { Critical: null, IsBlind: false })
        {
            var place = NamespacePlace.Find(proc, before.Primary.Namespace);
            if (!place.TryGet(out var netns))
                return Impossible(place.Missing!.Detail);
            using var end = new CancellationTokenSource();
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            var running = Task.Factory.StartNew(() => netns.Run(proc, () =>
                    {
                        load.Run(end.Token);
                        return true;
                    }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            while (await Task.WhenAny(running, Task.Delay(ShortestInterval)) != running)
            {
                _pools.Add(await series.NextAsync());
                if (_pools.Critical is not null || _pools.IsBlind)
                    await end.CancelAsync();
            }

            if (!(await running).TryGet(out _) && (await running).Missing is { } missing)
                return Impossible(missing.Detail);

            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                end.Cancel();
            }
        }

        var remaining = _pools.Remaining(await series.NextAsync());
        var isPassed =
            _pools is { Critical: null, IsBlind: false, Refusals.IsEmpty: true }
            && load.Failures.Count == 0
            && connections > 0
            && load.Peak == connections;
        output.WriteLine($"Load Test Result: {(isPassed ? "PASSED" : "FAILED")}");
        if (_pools.Critical is { } critical)
            Line("Stopped By", $"{Describe(critical)}: critical");
        PrintBefore("Critical Before", ": not part of this test");
        Line("Peak Concurrent Connections", $"{Number(load.Peak)} of {Number(connections)}");
        if (_pools is { Critical: null, IsBlind: false } && connections < wanted)
            Line("Limited By", $"{headroom.Limit}: {Number(wanted)} would be more than 80% of the free ones");
        Line("Failed Attempts", Failed(load));
        Line("Connect Latency", Latency(load));
        PrintPools();
        Line("Creep", remaining.IsEmpty ? "none" : $"still higher after the end: {string.Join("; ", remaining)}");
        return isPassed ? ExitCodes.Ok : ExitCodes.NotVerified;
    }

    /// <summary>Looks only, and reports creep.</summary>
    public async Task<int> WatchAsync()
    {
        using var end = new CancellationTokenSource(time);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var interval = TimeSpan.FromTicks(
            Math.Clamp(time.Ticks / SamplesOfWatch, ShortestInterval.Ticks, LongestInterval.Ticks)
        );
        while (!end.IsCancellationRequested)
        {
            var diagnosis = await series.NextAsync();
            if (Unknown(diagnosis) is { } unknown)
                return unknown;
            _pools.Add(diagnosis);
            await Task.Delay(interval, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var creep = _pools.Creep();
        var isPassed =
            _pools is { Critical: null, CriticalBefore.IsEmpty: true, IsBlind: false, Refusals.IsEmpty: true }
            && creep is { IsEmpty: true };
        output.WriteLine($"Watch Result: {(isPassed ? "PASSED" : "FAILED")}");
        if (_pools.Critical is { } critical)
            Line("Critical", Describe(critical));
        PrintBefore("Critical from the Start", "");
        PrintPools();
        Line(
            "Creep",
            creep switch
            {
                null => "unknown: too few samples",
                [] => "none",
                { } levels => string.Join("; ", levels),
            }
        );
        return isPassed ? ExitCodes.Ok : ExitCodes.NotVerified;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Cancel();
        }
    }

    void PrintBefore(string label, string remark)
    {
        foreach (var finding in _pools.CriticalBefore)
            Line(label, Describe(finding) + remark);
    }

    void PrintPools()
    {
        if (_pools.Closest is { } closest)
        {
            var critical = closest
                .Pool.ThresholdsOf(closest.Level)
                .Critical.ToString("0.#%", CultureInfo.InvariantCulture);
            Line("Closest Pool", $"{Describe(closest)}, critical at {critical}");
        }

        if (!_pools.Unseen.IsEmpty)
            Line("Not Seen", string.Join("; ", _pools.Unseen));
        Line("Refusals", _pools.Refusals.IsEmpty ? "none" : string.Join("; ", _pools.Refusals));
    }

    static string Describe(Finding finding)
    {
        var place = Verdicts.Place(finding.Level);
        return $"{finding.Pool.Title}{(place.Length > 0 ? $" ({place})" : "")}, "
            + Verdicts.Evidence(finding.Pool, finding.Level);
    }

    static string Failed(ConnectionLoad load)
    {
        if (load.Failures.Count == 0)
            return "0";
        var errors = load
            .Failures.GroupBy(static name => name)
            .Select(static error => $"{error.Key} {Number(error.Count())}");
        return $"{Number(load.Failures.Count)} ({string.Join(", ", errors)})";
    }

    static string Latency(ConnectionLoad load)
    {
        if (load.Milliseconds.Count == 0)
            return "unknown: no connection";
        double[] all = [.. load.Milliseconds];
        Array.Sort(all);
        var late = all[(int)Math.Ceiling(0.99 * all.Length) - 1];
        var average = 0.0;
        foreach (var one in all)
            average += one / all.Length;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{average:0.###} ms on average, {late:0.###} ms for the 99th percentile"
        );
    }

    /// <summary>Returns the exit code of a network namespace that does not exist; null where it does.</summary>
    static int? Unknown(Diagnosis diagnosis) =>
        diagnosis.Namespaces.IsEmpty
            ? Impossible($"{diagnosis.Snapshot.FailureOf<NamespaceSnapshots>()?.Detail}")
            : null;

    static int Impossible(string reason)
    {
        Complaint.Print($"verify: {reason}");
        return ExitCodes.Unavailable;
    }

    static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    void Line(string label, string text)
    {
        foreach (var line in TerminalText.Wrap(text, new(' ', LabelWidth), label.PadRight(LabelWidth)))
            output.WriteLine(line);
    }
}
