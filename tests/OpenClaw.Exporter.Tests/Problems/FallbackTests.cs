using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>Every output names the reason why a better source could not be read.</summary>
public class FallbackTests
{
    const string Lost = "exact numbers of free ports";

    [Theory]
    [InlineData(Absence.NotPermitted, "CAP_BPF and CAP_PERFMON")]
    [InlineData(Absence.NotPresent, "")]
    [InlineData(Absence.Failed, "")]
    [InlineData(Absence.Interrupted, "")]
    public async Task The_page_and_the_JSON_have_the_reason_and_no_metric_changes(Absence reason, string capability)
    {
        using var machine = new RecordedMachine();
        await machine.SampleAsync();
        var before = await machine.Sampling.SeriesAsync(machine.Readers());
        var readers = WithFallback(machine, reason);

        Assert.Equal(before, await machine.Sampling.SeriesAsync(readers));
        await machine.Sampling.SampleAsync(readers);
        var forms = (await machine.Sampling.RenderAsync()).ToDictionary();
        Assert.Contains(
            $"<td data-label=\"what\">{Lost}</td><td data-label=\"why\">bpf: no</td>",
            forms["html"],
            StringComparison.Ordinal
        );
        var missing = JsonDocument
            .Parse(forms["json"])
            .RootElement.GetProperty("missing")
            .EnumerateArray()
            .Single(static one => one.GetProperty("reader").GetString() == "tcp_sockets");
        Assert.Equal("bpf: no", missing.GetProperty("detail").GetString());
        Assert.Equal(capability, missing.GetProperty("capability").GetString());
    }

    [Fact]
    public async Task The_log_has_the_reason_once()
    {
        using var machine = new RecordedMachine();
        await machine.SampleAsync();
        var log = new ListLog();
        var current = new CurrentExposition(
            new Sampler(WithFallback(machine, Absence.NotPresent), machine.Clock),
            TimeSpan.Zero,
            Diagnosis.NamespacesShown,
            log
        );

        for (var i = 0; i < 3; i++)
            _ = await current.GetAsync(TimeSpan.FromSeconds(30));

        Assert.Single(log.Lines, $"Information Collector tcp_sockets reads a dump, without {Lost}: bpf: no");
    }

    /// <summary>Returns the readers of the machine, with the same sockets from a lesser source.</summary>
    static ImmutableArray<Reader> WithFallback(RecordedMachine machine, Absence reason)
    {
        var sockets = machine.Sampling.Diagnosis.Snapshot.Get<TcpSockets>().Value;
        var readers = machine.Readers();
        return readers.Replace(
            readers.Single(static reader => reader.Name == "tcp_sockets"),
            new SourcesReader<TcpSockets>(
                "tcp_sockets",
                new("program", _ => new Missing(reason, "bpf: no")) { Adds = Lost },
                new("dump", _ => sockets)
            )
        );
    }

    /// <summary>Keeps the logged lines.</summary>
    sealed class ListLog : ILogger<CurrentExposition>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Add($"{logLevel} {formatter(state, exception)}");
    }
}
