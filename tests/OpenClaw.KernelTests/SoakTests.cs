using System.Globalization;

namespace OpenClaw.KernelTests;

public class SoakTests(ITestOutputHelper output)
{
    const int WarmUp = 1_000;
    const int Scrapes = 10_000;
    const long GrowthAtMost = 2 * 1024;

    [Fact]
    public async Task Ten_thousand_scrapes_leave_nothing_behind()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        await ScrapeAsync(exporter, WarmUp);
        var before = Use(exporter);

        await ScrapeAsync(exporter, Scrapes);

        var after = Use(exporter);
        output.WriteLine($"before {before}, after {after}");
        Assert.Equal(before.Descriptors, after.Descriptors);
        Assert.True(after.ResidentKiB - before.ResidentKiB < GrowthAtMost, $"resident memory grew from {before.ResidentKiB} to {after.ResidentKiB} KiB");
    }

    static async Task ScrapeAsync(PublishedExporter exporter, int times)
    {
        for (var i = 0; i < times; i++)
            Assert.NotEmpty(await exporter.ScrapeAsync());
    }

    static (int Descriptors, long ResidentKiB) Use(PublishedExporter exporter)
    {
        var folder = $"/proc/{exporter.Process.Id}";
        var resident = File.ReadLines(folder + "/status").Single(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return (Directory.GetFileSystemEntries(folder + "/fd").Length,
            long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
    }
}
