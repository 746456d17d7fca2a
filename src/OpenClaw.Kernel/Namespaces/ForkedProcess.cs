using System.Collections;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// A child process that runs a program, in namespaces of its own where it should. It ends with its parent.
/// </summary>
public sealed class ForkedProcess
{
    ForkedProcess(int pid) => Pid = pid;

    /// <summary>The process id.</summary>
    public int Pid { get; }

    /// <summary>
    /// Starts a program. It gets SIGTERM when the calling thread ends. Missing where a step fails, with the system call
    /// and its error.
    /// </summary>
    /// <param name="program">The path of the program.</param>
    /// <param name="arguments">The arguments, the name of the process first.</param>
    /// <param name="isolated">True for a user namespace and a network namespace of its own; the user is root in
    /// them.</param>
    /// <param name="descriptors">The descriptors that it inherits, from number 3 on.</param>
    public static Reading<ForkedProcess> Start(
        string program,
        IReadOnlyList<string> arguments,
        bool isolated,
        params ReadOnlySpan<int> descriptors
    )
    {
        var environment = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            environment.Add($"{variable.Key}={variable.Value}");
        var namespaces = isolated ? Sched.CLONE_NEWUSER | Sched.CLONE_NEWNET : 0;
        var (pid, step, error) = ForkedChild.Start(program, arguments, environment, namespaces, descriptors);
        if (pid > 0)
            return new ForkedProcess(pid);
        var call = step switch
        {
            ForkStep.Unshare => "unshare(CLONE_NEWUSER | CLONE_NEWNET)",
            ForkStep.Map => "/proc/self/uid_map",
            ForkStep.Inherit => "dup2",
            ForkStep.Exec => program,
            _ => "fork",
        };
        return Missing.FromErrno(error, call, KernelCall.File);
    }

    /// <summary>Waits for its end. Returns its exit code; 128 and the signal where a signal ended it.</summary>
    public int Wait()
    {
        while (true)
        {
            if (SysWait.waitpid(Pid, out var status, 0) == Pid)
                return (status & 0x7f) is > 0 and var signal ? 128 + signal : (status >> 8) & 0xff;
            if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                return 0;
        }
    }

    /// <summary>Asks it to end (SIGTERM).</summary>
    public void Stop() => _ = Signal.kill(Pid, Signal.SIGTERM);

    /// <summary>Ends it at once (SIGKILL).</summary>
    public void Kill() => _ = Signal.kill(Pid, Signal.SIGKILL);
}
