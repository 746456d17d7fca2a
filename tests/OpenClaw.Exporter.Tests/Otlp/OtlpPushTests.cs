using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Otlp;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public sealed partial class OtlpPushTests : IAsyncDisposable
{
    const string Counter = "openclaw_network_probe_errors_total";
    const string Gauge = "openclaw_network_kernel_log_event_timestamp_seconds";

    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    readonly FixtureProc _proc = new();
    readonly Log _log = new();
    (string Name, long Value)[] _errors = [];
    ulong[] _events = [];
    OtlpPush? _push;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_push is not null)
            await _push.StopAsync(Stop);
        _push?.Dispose();
        _proc.Dispose();
    }

    [Theory]
    [InlineData(false, "/v1/metrics")]
    [InlineData(true, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    public async Task A_push_has_the_series_of_the_page_and_nothing_else(bool isGrpc, string path)
    {
        await using var receiver = await OtlpReceiver.StartAsync(isGrpc);
        (_errors, _events) = ([("EMFILE", 2), ("a \"quoted\\\n\" ü", 3)], [1, 2]);
        var current = Current(TimeSpan.FromHours(1));
        using var page = new MemoryStream();
        await (await current.GetAsync(Timeout)).Registry.CollectAndExportAsTextAsync(page, Stop);
        var (began, families, series) = (DateTimeOffset.UtcNow, new Dictionary<string, string>(), new List<string>());
        foreach (var line in Encoding.UTF8.GetString(page.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ', 4) is ["#", var what, var name, var text])
                families[name + what] = text;
            else
                series.Add(Canonical(line));
        }

        await StartAsync(
            receiver,
            current,
            isGrpc ? "grpc" : "http/protobuf",
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20t0ken,x-tenant=a")
        );
        var push = await receiver.NextAsync(Stop);

        Assert.InRange(series.Count, 100, 1000);
        Assert.Equal(
            series.Order(StringComparer.Ordinal),
            push.Points.Select(static point => Canonical(point)).Order(StringComparer.Ordinal)
        );
        Assert.All(push.Points, point =>
        {
            Assert.Equal(families[point.Name + "HELP"], point.Description);
            Assert.Equal(families[point.Name + "TYPE"] == "counter" ? "sum 2 monotonic" : "gauge", point.Kind);
            Assert.Equal("", point.Unit);
            Assert.InRange(point.Start, began, point.Time);
            Assert.InRange(point.Time, began, DateTimeOffset.UtcNow);
        });
        Assert.Contains(push.Points, static point => point.Kind == "gauge");
        Assert.Contains(push.Points, static point => point.Kind == "sum 2 monotonic");
        Assert.Equal(path, push.Path);
        Assert.Equal(("Bearer t0ken", "a"), (push.Headers["authorization"], push.Headers["x-tenant"]));
        Assert.Equal("openclaw-exporter " + BuildInfo.Version, push.Scope);
        Assert.Equal("openclaw-exporter", push.Resource["service.name"]);
        Assert.Equal(BuildInfo.Version, push.Resource["service.version"]);
        Assert.Equal(Environment.MachineName, push.Resource["service.instance.id"]);
        Assert.Equal(Environment.MachineName, push.Resource["host.name"]);
    }

    [Fact]
    public async Task Vanished_series_are_not_pushed_and_others_keep_their_start_time()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        (_errors, _events) = ([("EMFILE", 2), ("EAGAIN", 3)], [1, 2]);
        await StartAsync(receiver);
        var first = await receiver.NextAsync(Stop);
        Assert.Equal(4, Ours(first).Count);

        (_errors, _events) = ([("EMFILE", 5)], [2]);
        var second = await NextAsync(receiver);

        Assert.Equal([("EMFILE", 5), ("netns 2", 1)], Ours(second));
        Assert.Equal(Start(first), Start(second));

        (_errors, _events) = ([], []);
        Assert.Empty(Ours(await NextAsync(receiver)));
        (_errors, _events) = ([("EMFILE", 5)], [2]);
        Assert.Equal(Start(first), Start(await NextAsync(receiver)));
    }

    [Fact]
    public async Task A_counter_that_begins_again_counts_from_a_new_time()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        _errors = [("EMFILE", 7)];
        await StartAsync(receiver);
        var first = await receiver.NextAsync(Stop);

        _errors = [("EMFILE", 1)];
        var again = await NextAsync(receiver);

        Assert.Equal([("EMFILE", 1)], Ours(again));
        Assert.True(Start(again) > first.Points.Single(static point => point.Name == Counter).Time);
    }

    /// <summary>The SDK keeps 2,000 label sets per metric by default and merges the rest.</summary>
    [Fact]
    public async Task Label_sets_that_come_and_go_are_never_merged()
    {
        const int each = 250,
            pushes = 20;
        await using var receiver = await OtlpReceiver.StartAsync();
        for (var i = 0; i < pushes; i++)
        {
            // First the number of label sets shrinks, so that the reserved room no longer fits. Then it jumps.
            var (from, count) = (1 + (i * each), i == pushes - 1 ? 2500 : each - i);
            (_errors, _events) = (
                [.. Enumerable.Range(from, count).Select(static number => ($"E{number}", (long)number))],
                [.. Enumerable.Range(from, count).Select(static number => (ulong)number)]
            );
            if (i == 0)
                await StartAsync(receiver);

            var push = await NextAsync(receiver);

            Assert.Equal(
                _errors
                    .Select(static error => (error.Name, error.Value))
                    .Concat(_events.Select(static inode => ($"netns {inode}", 1L)))
                    .Order(),
                Ours(push)
            );
            Assert.DoesNotContain(push.Points, static point =>
                point.Labels.Contains("otel.metric.overflow", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task An_endpoint_that_refuses_is_logged_once_until_it_takes()
    {
        using var reserved = new TcpListener(IPAddress.Loopback, 0);
        reserved.Start();
        var port = ((IPEndPoint)reserved.LocalEndpoint).Port;
        reserved.Stop();
        await StartAsync($"http://127.0.0.1:{port}", Current(), "http/protobuf");
        await _log.AtLeastAsync(1);
        await Task.Delay(300, Stop);

        await using var receiver = await OtlpReceiver.StartAsync(port: port);
        Assert.NotEmpty((await receiver.NextAsync(Stop)).Points);
        await _log.AtLeastAsync(2);
        await NextAsync(receiver);

        Assert.Collection(
            _log.Lines,
            line =>
                Assert.Matches(
                    $@"^Warning Cannot push metrics to http://127\.0\.0\.1:{port}/v1/metrics; " + "retrying: .*refused",
                    line
                ),
            line => Assert.Equal($"Information Pushing metrics to http://127.0.0.1:{port}/v1/metrics works again", line)
        );
    }

    [Theory]
    [InlineData(false, "HTTP 500 Internal Server Error")]
    [InlineData(true, "gRPC status 14 not now: busy")]
    public async Task An_endpoint_that_answers_with_an_error_is_logged_once_until_it_takes(bool isGrpc, string reason)
    {
        await using var receiver = await OtlpReceiver.StartAsync(isGrpc);
        var failures = 3;
        receiver.Instead = context =>
        {
            if (failures-- <= 0)
                return Task.FromResult(false);
            if (isGrpc)
            {
                (
                    context.Response.ContentType,
                    context.Response.Headers["grpc-status"],
                    context.Response.Headers["grpc-message"]
                ) = ("application/grpc", "14", "not now%3A busy");
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            }
            return Task.FromResult(true);
        };
        await StartAsync(receiver, protocol: isGrpc ? "grpc" : "http/protobuf");

        Assert.NotEmpty((await receiver.NextAsync(Stop)).Points);
        Assert.True(receiver.Requests >= 4);
        await _log.AtLeastAsync(2);
        await NextAsync(receiver);

        Assert.Collection(
            _log.Lines,
            line => Assert.EndsWith(": " + reason, line, StringComparison.Ordinal),
            static line => Assert.EndsWith(" again", line, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_hangs_is_logged_once_until_it_takes(bool isGrpc)
    {
        await using var receiver = await OtlpReceiver.StartAsync(isGrpc);
        var hanging = 3;
        receiver.Instead = async context =>
        {
            if (hanging-- <= 0)
                return false;
            await Task.Delay(System.Threading.Timeout.Infinite, context.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        await StartAsync(
            receiver,
            protocol: isGrpc ? "grpc" : "http/protobuf",
            more: ("OTEL_EXPORTER_OTLP_TIMEOUT", "200")
        );

        Assert.NotEmpty((await receiver.NextAsync(Stop)).Points);
        await _log.AtLeastAsync(2);
        await NextAsync(receiver);

        Assert.Collection(
            _log.Lines,
            static line => Assert.EndsWith(": no answer within 0.2 s", line, StringComparison.Ordinal),
            static line => Assert.EndsWith(" again", line, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_ends_at_once_while_the_endpoint_hangs(bool isGrpc)
    {
        await using var receiver = await OtlpReceiver.StartAsync(isGrpc);
        var asked = new TaskCompletionSource();
        receiver.Instead = async context =>
        {
            asked.TrySetResult();
            await Task.Delay(System.Threading.Timeout.Infinite, context.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        await StartAsync(
            receiver,
            protocol: isGrpc ? "grpc" : "http/protobuf",
            more: ("OTEL_EXPORTER_OTLP_TIMEOUT", "600000")
        );
        await asked.Task.WaitAsync(Timeout, Stop);

        await Task.Run(
                async () =>
                {
                    await _push!.StopAsync(Stop);
                    _push.Dispose();
                },
                Stop
            )
            .WaitAsync(TimeSpan.FromSeconds(2), Stop);

        Assert.Empty(_log.Lines);
        Assert.Equal(1, receiver.Requests);
    }

    /// <summary>A push hangs in the middle of its families and continues while they are disposed of.</summary>
    [Fact]
    public async Task It_ends_while_a_push_is_still_making_instruments()
    {
        using var goesOn = new ManualResetEventSlim();
        var hangs = new TaskCompletionSource();
        var (published, made) = (0, new TaskCompletionSource());
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (_push is null || instrument.Meter.Scope != _push)
                    return;
                listener.EnableMeasurementEvents(instrument);
                published++;
                if (published == 3)
                {
                    hangs.SetResult();
                    goesOn.Wait(Timeout);
                }

                if (published == 5)
                    made.TrySetResult();
            },
            MeasurementsCompleted = (_, _) =>
            {
                goesOn.Set();
                made.Task.Wait(Timeout);
            },
        };
        listener.Start();
        await using var receiver = await OtlpReceiver.StartAsync();
        await StartAsync(receiver, protocol: "http/protobuf");
        await hangs.Task.WaitAsync(Timeout, Stop);

        await _push!.StopAsync(Stop);
        var push = _push;
        await Task.Run(push.Dispose, Stop).WaitAsync(Timeout, Stop);

        goesOn.Set();
        await made.Task.WaitAsync(Timeout, Stop);
        listener.Dispose();
        _push = null;
    }

    [Fact]
    public async Task A_mistake_is_logged_without_its_trace()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await StartAsync(receiver, Current(clock: new BrokenClock()));

        await _log.AtLeastAsync(2);

        Assert.Contains(_log.Lines, static line =>
            line.StartsWith("Warning", StringComparison.Ordinal)
            && line.EndsWith(": no such thing", StringComparison.Ordinal)
        );
        Assert.Contains(_log.Lines, static line => line.StartsWith("Debug", StringComparison.Ordinal));
    }

    /// <summary>Receives a push of the present values: an earlier push may have been on its way.</summary>
    static async Task<OtlpMetrics> NextAsync(OtlpReceiver receiver)
    {
        receiver.Forget();
        await receiver.NextAsync(Stop);
        return await receiver.NextAsync(Stop);
    }

    /// <summary>The probe's errors with their counts, and the namespaces of kernel messages.</summary>
    static List<(string Name, long Value)> Ours(OtlpMetrics push) =>
        [
            .. push
                .Points.Where(static point => point.Name is Counter or Gauge)
                .Select(static point =>
                    point.Name == Counter
                        ? (Quoted().Matches(point.Labels)[0].Groups[1].Value, (long)point.Value)
                        : ("netns " + Regex.Match(point.Labels, "netns=\"([^\"]*)\"").Groups[1].Value, 1L)
                )
                .Order(),
        ];

    static DateTimeOffset Start(OtlpMetrics push) => push.Points.First(static point => point.Name == Counter).Start;

    static string Canonical(OtlpPoint point) =>
        $"{point.Name} {point.Labels} {point.Value.ToString("R", CultureInfo.InvariantCulture)}";

    /// <summary>The canonical form of a line of the metrics page, where \, " and a newline are escaped by \.</summary>
    static string Canonical(string line)
    {
        var parts = Series().Match(line);
        var labels = Label()
            .Matches(parts.Groups["labels"].Value)
            .Select(static label =>
                (
                    Name: label.Groups[1].Value,
                    Value: Regex.Replace(label.Groups[2].Value, @"\\(.)", static escaped =>
                        escaped.Groups[1].Value == "n" ? "\n" : escaped.Groups[1].Value
                    )
                )
            )
            .OrderBy(static label => label.Name, StringComparer.Ordinal)
            .Select(static label => $"{label.Name}=\"{label.Value}\"");
        var value = double.Parse(parts.Groups["value"].Value, CultureInfo.InvariantCulture);
        return $"{parts.Groups["name"].Value} {string.Join(",", labels)} "
            + $"{value.ToString("R", CultureInfo.InvariantCulture)}";
    }

    Task StartAsync(
        OtlpReceiver receiver,
        CurrentExposition? current = null,
        string protocol = "http/protobuf",
        params (string Variable, string Value)[] more
    ) => StartAsync(receiver.Endpoint, current ?? Current(), protocol, more);

    async Task StartAsync(
        string endpoint,
        CurrentExposition current,
        string protocol,
        params (string Variable, string Value)[] more
    )
    {
        var environment = more.ToDictionary(static one => one.Variable, static one => one.Value);
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        environment["OTEL_METRIC_EXPORT_INTERVAL"] = "20";
        _push = new(new(OtlpSettings.Read(name => environment.GetValueOrDefault(name))!), current, _log);
        await _push.StartAsync(Stop);
    }

    CurrentExposition Current(TimeSpan maxAge = default, TimeProvider? clock = null)
    {
        var readers = KernelReaders
            .All(new ProcMount(_proc.Root), OpenClaw(), 10, _proc.Root, static _ => new FakeKernel(
                static (_, _) => [FakeKernel.Done()]
            ))
            .RemoveAll(static reader =>
                reader.Name is "kernel_log" or "network_interfaces" or "bridge_forwarding" or "traffic_queues"
            )
            .Add(
                new FunctionReader<AllocationProbe>("allocation_probe", "", _ => new AllocationProbe(
                    [new(ProbeOperation.TcpBind, Errno.EADDRINUSE, TimeSpan.FromSeconds(1) / 3)],
                    [
                        .. _errors.Select(static error => new ProbeErrors(
                            ProbeOperation.TcpBind,
                            error.Name,
                            error.Value
                        )),
                    ]
                ))
            )
            .Add(
                new FunctionReader<NamespaceSnapshots>("namespace_snapshots", "", static _ => new NamespaceSnapshots(
                    [],
                    0,
                    IncludesOwn: true
                ))
            )
            .Add(
                new FunctionReader<KernelLogEvents>("kernel_log", "", _ => new KernelLogEvents(
                    [
                        .. _events.Select(static inode => new KernelLogEvent(
                            KernelLogKind.ConntrackTableFull,
                            inode,
                            DateTimeOffset.UnixEpoch.AddSeconds(1.25)
                        )),
                    ],
                    0UL
                ))
            );
        return new(
            new Sampler(readers, clock ?? TimeProvider.System),
            maxAge,
            Diagnosis.NamespacesShown,
            NullLogger<CurrentExposition>.Instance
        );
    }

    [GeneratedRegex("openclaw")]
    private static partial Regex OpenClaw();

    [GeneratedRegex(@"^(?<name>[a-z_]+)(\{(?<labels>.*)\})? (?<value>\S+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Series();

    [GeneratedRegex(@"([a-z_]+)=""((?:\\.|[^""\\])*)""")]
    private static partial Regex Label();

    [GeneratedRegex("errno=\"([^\"]*)\"")]
    private static partial Regex Quoted();

    /// <summary>Keeps the logged lines.</summary>
    sealed class BrokenClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => throw new InvalidOperationException("no such\nthing");
    }

    sealed class Log : ILogger<OtlpPush>
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public async Task AtLeastAsync(int count)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            limit.CancelAfter(OtlpPushTests.Timeout);
            while (Lines.Count < count)
                await Task.Delay(10, limit.Token);
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Enqueue($"{logLevel} {formatter(state, exception)}");
    }
}
