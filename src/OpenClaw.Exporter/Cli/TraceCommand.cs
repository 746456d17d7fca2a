using System.CommandLine;
using System.Runtime.InteropServices;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command trace.</summary>
static class TraceCommand
{
    const string Json = "json";

    static readonly string[] Formats = ["text", Json];

    /// <summary>The time between two looks at the calls that the kernel has kept.</summary>
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var time = ExporterFlags.TraceTime();
        var format = new Option<string>("--format")
        {
            Description = $"Output format; {Json} prints an object in each line. (default {Formats[0]})",
            HelpName = string.Join(" or ", Formats),
            DefaultValueFactory = static _ => Formats[0],
        };
        format.AcceptOnlyFromAmong(Formats);
        var command = new Verb(
            "trace",
            "Prints each system call that is refused for lack of a resource: a port, descriptor, socket or process of "
                + "the machine. Ends with a summary. Needs CAP_BPF and CAP_PERFMON. Meanwhile every system "
                + "call of the machine takes about 70 ns longer.",
            "trace --for=30s",
            "trace --netns=web --for=0s --format=json"
        )
        {
            time,
            format,
        };
        command.SetAction(result => TraceAsync(result, result.GetRequiredValue(time), result.GetValue(format) == Json));
        return command;
    }

    static async Task<int> TraceAsync(ParseResult flags, TimeSpan time, bool isJson)
    {
        var proc = new ProcMount(flags.GetRequiredValue(ExporterFlags.ProcPath));
        using var namespaces = new TracedNamespaces(
            proc,
            flags.GetRequiredValue(ExporterFlags.RootPath),
            flags.GetRequiredValue(ExporterFlags.Netns)
        );
        if (await namespaces.RefreshAsync() is { } failure)
        {
            Complaint.Print(failure);
            return ExitCodes.Unavailable;
        }

        using var end = time > TimeSpan.Zero ? new CancellationTokenSource(time) : new();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var begun = RefusedCallTrace.Begin(flags.GetRequiredValue(ExporterFlags.SysPath));
        if (!begun.TryGet(out var trace))
        {
            Complaint.Print($"cannot trace: {begun.Missing!.Detail}");
            return ExitCodes.Unavailable;
        }

        using (trace)
        {
            Complaint.Print(time > TimeSpan.Zero ? $"tracing for {time.TotalSeconds:0.###} s" : "tracing until Ctrl+C");
            var printer = new RefusedCallPrinter(Console.Out, proc, isJson);
            while (true)
            {
                // The last look comes after the end, so that no call before it is missed.
                var isLast = end.IsCancellationRequested;
                var calls = new List<RefusedCall>();
                trace.Take(calls.Add);
                if (calls.Exists(namespaces.IsUnknown))
                    _ = await namespaces.RefreshAsync();
                foreach (var call in calls)
                {
                    if (namespaces.Includes(call))
                        printer.Print(call, namespaces.NameOf(call));
                }

                if (isLast)
                    break;
                await Task.Delay(BetweenLooks, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            printer.PrintSummary(trace.Lost);
        }

        return ExitCodes.Ok;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Cancel();
        }
    }
}
