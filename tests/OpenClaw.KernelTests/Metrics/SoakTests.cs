using System.Globalization;

namespace OpenClaw.KernelTests;

public class SoakTests(ITestOutputHelper output)
{
    const int Window = 4_000;
    const int Windows = 3;
    const int Step = 250;
    const long LeakAtLeast = 512;

    /// <summary>
    /// A leak raises the use in every window. The heap may also grow once and then stay. Pages of the binary are no
    /// memory of its own: they come and go as the machine pleases.
    /// </summary>
    [Fact]
    public async Task Twelve_thousand_scrapes_leave_nothing_behind()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        var floors = new List<(int Descriptors, long OwnKiB)>();
        for (var i = 0; i < Windows; i++)
            floors.Add(await FloorAsync(exporter));

        output.WriteLine($"floors {string.Join(", ", floors)}");
        Assert.True(Growth(floors.Select(static floor => (long)floor.Descriptors)) < 1, "descriptors leak");
        Assert.True(Growth(floors.Select(static floor => floor.OwnKiB)) < LeakAtLeast, "memory leaks");

        static long Growth(IEnumerable<long> floors) =>
            floors.Zip(floors.Skip(1), static (before, after) => after - before).Min();
    }

    /// <summary>
    /// The lowest use at the end of any step. Memory rises and swings by 3 MB between two full collections, and each
    /// window has several; a connection or a pass of the sampler may have a descriptor for a moment.
    /// </summary>
    static async Task<(int Descriptors, long OwnKiB)> FloorAsync(PublishedExporter exporter)
    {
        var looks = new List<(int Descriptors, long OwnKiB)>();
        for (var done = 1; done <= Window; done++)
        {
            Assert.NotEmpty(await exporter.ScrapeAsync());
            if (done % Step == 0)
                looks.Add(Use(exporter));
        }

        return (looks.Min(static look => look.Descriptors), looks.Min(static look => look.OwnKiB));
    }

    static (int Descriptors, long OwnKiB) Use(PublishedExporter exporter)
    {
        var folder = $"/proc/{exporter.Process.Id}";
        var own = File.ReadLines(folder + "/status")
            .Single(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return (
            Directory.GetFileSystemEntries(folder + "/fd").Length,
            long.Parse(own.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
        );
    }
}
