using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The name of a process (comm), and the command line as pgrep -f sees it.</summary>
/// <param name="Name">/proc/PID/comm. Where the kernel cut it to 15 bytes and argv[0] has the rest, the whole
/// name.</param>
/// <param name="CommandLine">The first 4 KB of /proc/PID/cmdline, with spaces between the arguments; empty for kernel
/// threads.</param>
public sealed record ProcessName(string Name, string CommandLine)
{
    static readonly SearchValues<string> Interpreters = SearchValues.Create(
        ["node", "nodejs", "bun", "deno", "python", "ruby", "perl", "sh", "bash", "dash", "java", "dotnet"],
        StringComparison.Ordinal
    );

    /// <summary>
    /// The paths of its programs: argv[0], and after an interpreter the script or module that it runs.
    /// </summary>
    public ImmutableArray<string> Programs => ProgramsOf(Arguments.Split('\0'));

    /// <summary>
    /// The name with the file of the script that an interpreter runs: "python3 worker.py". The name alone where it is
    /// not the interpreter's.
    /// </summary>
    public string NameWithScript =>
        Programs is [var interpreter, var script]
        && Path.GetFileName(interpreter).StartsWith(Name, StringComparison.Ordinal)
            ? $"{Name} {Path.GetFileName(script)}"
            : Name;

    /// <summary>The command line with a zero byte between the arguments.</summary>
    string Arguments { get; init; } = "";

    // TASK_COMM_LEN is 16 with the final NUL.
    const int CommLength = 15;

    /// <summary>The name that Node gives its first thread, which the kernel shows as the name of the process.</summary>
    const string ThreadOfScript = "MainThread";

    /// <summary>The number of last parts of a script's path that tell whose it is: package, folder, file.</summary>
    const int FoldersOfScript = 3;

    internal static Reading<ProcessName> Read(ProcMount proc, int pid) =>
        proc.ReadText($"{pid}/comm")
            .Then(comm => proc.ReadStart($"{pid}/cmdline").Select(commandLine => Combine(comm, commandLine)));

    /// <summary>Combines the text of the two files.</summary>
    public static ProcessName Combine(string comm, string commandLine)
    {
        // A name may itself contain newlines or end in one. Only the last newline comes from the kernel.
        var name = comm.EndsWith('\n') ? comm[..^1] : comm;
        var arguments = commandLine.TrimEnd('\0');
        if (Encoding.UTF8.GetByteCount(name) >= CommLength)
        {
            // A process that sets its title, as Node does, has the whole title in argv[0].
            var end = arguments.AsSpan().IndexOfAny('\0', ' ');
            var program = end < 0 ? arguments : arguments[..end];
            program = program[(program.LastIndexOf('/') + 1)..];
            if (program.StartsWith(name, StringComparison.Ordinal))
                name = program;
        }

        if (name == ThreadOfScript && ProgramsOf(arguments.Split('\0')) is [_, var script])
            name = ScriptName.Shorten(script, arguments.Split('\0').SkipWhile(word => word != script).Skip(1));
        return new(BoundedName.Shorten(name), arguments.Replace('\0', ' ')) { Arguments = arguments };
    }

    /// <summary>
    /// Returns true for a program, script or unit that is an exporter: its name or a folder next to it ends in
    /// "exporter". The kernel cuts a name after 15 bytes.
    /// </summary>
    public static bool IsExporter(string path) =>
        path.Split('/')
            .TakeLast(FoldersOfScript)
            .Any(static part =>
                part.StartsWith("openclaw-export", StringComparison.Ordinal)
                || part.StartsWith("openclaw_export", StringComparison.Ordinal)
                || Path.GetFileNameWithoutExtension(part).EndsWith("exporter", StringComparison.Ordinal)
            );

    static ImmutableArray<string> ProgramsOf(string[] arguments)
    {
        // Some names end in a version: python3.13.
        var name = Path.GetFileName(arguments[0]).TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.');
        var script = arguments
            .Skip(1)
            .SkipWhile(static argument => argument.StartsWith('-') && !IsBeforeText(argument))
            .FirstOrDefault();
        return Interpreters.Contains(name) && script is not null && !IsBeforeText(script)
            ? [arguments[0], script]
            : [arguments[0]];
    }

    /// <summary>
    /// Returns true for an option that the text of a program follows, not the path of one: sh -lc, node -e, node
    /// --eval.
    /// </summary>
    static bool IsBeforeText(string argument) =>
        argument is "--eval" or "--print" || (argument is ['-', not '-', ..] and [.., 'c' or 'e' or 'p']);
}
