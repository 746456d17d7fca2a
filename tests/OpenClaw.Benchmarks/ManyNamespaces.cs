using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Measures all network namespaces beside the exporter's own one, which has most of the sockets. Most of the others
/// hold none.
/// </summary>
static partial class ManyNamespaces
{
    const int Idle = 200;
    const int Busy = 10;
    const int SocketsOfEach = 1_000;
    const int OwnSockets = 200_000;
    const int Rounds = 9;
    const int Scrapes = 20;
    const double RatioAtMost = 1.5;

    /// <summary>Prints the ratio; returns 1 when the bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        var (all, own) = (new Measures(), new Measures());
        var children = new List<Process>();
        using var sockets = new SocketHolder();
        try
        {
            for (var i = 0; i < Idle; i++)
                children.Add(Start("sleep", "infinity"));
            for (var i = 0; i < Busy; i++)
            {
                var holder = Start(Environment.ProcessPath!, "hold", $"{i}", $"{SocketsOfEach}");
                children.Add(holder);
                if (await holder.StandardOutput.ReadLineAsync() != "ready")
                    throw new InvalidOperationException("a child could not open its sockets");
            }

            sockets.HoldTotal(OwnSockets);

            // The two take turns, so that other load on the machine affects both alike.
            for (var round = 1; round <= Rounds; round++)
            {
                await MeasureAsync(all, isOfAll: true);
                await MeasureAsync(own, isOfAll: false);
            }
        }
        finally
        {
            foreach (var child in children)
            {
                child.Kill();
                await child.WaitForExitAsync();
                child.Dispose();
            }
        }

        Console.WriteLine(
            $"{OwnSockets:N0} sockets, and {SocketsOfEach:N0} in each of {Busy} namespaces  "
                + $"{Idle + Busy + 1} namespaces  one namespace  ratio"
        );
        foreach (var ((name, one), (_, other)) in all.Rows().Zip(own.Rows()))
            Console.WriteLine($"  {name, -50}  {one, 14:F2}  {other, 13:F2}  {one / other, 5:F2}");

        var rounds = all.CpuTimes.Zip(own.CpuTimes, static (one, other) => one / other).Order().ToList();
        Console.WriteLine(
            $"  CPU ratio of each round, in order: {string.Join(' ', rounds.Select(static ratio => $"{ratio:F2}"))}"
        );
        var median = rounds[Rounds / 2];
        Console.WriteLine(
            $"\n{(median < RatioAtMost ? "kept" : "BROKEN")}: {median:F2} of the CPU (bound {RatioAtMost})"
        );
        return median < RatioAtMost ? 0 : 1;
    }

    static async Task MeasureAsync(Measures measures, bool isOfAll)
    {
        using var exporter = await Contestant.StartOursAsync(isOfAll ? "--netns=all" : "--netns=self");
        measures.StartUps.Add(exporter.StartUp);
        SeeThemAll(await exporter.PageAsync(), isOfAll);
        var cpu = exporter.CpuTime();
        for (var i = 0; i < Scrapes; i++)
            measures.Latencies.Add(await exporter.ScrapeAsync());
        measures.CpuTimes.Add((exporter.CpuTime() - cpu) / Scrapes);
        measures.TakeMemory(exporter);
        SeeThemAll(await exporter.PageAsync(), isOfAll);
    }

    /// <summary>
    /// Fails unless the exporter's page shows all namespaces and sockets: those that are missing would cost nothing.
    /// </summary>
    static void SeeThemAll(string page, bool isOfAll)
    {
        var holders = Established()
            .Matches(page)
            .Count(static sockets => int.Parse(sockets.Groups[1].Value, CultureInfo.InvariantCulture) >= SocketsOfEach);
        var sockets = Established()
            .Matches(page)
            .Sum(static sockets => int.Parse(sockets.Groups[1].Value, CultureInfo.InvariantCulture));
        var unused = Unused().Match(page) is { Success: true } shown
            ? int.Parse(shown.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;
        var expected = OwnSockets + (isOfAll ? Busy * SocketsOfEach : 0);
        if (sockets < expected || (isOfAll && (holders <= Busy || unused < Idle)))
        {
            throw new InvalidOperationException(
                $"the exporter sees {sockets} sockets, {holders} namespaces with at least {SocketsOfEach}, "
                    + $"{unused} unused ones"
            );
        }
    }

    static Process Start(string program, params string[] arguments) =>
        Process.Start(
            new ProcessStartInfo(
                "unshare",
                ["--net", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\"", program, .. arguments]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;

    [GeneratedRegex(
        """^openclaw_network_tcp_sockets\{netns="[^"]*",state="established"\} (\d+)$""",
        RegexOptions.Multiline
    )]
    private static partial Regex Established();

    [GeneratedRegex(@"^openclaw_network_namespaces_unused (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Unused();
}
