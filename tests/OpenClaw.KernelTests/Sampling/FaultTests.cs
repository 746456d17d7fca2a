using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>
/// System calls of the published exporter fail: strace(1) replaces their results. Every scrape is answered, every
/// failed reader gives its reason, and the values that are there are right.
/// </summary>
public partial class FaultTests(ITestOutputHelper output)
{
    const int Scrapes = 25;
    const int Connections = 40;

    /// <summary>The least number of readers that failed in a scrape.</summary>
    int _least;

    /// <summary>
    /// The calls by which the kernel's files and netlink are read, each with errors that it may have. Each thread
    /// counts its own calls. Calls for HTTP stay below the first one that fails.
    /// </summary>
    static readonly (string Call, int First, int Spacing, string[] Errors)[] Calls =
    [
        ("openat", 300, 150, ["EMFILE", "ENFILE", "EACCES", "ENOMEM", "ENOENT", "EINTR"]),
        ("pread64", 300, 150, ["EIO", "EINTR", "ESRCH", "ENOMEM"]),
        ("read", 300, 50, ["EINTR"]),
        ("getdents64", 60, 20, ["ENOMEM", "ENOENT"]),
        ("statx", 300, 150, ["EACCES", "ENOENT", "ENOMEM"]),
        ("readlinkat", 300, 150, ["ESRCH", "EACCES", "ENOENT"]),
        ("sendto", 80, 10, ["ENOBUFS", "ENOMEM", "EINTR"]),
        ("recvfrom", 120, 15, ["ENOBUFS", "EINTR", "EAGAIN", "ENOMEM"]),
        ("socket", 60, 10, ["EMFILE", "ENFILE", "ENOBUFS", "EACCES"]),
    ];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_scrape_is_answered_and_right_although_calls_fail(int seed)
    {
        using var netns = new PrivateNamespace();
        using var pairs = new ConnectionPairs(netns, port: 9000);
        for (var i = 0; i < Connections; i++)
            pairs.Connect();
        using var exporter = await PublishedExporter.StartBehindAsync(
            netns,
            [
                InstalledProgram.Find("strace"),
                "-f",
                "-qq",
                "-I",
                "1",
                "-o",
                "/dev/null",
                "-e",
                "signal=none",
                .. Faults(seed),
            ],
            "--sampling.max-age=0s"
        );

        // The exporter goes on where strace ends.
        var tracer = exporter.Process.Id.ToString(CultureInfo.InvariantCulture);
        var traced = (await File.ReadAllTextAsync($"/proc/{tracer}/task/{tracer}/children", Cancellation)).Trim();
        try
        {
            await ScrapeAsync(exporter, seed);

            // Some readers have nothing to read here. Without the faults, the others are whole again.
            netns.Command("kill", tracer);
            await exporter.Process.WaitForExitAsync(Cancellation);
            var whole = "";
            await Polling.UntilAsync("everything is read again", async () =>
            {
                whole = await exporter.ScrapeAsync();
                return AssertReasons(whole) <= _least;
            });
            Assert.Matches(Established(), whole);
        }
        finally
        {
            netns.Command("kill", "-KILL", traced);
        }
    }

    /// <summary>Scrapes while calls fail.</summary>
    async Task ScrapeAsync(PublishedExporter exporter, int seed)
    {
        var (read, failed) = (0, new List<int>());
        for (var i = 0; i < Scrapes; i++)
        {
            using var answer = await exporter.Client.GetAsync("/metrics", Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            failed.Add(AssertReasons(text));

            // Both ends of a connection, or no word about them.
            if (Established().Match(text) is { Success: true } value)
            {
                read++;
                var sockets = int.Parse(value.Groups[1].Value, CultureInfo.InvariantCulture);
                Assert.InRange(sockets, 2 * Connections, (2 * Connections) + 8);
            }
        }

        output.WriteLine($"seed {seed}: failed readers {string.Join(' ', failed)}; sockets were read {read} times");
        Assert.True(failed.Max() > failed.Min(), "no fault made a reader fail");
        _least = failed.Min();
    }

    /// <summary>Asserts that each reader that failed has a reason. Returns their number.</summary>
    static int AssertReasons(string text)
    {
        var failed = Failed().Matches(text).Select(static match => match.Groups[1].Value).Order().ToList();
        var reasons = Absent().Matches(text).Select(static match => match.Groups[1].Value).Order().ToList();
        Assert.Empty(failed.Except(reasons));
        return failed.Count;
    }

    /// <summary>Returns the options: each call fails with an error of its own, at a spacing of its own.</summary>
    static IEnumerable<string> Faults(int seed)
    {
        var random = new Random(seed);
        yield return "-e";
        yield return $"trace={string.Join(',', Calls.Select(static call => call.Call))}";
        foreach (var (call, first, spacing, errors) in Calls)
        {
            var (error, step) = (errors[random.Next(errors.Length)], random.Next(spacing / 2, 2 * spacing));
            yield return "-e";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"inject={call}:error={error}:when={first + random.Next(spacing)}+{step}"
            );
        }
    }

    [GeneratedRegex(
        """^openclaw_network_tcp_sockets\{[^}]*state="established"[^}]*\} ([0-9]+)$""",
        RegexOptions.Multiline
    )]
    private static partial Regex Established();

    [GeneratedRegex("""^openclaw_network_reader_success\{reader="([^"]+)"\} 0$""", RegexOptions.Multiline)]
    private static partial Regex Failed();

    [GeneratedRegex(
        """^openclaw_network_reader_absence\{reader="([^"]+)",reason="[^"]+"\} 1$""",
        RegexOptions.Multiline
    )]
    private static partial Regex Absent();
}
