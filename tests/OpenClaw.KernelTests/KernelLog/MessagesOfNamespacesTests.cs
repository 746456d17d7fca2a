using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OpenClaw.Kernel.KernelLog;
using static OpenClaw.KernelTests.TrackedPeers;

namespace OpenClaw.KernelTests;

/// <summary>
/// Messages of the kernel name a network namespace by its inode (since Linux 6.17). The kernel gives the lowest free
/// inode to the next namespace, so the same number may soon be another namespace.
/// </summary>
[Collection(WholeMachine.Name)]
public class MessagesOfNamespacesTests
{
    const string Kind = "conntrack_table_full";
    const string Metric = "openclaw_network_kernel_log_event_timestamp_seconds";

    /// <summary>The longest time from a cure to a calm diagnosis.</summary>
    static readonly TimeSpan Calm = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The exporter runs from before the first namespace until after the second, so it has seen both.
    /// </summary>
    [Fact]
    public async Task A_message_about_a_namespace_that_is_gone_is_not_said_of_the_next_one_with_its_inode()
    {
        SkipWithoutNames();
        using var home = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(home, "--netns=all", "--sampling.max-age=0s");
        var (inode, second) = await OneAfterTheOtherAsync(exporter);
        using var ending = second;
        second.Start(new("sleep", "600"));
        var name = inode.ToString(CultureInfo.InvariantCulture);

        var page = await exporter.ScrapeAsync();
        Assert.Contains($"{Metric}{{kind=\"{Kind}\"", page, StringComparison.Ordinal);
        AssertNoSeries(name, page);
        AssertNotSaid(name, await DiagnoseAsync(home, "--netns=all", "--netns.worst=10000"));
        AssertNotSaid(name, await DiagnoseAsync(home, "--netns=" + name));
        AssertNotSaid("self", await DiagnoseAsync(second, "--netns=self"));
        AssertNotSaid("self", await DiagnoseAsync(second, "--netns=self", "--no-collector.processes"));
        using var inside = await PublishedExporter.StartAsync(second, "--netns=self");
        AssertNoSeries("self", await inside.ScrapeAsync());
    }

    [Fact]
    public async Task Soon_after_a_cure_the_diagnosis_is_calm_and_the_message_is_over()
    {
        SkipWithoutNames();
        using var home = new PrivateNamespace();
        using var netns = new PrivateNamespace();
        netns.Start(new("sleep", "600"));
        var name = InodeOf(netns).ToString(CultureInfo.InvariantCulture);
        Fill(netns);
        Assert.Equal(2, (await PrintAsync(home, "--netns=" + name)).Exit);
        Assert.Equal(2, (await PrintAsync(netns, "--netns=self")).Exit);

        Flush(netns);
        var cured = Stopwatch.GetTimestamp();

        // A run may take seconds on a busy machine: its start counts.
        TimeSpan waited;
        (int Exit, string Printed) last;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
            waited = Stopwatch.GetElapsedTime(cured);
            last = await PrintAsync(home, "--netns=" + name);
            Assert.True(last.Exit == 0 || waited < Calm, $"exit {last.Exit} {waited} after the cure:\n{last.Printed}");
        } while (last.Exit != 0);

