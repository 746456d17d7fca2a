using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Compares the CPU time of a scrape with the program in the kernel, of one with dumps, of node_exporter, and of
/// <c>ss -tan</c>, in turn. The bounds apply to the most sockets.
/// </summary>
static class SocketSources
{
    const double ProgramOfSsAtMost = 0.35;
    const double DumpsOfNodeExporterAtMost = 0.45;
    const int Rounds = 9;
    const int Scrapes = 10;

    /// <summary>
    /// Without the descriptors of watched processes, since the socket holders are called like the project.
    /// </summary>
    static readonly string[] Flags =
    [
        "--netns=self",
        "--no-collector.watched_descriptors",
        "--no-collector.descriptor_growth",
        "--no-collector.socket_holders",
    ];

    static readonly int[] Levels = [0, 2_000, 20_000, 200_000];

    /// <summary>Prints the table; returns 1 when a bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        Console.WriteLine(
            "sockets  program, ms  dumps, ms  node_exporter, ms  ss -tan, ms  program/ss  dumps/node_exporter  peak MB"
        );
        using var holder = new SocketHolder();
        var (ofSs, ofNodeExporter) = (0.0, 0.0);
        foreach (var sockets in Levels)
        {
            holder.HoldTotal(sockets);
            using var program = await Contestant.StartOursAsync(Flags);
            using var dumps = await Contestant.StartOursWithoutProgramsAsync(Flags);
            using var node = await Contestant.StartNodeExporterAsync();
            List<double>[] times =
            [
                [],
                [],
                [],
                [],
            ];
            for (var round = 0; round < Rounds; round++)
            {
                times[0].Add(await CpuOfScrapeAsync(program));
                times[1].Add(await CpuOfScrapeAsync(dumps));
                times[2].Add(await CpuOfScrapeAsync(node));
                times[3].Add(CpuOfSs());
            }

            var medians = Array.ConvertAll(times, Median);
            (ofSs, ofNodeExporter) = (medians[0] / medians[3], medians[1] / medians[2]);
            Console.WriteLine(
                $"{sockets, 7:N0}  {medians[0], 11:F2}  {medians[1], 9:F2}  {medians[2], 17:F2}  {medians[3], 11:F2}  "
                    + $"{ofSs, 10:F2}  {ofNodeExporter, 19:F2}  "
                    + $"{program.Megabytes("VmHWM"):F1}/{dumps.Megabytes("VmHWM"):F1}/{node.Megabytes("VmHWM"):F1}"
            );
        }

        var isKept = ofSs <= ProgramOfSsAtMost && ofNodeExporter <= DumpsOfNodeExporterAtMost;
        Console.WriteLine(
            $"\n{(isKept ? "kept" : "BROKEN")}: the program {ofSs:F2} of ss -tan (bound {ProgramOfSsAtMost}), "
                + $"dumps {ofNodeExporter:F2} of node_exporter (bound {DumpsOfNodeExporterAtMost})"
        );
        return isKept ? 0 : 1;
    }

    static async Task<double> CpuOfScrapeAsync(Contestant contestant)
    {
        var before = contestant.CpuTime();
        for (var i = 0; i < Scrapes; i++)
            _ = await contestant.ScrapeAsync();
        return (contestant.CpuTime() - before).TotalMilliseconds / Scrapes;
    }

    /// <summary>The CPU time of one run of ss, which is that of the children of a shell.</summary>
    static double CpuOfSs()
    {
        using var shell = Process.Start(
            new ProcessStartInfo(
                "bash",
                ["-c", $"for i in $(seq {Scrapes}); do ss -tan >/dev/null; done; cat /proc/$$/stat"]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        var stat = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();

        // cutime and cstime, in ticks of 10 ms: the 16th and 17th field.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return 10.0 * (Number(fields[13]) + Number(fields[14])) / Scrapes;
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
