namespace OpenClaw.Benchmarks;

/// <summary>Measures the exporter's memory over many scrapes, which reveals a leak of a few bytes per scrape.</summary>
static class Soak
{
    const int Scrapes = 10_000;
    const int Step = 1_000;

    /// <summary>Prints the memory after each thousand scrapes.</summary>
    public static async Task RunAsync()
    {
        using var ours = await Contestant.StartOursAsync();
        Console.WriteLine("scrapes   RSS MB   peak MB");
        for (var done = 0; ; done += Step)
        {
            Console.WriteLine($"{done, 7:N0}  {ours.Megabytes("VmRSS"), 7:F1}  {ours.Megabytes("VmHWM"), 8:F1}");
            if (done == Scrapes)
                return;
            for (var i = 0; i < Step; i++)
                await ours.ScrapeAsync();
        }
    }
}
