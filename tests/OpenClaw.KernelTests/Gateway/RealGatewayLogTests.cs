using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>
/// The exporter follows the log of the real Gateway. Its console goes to that log, so that an order to print lines
/// makes records of its own logger.
/// </summary>
[Trait("Package", "openclaw")]
[Collection(nameof(RealGateway))]
public sealed partial class RealGatewayLogTests : IDisposable
{
    const int Port = 18789;

    readonly PrivateNamespace _netns = new();
    readonly TemporaryFolder _home = new();

    public void Dispose()
    {
        _netns.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task The_file_of_the_next_day_is_followed()
    {
        using var exporter = await PublishedExporter.StartAsync(_netns);
        var gateway = RealGateway.StartAlone(_netns, _home, Port);
        await RealGateway.ReadyAsync(exporter);

        await gateway.OrderAsync("log 3 spawn EBADF");
        await CountsAsync(exporter, "EBADF", "spawn", 3);
        await gateway.OrderAsync("days 1");
        await gateway.OrderAsync("log 2 spawn EBADF");
        await CountsAsync(exporter, "EBADF", "spawn", 5);

        var tomorrow = DateTime.Now.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var folder = $"/proc/{gateway.Process.Id}/root/tmp/openclaw";
        Assert.Contains(
            "spawn EBADF",
            await File.ReadAllTextAsync($"{folder}/openclaw-{tomorrow}.log", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task No_line_is_lost_or_counted_twice_when_it_rotates()
    {
        _home.Write(".openclaw/openclaw.json", """{ "logging": { "maxFileBytes": 50000 } }""");
        using var exporter = await PublishedExporter.StartAsync(_netns);
        var gateway = RealGateway.StartAlone(_netns, _home, Port);
        await RealGateway.ReadyAsync(exporter);

        for (var i = 0; i < 5; i++)
        {
            await gateway.OrderAsync("log 40 spawn EBADF");
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
        }

        await CountsAsync(exporter, "EBADF", "spawn", 200);
        Assert.Contains(Directory.GetFiles($"/proc/{gateway.Process.Id}/root/tmp/openclaw"), static file =>
            Rotated().IsMatch(file)
        );
    }

    /// <summary>Its own user namespace has its own limit on watches.</summary>
    [Fact]
    public async Task Watches_of_files_that_are_exhausted_are_counted_from_its_own_words()
    {
        using var exporter = await PublishedExporter.StartAsync(_netns);
        _ = RealGateway.StartAlone(
            _netns,
            _home,
            Port,
            "--user --map-root-user",
            "echo 0 > /proc/sys/user/max_inotify_watches"
        );

        var page = await RealGateway.CountedAsync(exporter, "errno=\"ENOSPC\",call=\"watch\"");

        Assert.Matches("\nopenclaw_network_clw_errors_total\\{code=\"clw-resource-limit\"\\} [1-9]", page);
        var status = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Contains($"watch {_home.PathOf(".openclaw")}; ENOSPC", status, StringComparison.Ordinal);
        Assert.Contains("sysctl -w fs.inotify.max_user_watches=", status, StringComparison.Ordinal);
    }

    static async Task CountsAsync(PublishedExporter exporter, string errno, string call, int count) =>
        await RealGateway.ScrapedAsync(
            exporter,
            string.Create(CultureInfo.InvariantCulture, $"errno=\"{errno}\",call=\"{call}\"}} {count}\n")
        );

    [GeneratedRegex(@"openclaw-\d{4}-\d\d-\d\d\.\d\.log$")]
    private static partial Regex Rotated();
}
