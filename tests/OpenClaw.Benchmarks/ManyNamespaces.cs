using System.Diagnostics;

namespace OpenClaw.Benchmarks;

/// <summary>What it costs that sockets are spread over network namespaces, most of which hold none.</summary>
static class ManyNamespaces
{
    const int Idle = 200;
    const int Busy = 10;
    const int SocketsOfEach = 1_000;
    const int Rounds = 3;
    const int Scrapes = 50;
    const double RatioAtMost = 3;

    /// <summary>Prints the ratio; 1 when the bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        var spread = await MeasureAsync(inNamespaces: true);
        var together = await MeasureAsync(inNamespaces: false);
        Console.WriteLine($"{Busy * SocketsOfEach:N0} sockets, {Idle + Busy} processes     {Busy} of {Idle + Busy} namespaces  one namespace  ratio");
        foreach (var ((name, one), (_, other)) in spread.Rows().Zip(together.Rows()))
            Console.WriteLine($"  {name,-30}  {one,22:F2}  {other,13:F2}  {one / other,5:F2}");

        var ratio = spread.Cpu / together.Cpu;
        Console.WriteLine($"\n{(ratio < RatioAtMost ? "kept" : "BROKEN")}: {ratio:F2} of the CPU (bound {RatioAtMost})");
        return ratio < RatioAtMost ? 0 : 1;
    }

    /// <summary>The same processes with the same sockets, each in a namespace of its own or all in this one.</summary>
    static async Task<Measures> MeasureAsync(bool inNamespaces)
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

            var measures = new Measures();
            for (var round = 1; round <= Rounds; round++)
            {
                using var exporter = await Contestant.StartOursAsync(inNamespaces ? "--netns=all" : "--netns=self");
                measures.StartUps.Add(exporter.StartUp);
                var cpu = exporter.CpuTime();
                for (var i = 0; i < Scrapes; i++)
                    measures.Latencies.Add(await exporter.ScrapeAsync());
                measures.CpuTimes.Add((exporter.CpuTime() - cpu) / Scrapes);
                measures.TakeMemory(exporter);
            }

            return measures;
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

    static Process Start(bool inNamespace, string program, params string[] arguments) => Process.Start(new ProcessStartInfo(
        inNamespace ? "unshare" : program,
        inNamespace ? ["--net", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\"", program, .. arguments] : arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;
}
