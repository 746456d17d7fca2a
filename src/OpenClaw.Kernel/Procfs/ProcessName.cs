using System.Text;

namespace OpenClaw.Kernel.Procfs;

/// <summary>What a process is called: comm, and the command line as pgrep -f sees it.</summary>
/// <param name="Name">/proc/PID/comm, or the whole name where comm had to cut it to 15 bytes and argv[0] has the rest.</param>
/// <param name="CommandLine">/proc/PID/cmdline with spaces between the arguments; empty for kernel threads.</param>
public sealed record ProcessName(string Name, string CommandLine)
{
    // TASK_COMM_LEN is 16 with the final NUL.
    const int CommLength = 15;

    internal static Reading<ProcessName> Read(ProcMount proc, int pid) =>
        proc.ReadText($"{pid}/comm").Then(comm =>
        proc.ReadText($"{pid}/cmdline").Select(commandLine => Of(comm, commandLine)));

    /// <summary>Combines the text of the two files.</summary>
    public static ProcessName Of(string comm, string commandLine)
    {
        // A name may itself contain or end in a newline; only the one that the kernel puts behind it is taken off.
        var name = comm.EndsWith('\n') ? comm[..^1] : comm;
        var arguments = commandLine.TrimEnd('\0');
        if (Encoding.UTF8.GetByteCount(name) >= CommLength)
        {
            // A process that sets its title, as Node does, has it whole in argv[0].
            var end = arguments.AsSpan().IndexOfAny('\0', ' ');
            var program = end < 0 ? arguments : arguments[..end];
            program = program[(program.LastIndexOf('/') + 1)..];
            if (program.StartsWith(name, StringComparison.Ordinal))
                name = program;
        }

        return new(name, arguments.Replace('\0', ' '));
    }
}
