using System.Globalization;

namespace OpenClaw.KernelTests;

public class SoakTests(ITestOutputHelper output)
{
    const int Half = 12_000;
    const int Step = 250;
    const long GrowthAtMost = 2 * 1024;

    [Fact]
    public async Task Twelve_thousand_scrapes_leave_nothing_behind()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        var before = await FloorAsync(exporter);
        var after = await FloorAsync(exporter);

        output.WriteLine($"before {before}, after {after}");
        Assert.Equal(before.Descriptors, after.Descriptors);
        Assert.True(
            after.ResidentKiB - before.ResidentKiB < GrowthAtMost,
            $"resident memory grew from {before.ResidentKiB} to {after.ResidentKiB} KiB"
        );
    }

    /// <summary>
    /// The lowest use at the end of any step. Memory rises and swings by 3 MB between two full collections, which are
    /// about 12,000 scrapes apart. A leak raises the floor.
    /// </summary>
    static async Task<(int Descriptors, long ResidentKiB)> FloorAsync(PublishedExporter exporter)
    {
        var looks = new List<(int Descriptors, long ResidentKiB)>();
        for (var done = 1; done <= Half; done++)
        {
            Assert.NotEmpty(await exporter.ScrapeAsync());
            if (done % Step == 0)
                looks.Add(Use(exporter));
        }

        return looks.MinBy(static look => look.ResidentKiB);
    }

    static (int Descriptors, long ResidentKiB) Use(PublishedExporter exporter)
    {
        var folder = $"/proc/{exporter.Process.Id}";
        var resident = File.ReadLines(folder + "/status")
            .Single(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return (
            Directory.GetFileSystemEntries(folder + "/fd").Length,
            long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
        );
    }
}
