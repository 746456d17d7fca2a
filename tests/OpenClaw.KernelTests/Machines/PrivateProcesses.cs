using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>
/// A PID namespace of one test's own, which sees the processes in it and no others of the machine; gone with its first
/// process.
/// </summary>
static class PrivateProcesses
{
    /// <summary>What stands before a program that is to be the first of them. Its process id there is 1.</summary>
    public static IReadOnlyList<string> First { get; } = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];

    /// <summary>
    /// Starts a PID namespace whose first process does nothing; what stands before a program that is to run in it.
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

    /// <summary>What stands before a program that is to run among them.</summary>
    /// <param name="started">What was started by <see cref="First"/>.</param>
    public static IReadOnlyList<string> Beside(Process started)
    {
        var id = started.Id.ToString(CultureInfo.InvariantCulture);
        return ["nsenter", "--target", File.ReadAllText($"/proc/{id}/task/{id}/children").Trim(), "--pid", "--mount"];
    }
}
