using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Measures the cost of a connection: connect, accept and close. In turn beside an exporter that does not count
/// refused connects, beside one that counts them, and beside the command trace.
/// </summary>
static class Witness
{
    const int Rounds = 21;
    const int Connections = 10_000;

    /// <summary>Prints the table; returns 1 when counting costs more than the noise.</summary>
    public static async Task<int> RunAsync()
    {
        var (without, counted, traced) = (new List<double>(), new List<double>(), new List<double>());
        _ = CpuOfConnection();
        for (var round = 0; round < Rounds; round++)
        {
            // Both have an exporter beside them, so that they differ only by the program.
            using (await Contestant.StartOursAsync("--netns=self", "--no-collector.refused_connects"))
                without.Add(CpuOfConnection());
            using (var exporter = await Contestant.StartOursAsync("--netns=self"))
            {
                // The first scrape has attached the program.
                if (!(await exporter.PageAsync()).Contains("refused_connects_total{", StringComparison.Ordinal))
                    throw new InvalidOperationException("the exporter does not count refused connects");
                counted.Add(CpuOfConnection());
            }

            using var trace = Process.Start(
                new ProcessStartInfo(Repository.PublishedExporter, ["trace", "--for=0s", "--netns=all"])
                {
                    RedirectStandardError = true,
                    RedirectStandardOutput = true,
                }
            )!;
            _ = await trace.StandardError.ReadLineAsync();
            traced.Add(CpuOfConnection());
            trace.Kill();
            await trace.WaitForExitAsync();
        }

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"CPU of connect, accept and close, µs, of {Rounds} rounds with {Connections:N0} each"
            )
        );
        Print("not counted", without);
        Print("refused connects counted", counted);
        Print("trace", traced);
        var (more, noise) = (Median(counted) - Median(without), Quartiles(without));
        var isKept = more <= noise;
        Console.WriteLine($"\n{(isKept ? "kept" : "BROKEN")}: {more:+0.00;-0.00} µs (bound: noise, {noise:F2} µs)");
        return isKept ? 0 : 1;
    }

    /// <summary>The CPU time of one connection of this thread with itself, without TIME_WAIT.</summary>
    static double CpuOfConnection()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var address = listener.LocalEndPoint!;
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        for (var i = 0; i < Connections; i++)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.LingerState = new(enable: true, seconds: 0);
            client.Connect(address);
            using var server = listener.Accept();
        }

        return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMicroseconds / Connections;
    }

    static void Print(string name, List<double> values) =>
        Console.WriteLine(
            $"  {name, -26}{Median(values), 6:F2} ({values.Min():F2} to {values.Max():F2}, "
                + $"half of them within {Quartiles(values):F2})"
        );

    /// <summary>The distance between the quartiles.</summary>
    static double Quartiles(List<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[3 * sorted.Count / 4] - sorted[sorted.Count / 4];
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
