using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenClaw.Benchmarks;

/// <summary>Measures the cost of sockets that are spread over network namespaces. Most namespaces hold none.</summary>
static partial class ManyNamespaces
{
    const int Idle = 200;
    const int Busy = 10;
    const int SocketsOfEach = 1_000;
    const int Rounds = 9;
    const int Scrapes = 40;
    const double RatioAtMost = 3;

    /// <summary>Prints the ratio; returns 1 when the bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        var (spread, together) = (new Measures(), new Measures());

        // The two take turns, so that other load on the machine affects both alike.
        for (var round = 1; round <= Rounds; round++)
        {
            await MeasureAsync(spread, inNamespaces: true);
            await MeasureAsync(together, inNamespaces: false);
        }

        Console.WriteLine(
            $"{Busy * SocketsOfEach:N0} sockets, {Idle + Busy} processes     {Busy} of {Idle + Busy} namespaces "
                + $" one namespace  ratio"
        );
        foreach (var ((name, one), (_, other)) in spread.Rows().Zip(together.Rows()))
            Console.WriteLine($"  {name, -30}  {one, 22:F2}  {other, 13:F2}  {one / other, 5:F2}");

        var rounds = spread.CpuTimes.Zip(together.CpuTimes, static (one, other) => one / other).Order().ToList();
        Console.WriteLine(
            $"  CPU ratio of each round, in order: {string.Join(' ', rounds.Select(static ratio => $"{ratio:F2}"))}"
        );
        var median = rounds[Rounds / 2];
        Console.WriteLine(
            $"\n{(median < RatioAtMost ? "kept" : "BROKEN")}: {median:F2} of the CPU (bound {RatioAtMost})"
        );
        return median < RatioAtMost ? 0 : 1;
    }

    /// <summary>
    /// Measures the same processes with the same sockets, either in a namespace each or all in this one.
    /// </summary>
    static async Task MeasureAsync(Measures measures, bool inNamespaces)
    {
        var children = new List<Process>();
        try
        {
            for (var i = 0; i < Idle; i++)
                children.Add(Start(inNamespaces, "sleep", "infinity"));
            for (var i = 0; i < Busy; i++)
            {
                var holder = Start(inNamespaces, Environment.ProcessPath!, "hold", $"{i}", $"{SocketsOfEach}");
                children.Add(holder);
                if (await holder.StandardOutput.ReadLineAsync() != "ready")
                    throw new InvalidOperationException("a child could not open its sockets");
            }

            using var exporter = await Contestant.StartOursAsync(inNamespaces ? "--netns=all" : "--netns=self");
            measures.StartUps.Add(exporter.StartUp);
            SeeThemAll(await exporter.PageAsync(), inNamespaces);
            var cpu = exporter.CpuTime();
            for (var i = 0; i < Scrapes; i++)
                measures.Latencies.Add(await exporter.ScrapeAsync());
            measures.CpuTimes.Add((exporter.CpuTime() - cpu) / Scrapes);
            measures.TakeMemory(exporter);
            SeeThemAll(await exporter.PageAsync(), inNamespaces);
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
    }

    /// <summary>
    /// Fails unless the exporter's page shows all namespaces and sockets: those that are missing would cost nothing.
    /// </summary>
    static void SeeThemAll(string page, bool inNamespaces)
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
        if (sockets < Busy * SocketsOfEach || (inNamespaces && (holders < Busy || unused < Idle)))
        {
            throw new InvalidOperationException(
                $"the exporter sees {sockets} sockets, {holders} namespaces with at least {SocketsOfEach}, "
                    + $"{unused} unused ones"
            );
        }
    }

    static Process Start(bool inNamespace, string program, params string[] arguments) =>
        Process.Start(
            new ProcessStartInfo(
                inNamespace ? "unshare" : program,
                inNamespace
                    ? ["--net", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\"", program, .. arguments]
                    : arguments
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
