using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>A PID namespace of one test's own, which sees the processes in it and no others of the machine; gone with its first process.</summary>
static class PrivateProcesses
{
    /// <summary>What stands before a program that is to be the first of them. Its process id there is 1.</summary>
    public static IReadOnlyList<string> First { get; } = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];

    /// <summary>What stands before a program that is to run among them.</summary>
    /// <param name="started">What was started by <see cref="First"/>.</param>
    public static IReadOnlyList<string> Beside(Process started)
    {
        var id = started.Id.ToString(CultureInfo.InvariantCulture);
        return ["nsenter", "--target", File.ReadAllText($"/proc/{id}/task/{id}/children").Trim(), "--pid", "--mount"];
    }
}
