using System.Globalization;
using System.Text;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace OpenClaw.Exporter.Logging;

/// <summary>
/// Writes log events to standard error, each as one line of text or JSON. Stack traces are only for those who debug.
/// </summary>
/// <param name="format">The format of a line.</param>
/// <param name="isDebugging">True to write stack traces.</param>
sealed class StandardErrorLog(LogFormat format, bool isDebugging)
{
    /// <summary>STDERR_FILENO of unistd.h.</summary>
    const int Descriptor = 2;

    readonly ITextFormatter _formatter =
        format == LogFormat.Json
            ? new CompactJsonFormatter()
            : new MessageTemplateTextFormatter("{Timestamp:O} {Level:u3} {Message:lj}", CultureInfo.InvariantCulture);

    /// <summary>Writes an event, and waits for a slow reader.</summary>
    public void Write(LogEvent logEvent) =>
        _ = InheritedDescriptor.Write(Descriptor, Encoding.UTF8.GetBytes(LineOf(logEvent)));

    /// <summary>Returns the line of an event. Names by others cannot forge another one.</summary>
    internal string LineOf(LogEvent logEvent)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        var fault = logEvent.Exception;
        if (format == LogFormat.Json)
        {
            _formatter.Format(fault is null || isDebugging ? logEvent : WithoutTrace(logEvent, fault), line);
            return line.ToString();
        }

        _formatter.Format(logEvent, line);
        var text = VisibleText.Escape(line.ToString());
        return fault switch
        {
            null => $"{text}\n",
            _ when isDebugging => $"{text}\n{fault}\n",
            _ => $"{text}: {VisibleText.Escape(OneLine.From(fault))}\n",
        };
    }

    static LogEvent WithoutTrace(LogEvent logEvent, Exception fault) =>
        new(
            logEvent.Timestamp,
            logEvent.Level,
            null,
            logEvent.MessageTemplate,
            [
                .. logEvent.Properties.Select(static property => new LogEventProperty(property.Key, property.Value)),
                new("Error", new ScalarValue(OneLine.From(fault))),
            ]
        );
}
