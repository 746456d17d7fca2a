using System.Collections.Concurrent;
using System.Diagnostics;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Logging;
using Serilog;
using Serilog.Core;

namespace OpenClaw.Exporter.Tests;

public class LogQueueTests
{
    [Fact]
    public void Nobody_waits_for_a_log_that_nobody_reads()
    {
        using var full = new ManualResetEventSlim();
        var queue = new LogQueue(_ => full.Wait(), isLimited: false);
        using var logger = new LoggerConfiguration().WriteTo.Sink(queue).CreateLogger();
        var logging = Stopwatch.StartNew();

        for (var line = 0; line < 100_000; line++)
            logger.Warning("Line {Number}", line);
        Assert.InRange(
            queue.Dropped,
            100_000 - ExporterBounds.WaitingLogEvents - 1,
            100_000 - ExporterBounds.WaitingLogEvents
        );
        queue.Dispose();

        Assert.InRange(logging.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        full.Set();
    }

    [Fact]
    public void A_flood_is_one_line_with_its_count()
    {
        var lines = new ConcurrentQueue<string>();
        var text = new StandardErrorLog(LogFormat.Text, isDebugging: false);
        var queue = new LogQueue(line => lines.Enqueue(text.LineOf(line)), isLimited: true);
        using (var logger = new LoggerConfiguration().WriteTo.Sink(queue).CreateLogger())
        {
            var clients = logger.ForContext(Constants.SourceContextPropertyName, LogQueue.Clients);
            var server = logger.ForContext(Constants.SourceContextPropertyName, "Microsoft.AspNetCore.Server.Kestrel");
            for (var line = 0; line < 500; line++)
            {
                clients.Warning("Refused client {Number}", line);
                server.Warning("Broken connection {Number}", line);
            }

            logger.Information("Read {Path} again", "web.yml");
        }

        Assert.Equal(
            [
                "WRN Refused client 0\n",
                "WRN Broken connection 0\n",
                "INF Read web.yml again\n",
                "WRN Log lines missing: 998; too many of a kind, or nobody reads the log\n",
            ],
            lines.Select(static line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])
        );
        Assert.Equal(998, queue.Dropped);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_name_by_others_forges_no_line(bool isJson)
    {
        var line = LineOf(isJson, false, null, "x\n2026-01-01T00:00:00Z ERR forged\u001b[2J\u202e\r.yml");

        Assert.Equal(1, line.Count(static c => c == '\n'));
        Assert.DoesNotContain(line, static c => c is '\u001b' or '\r');
        Assert.EndsWith("\n", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_stack_trace_is_only_for_those_who_debug(bool isJson, bool isDebugging)
    {
        Exception thrown;
        try
        {
            throw new InvalidOperationException("bug\nof two lines");
        }
        catch (InvalidOperationException error)
        {
            thrown = error;
        }

        var line = LineOf(isJson, isDebugging, thrown, "web.yml");

        Assert.Equal(isDebugging, line.Contains("   at ", StringComparison.Ordinal));
        Assert.Contains("of two lines", line, StringComparison.Ordinal);
        Assert.Equal(isDebugging && !isJson, line.Count(static c => c == '\n') > 1);
    }

    static string LineOf(bool isJson, bool isDebugging, Exception? fault, string path)
    {
        var line = "";
        var log = new StandardErrorLog(isJson ? LogFormat.Json : LogFormat.Text, isDebugging);
        using var logger = new LoggerConfiguration()
            .WriteTo.Sink(new LogQueue(written => line = log.LineOf(written), isLimited: false))
            .CreateLogger();
        logger.Error(fault, "Cannot read {Path}", path);
        logger.Dispose();
        return line;
    }
}
