using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Compares the CPU time of a scrape with the program in the kernel, of one with dumps, and of <c>ss -tan</c>, in turn.
/// </summary>
static class SocketSources
{
    const double RatioToSsAtMost = 0.35;
    const int Rounds = 5;
    const int Scrapes = 15;

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

    /// <summary>Prints the table; returns 1 when the bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        Console.WriteLine(
            "sockets  program, ms  dumps, ms  ss -tan, ms  program/dumps  program/ss  peak MB, program/dumps"
        );
        using var holder = new SocketHolder();
        var ratio = double.MaxValue;
        foreach (var sockets in Levels)
        {
            holder.HoldTotal(sockets);
            using var program = await Contestant.StartOursAsync(Flags);
            using var dumps = await Contestant.StartOursWithoutProgramsAsync(Flags);
            var (ofProgram, ofDumps, ofSs) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                ofProgram.Add(await CpuOfScrapeAsync(program));
                ofDumps.Add(await CpuOfScrapeAsync(dumps));
                ofSs.Add(CpuOfSs());
            }

            var (one, two, three) = (Median(ofProgram), Median(ofDumps), Median(ofSs));
            ratio = one / three;
            Console.WriteLine(
                $"{sockets, 7:N0}  {one, 11:F2}  {two, 9:F2}  {three, 11:F2}  {one / two, 13:F2}  {ratio, 10:F2}  "
                    + $"{program.Megabytes("VmHWM"):F1}/{dumps.Megabytes("VmHWM"):F1}"
            );
        }

        var isKept = ratio <= RatioToSsAtMost;
        Console.WriteLine($"\n{(isKept ? "kept" : "BROKEN")}: {ratio:F2} of ss -tan (bound {RatioToSsAtMost})");
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
