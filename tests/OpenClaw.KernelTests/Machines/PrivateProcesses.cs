using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>
/// A PID namespace of one test. Its processes see one another and no others of the machine. It ends with its first
/// process.
/// </summary>
static class PrivateProcesses
{
    /// <summary>
    /// The command prefix for a program that becomes the first process, with process id 1 in the namespace.
    /// </summary>
    public static IReadOnlyList<string> First { get; } = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];

    /// <summary>
    /// Starts a PID namespace with an idle first process; returns the command prefix for programs that run in it.
    /// </summary>
    public static IReadOnlyList<string> Start(PrivateNamespace netns)
    {
        var first = netns.Start(
            new(First[0], [.. First.Skip(1), "sh", "-c", "echo ready; exec sleep 600"])
            {
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("ready", first.StandardOutput.ReadLine());
        return Beside(first);
    }

    /// <summary>The command prefix for a program that runs in the same PID namespace.</summary>
    /// <param name="started">The process that was started with <see cref="First"/>.</param>
    public static IReadOnlyList<string> Beside(Process started) =>
        ["nsenter", "--target", PidOf(started).ToString(CultureInfo.InvariantCulture), "--pid", "--mount"];

    /// <summary>The process id, outside the namespace, of its first process.</summary>
    /// <param name="started">The process that was started with <see cref="First"/>.</param>
    public static int PidOf(Process started)
    {
        var id = started.Id.ToString(CultureInfo.InvariantCulture);
        return int.Parse(File.ReadAllText($"/proc/{id}/task/{id}/children"), CultureInfo.InvariantCulture);
    }
}
