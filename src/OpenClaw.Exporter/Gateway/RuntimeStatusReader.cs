using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Runs <c>openclaw status</c>, or the configured command, at an interval. The command is an argument list, never a
/// shell line. A run that takes too long or prints too much is killed with all its child processes.
/// </summary>
sealed class RuntimeStatusReader(ImmutableArray<string> command, TimeSpan interval, TimeSpan timeout)
    : PolledReader<RuntimeStatus>("openclaw_status", string.Join(' ', command), interval)
{
    /// <inheritdoc/>
    public override async Task<Reading<RuntimeStatus>> AskAsync(CancellationToken stop)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(timeout);
        using var process = new Process
        {
            StartInfo = new(command[0], command.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        try
        {
            _ = process.Start();
        }
        catch (Win32Exception error)
        {
            // A command that was configured and does not exist is a mistake, not a feature that the machine lacks.
            var missing = Missing.FromErrno(error.NativeErrorCode, command[0], KernelCall.File);
            return missing.Outcome == Outcome.None ? missing with { Reason = Absence.Failed } : missing;
        }

        try
        {
            process.StandardInput.Close();

            // Standard error is read and discarded, so that a full pipe does not block the command.
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, deadline.Token);
            var output = await ReadAsync(process.StandardOutput, deadline.Token);
            if (output is null)
            {
                return new Missing(
                    Absence.Malformed,
                    $"{Source}: printed more than {ExporterBounds.StatusBytes} characters"
                );
            }

            await process.WaitForExitAsync(deadline.Token);
            if (RuntimeStatus.Parse(output) is { } status)
                return status;
            return process.ExitCode != 0
                ? new Missing(Absence.Failed, $"{Source}: exit {process.ExitCode}")
                : new Missing(Absence.Malformed, $"{Source}: expected JSON or a line 'Runtime: …'");
        }
        catch (OperationCanceledException)
        {
            return new Missing(Absence.TimedOut, $"{Source}: did not finish within {timeout.TotalSeconds:0.###} s");
        }
        finally
        {
            Kill(process);
        }
    }

    static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // The command ended meanwhile.
        }
    }

    /// <summary>Reads to the end; null when the text is longer than the limit.</summary>
    static async Task<string?> ReadAsync(StreamReader reader, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellation) is var count and > 0)
        {
            if (text.Append(buffer, 0, count).Length > ExporterBounds.StatusBytes)
                return null;
        }

        return text.ToString();
    }
}
