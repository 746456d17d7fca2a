using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.Benchmarks;

/// <summary>The cost of listing all TCP sockets with ss.</summary>
static class SocketListing
{
    /// <summary>Returns the CPU time of a run of <c>ss -tan</c>, the median of several.</summary>
    public static async Task<TimeSpan> MeasureAsync(int runs)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < runs; i++)
        {
            // The shell knows the CPU time of a child that has ended.
            using var shell = Process.Start(
                new ProcessStartInfo("bash", ["-c", "TIMEFORMAT='%3U %3S'; time ss -tan >/dev/null"])
                {
                    RedirectStandardError = true,
                }
            )!;
            var parts = (await shell.StandardError.ReadToEndAsync()).Split(' ', StringSplitOptions.TrimEntries);
            await shell.WaitForExitAsync();
            times.Add(
                TimeSpan.FromSeconds(
                    double.Parse(parts[0], CultureInfo.InvariantCulture)
                        + double.Parse(parts[1], CultureInfo.InvariantCulture)
                )
            );
        }

        return times.Order().ElementAt(runs / 2);
    }
}