        AssertOver(name, await DiagnoseAsync(home, "--netns=" + name));
        AssertOver("self", await DiagnoseAsync(netns, "--netns=self"));
    }

    static void AssertNoSeries(string netns, string page) =>
        Assert.DoesNotContain(page.Split('\n'), line => line.StartsWith(SeriesOf(netns), StringComparison.Ordinal));

    static void AssertOver(string netns, (int Exit, string Text, JsonElement Json) diagnosis)
    {
        Assert.Equal(0, diagnosis.Exit);
        var over = Assert.Single(diagnosis.Json.GetProperty("problems").EnumerateArray(), problem =>
            problem.GetProperty("netns").EnumerateArray().Any(name => name.GetString() == netns)
        );
        Assert.Equal(
            ("over", "ok"),
            (PublishedDiagnosis.Text(over, "phase"), PublishedDiagnosis.Text(over, "condition"))
        );
        Assert.Matches(@": ended \d+ seconds? ago", diagnosis.Text);
    }

    /// <summary>The event may be shown as that of a namespace that is gone.</summary>
    static void AssertNotSaid(string netns, (int Exit, string Text, JsonElement Json) diagnosis)
    {
        foreach (var property in (string[])["events", "symptoms", "problems"])
        {
            Assert.DoesNotContain(diagnosis.Json.GetProperty(property).EnumerateArray(), row =>
                row.GetRawText().Contains(Kind, StringComparison.Ordinal)
                && row.GetProperty("netns") is var names
                && (names.ValueKind == JsonValueKind.Array ? [.. names.EnumerateArray()] : new[] { names }).Any(name =>
                    name.GetString() == netns
                )
            );
        }

        Assert.DoesNotMatch($@"{Kind} in {netns} (?!\(gone\))", diagnosis.Text);
        Assert.DoesNotMatch($@"Connection tracking[^:]* in {netns}(?! \(gone\))", diagnosis.Text);
    }

    /// <summary>Fills the table of a namespace and waits until the kernel has logged it.</summary>
    static void Fill(PrivateNamespace netns)
    {
        var log = new KernelLogSince(KernelLogKind.ConntrackTableFull, InodeOf(netns));
        Track(netns);
        var maximum = Maximum();
        FillForGood(netns, maximum);
        log.Await(() => netns.Run(() => SendToPeers(maximum, 20)));
    }

    /// <summary>
    /// Fills the table of a namespace, ends it, and makes another one with its inode. All kinds of namespaces share
    /// these numbers, so another program may take one away. Then a new namespace is filled.
    /// </summary>
    static async Task<(ulong Inode, PrivateNamespace Second)> OneAfterTheOtherAsync(PublishedExporter exporter)
    {
        const int TriesAtMost = 3;
        ulong inode = 0;
        for (var tries = 0; tries < TriesAtMost; tries++)
        {
            using (var first = new PrivateNamespace())
            {
                inode = InodeOf(first);
                first.Start(new("sleep", "600"));
                Fill(first);
                Assert.Contains(SeriesOf($"{inode}"), await exporter.ScrapeAsync(), StringComparison.Ordinal);
            }

            if (await NextWithAsync(inode) is { } second)
                return (inode, second);
        }

        Assert.Skip($"the kernel gives the inode {inode} to no other namespace");
        return default;
    }

    /// <summary>
    /// Makes namespaces until one has this inode; null where none gets it. The kernel frees an inode some time after
    /// the last process ends.
    /// </summary>
    static async Task<PrivateNamespace?> NextWithAsync(ulong inode)
    {
        var lower = new List<PrivateNamespace>();
        try
        {
            // Longer than the precision of the times that are compared.
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            var waiting = Stopwatch.StartNew();
            while (waiting.Elapsed < TimeSpan.FromSeconds(30))
            {
                var netns = new PrivateNamespace();
                var given = InodeOf(netns);
                if (given == inode)
                    return netns;

                // Namespaces of tests before this one may end late, and leave hundreds of lower inodes.
                if (given < inode)
                {
                    lower.Add(netns);
                    continue;
                }

                netns.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            lower.ForEach(static netns => netns.Dispose());
        }

        return null;
    }

    static void SkipWithoutNames() =>
        Assert.SkipUnless(
            Environment.OSVersion.Version >= new Version(6, 17),
            "needs messages that name a namespace (Linux 6.17)"
        );

    static string SeriesOf(string netns) => $"{Metric}{{kind=\"{Kind}\",netns=\"{netns}\"}}";

    static ulong InodeOf(PrivateNamespace netns) =>
        netns.Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode);

    /// <summary>The diagnosis as JSON, and the text in one line of a second one, with the worse exit code.</summary>
    static async Task<(int Exit, string Text, JsonElement Json)> DiagnoseAsync(
        PrivateNamespace netns,
        params string[] flags
    )
    {
        var json = await PrintAsync(netns, [.. flags, "--format=json"]);
        var text = await PrintAsync(netns, flags);
        return (
            Math.Max(json.Exit, text.Exit),
            string.Join(' ', text.Printed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            JsonDocument.Parse(json.Printed).RootElement
        );
    }

    static async Task<(int Exit, string Printed)> PrintAsync(PrivateNamespace netns, params string[] flags)
    {
        var process = netns.Start(
            new(
                Repository.PublishedExporter,
                ["diagnose", "--no-probe", "--no-collector.softnet", "--observe=0s", .. flags]
            )
            {
                RedirectStandardOutput = true,
            }
        );
        var printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, printed);
    }
}
