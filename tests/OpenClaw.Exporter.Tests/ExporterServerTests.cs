using System.CommandLine;
using Microsoft.Extensions.Hosting;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Web;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Runs the whole server inside the test process.</summary>
[Collection(nameof(EnvironmentTests))]
public sealed class ExporterServerTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_of_readers_are_closed_after_the_stop()
    {
        var log = _folder.Write("openclaw.log", "");

        // Readers of other tests are closed by their finalizers, which must not happen in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Open("/dev/kmsg");
        var flags = Parse("--web.listen-address=127.0.0.1:0", $"--openclaw.log={log}", "--no-probe");
        var counting = new CountingReader();
        await using (
            var server = ExporterServer.Build(
                flags,
                ExporterServer.Readers(flags).Add(counting),
                new CurrentWebSettings(""),
                0,
                null
            )
        )
        {
            await server.StartAsync(TestContext.Current.CancellationToken);
            using var client = new HttpClient();
            Assert.NotEmpty(
                await client.GetStringAsync(
                    server.Urls.Single() + ServedPaths.MetricsByDefault,
                    TestContext.Current.CancellationToken
                )
            );

            // The kernel's log may be unreadable for this user; otherwise the server opens it once.
            Assert.Equal(1, Open(log));
            Assert.InRange(Open("/dev/kmsg") - before, 0, 1);
            Assert.Equal((1, 0, 0), (counting.Starts, counting.Stops, counting.Disposals));
            await server.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, Open(log));
        Assert.Equal(before, Open("/dev/kmsg"));
        Assert.Equal((1, 1, 1), (counting.Starts, counting.Stops, counting.Disposals));
    }

    /// <summary>Only the server reads the OpenClaw log. The command has its errors from it, with their rise.</summary>
    [Fact]
    public async Task A_command_beside_a_server_knows_the_errors_in_the_log()
    {
        var log = _folder.Write("openclaw.log", "");
        var address = $"127.0.0.1:{FreePort.Find()}";
        var flags = Parse($"--web.listen-address={address}", $"--openclaw.log={log}", "--no-probe", "--netns=self");
        await using var server = ExporterServer.Build(
            flags,
            ExporterServer.Readers(flags),
            new CurrentWebSettings(""),
            0,
            null
        );
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new($"http://{address}") };
        using var early = await client.GetAsync(ServedPaths.Timeline, TestContext.Current.CancellationToken);
        _ = await client.GetStringAsync(ServedPaths.MetricsByDefault, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(log, "Error Code: clw-port-conflict\n", TestContext.Current.CancellationToken);

        var diagnosis = await ExporterServer.DiagnoseAsync(
            Parse($"--web.listen-address={address}", "--no-probe", "--netns=self"),
            TimeSpan.Zero
        );

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, early.StatusCode);
        var error = Assert.Single(diagnosis.Symptoms, static symptom => symptom.Symptom.Name == "clw_errors_total");
        Assert.Equal((1, Phase.Failing), (error.Increase, error.Phase));
        await server.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("self")]
    [InlineData("all")]
    public void Root_is_told_of_each_capability_that_a_reader_can_use(string netns)
    {
        var readers = ExporterServer.Readers(Parse($"--netns={netns}"));

        var said = Privileges.UsesOf(readers);

        Assert.Equal(netns == "all" ? 10 : 9, said.Split("; ").Length);
        Assert.All(
            Privileges.All.Where(privilege => readers.Any(reader => reader.Name == privilege.Reader)),
            privilege => Assert.Contains($"{privilege.Reader}: {privilege.Capability}", said, StringComparison.Ordinal)
        );
    }

    /// <summary>The number of descriptors that this process has open for a file.</summary>
    static int Open(string path) =>
        Directory
            .EnumerateFiles("/proc/self/fd")
            .Count(link =>
            {
                try
                {
                    return new FileInfo(link).LinkTarget == path;
                }
                catch (IOException)
                {
                    // The descriptor was closed meanwhile, such as that of the enumeration itself.
                    return false;
                }
            });

    static ParseResult Parse(params string[] arguments)
    {
        var root = new RootCommand();
        foreach (var flag in ExporterFlags.All)
            root.Options.Add(flag);
        return root.Parse(arguments);
    }

    sealed class CountingReader() : Reader<string>("counting", "nothing"), IHostedService, IDisposable
    {
        public int Starts { get; private set; }

        public int Stops { get; private set; }

        public int Disposals { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Starts++;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Stops++;
            return Task.CompletedTask;
        }

        public void Dispose() => Disposals++;

        protected override Reading<string> Read(SamplingPass sampling) => "";
    }
}
